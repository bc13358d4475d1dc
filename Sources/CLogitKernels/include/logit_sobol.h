#ifndef CLOGITKERNELS_SOBOL_H
#define CLOGITKERNELS_SOBOL_H

#include <stddef.h>
#include <stdint.h>

// The directions of Sobol's points, which are the same for every instruction set.

/// Dimensions that have directions.
#define LOGIT_SOBOL_DIMENSIONS 256

/// Directions of a dimension: one for each bit of a point's index.
#define LOGIT_SOBOL_BITS 32

/// Writes the directions of a dimension, below LOGIT_SOBOL_DIMENSIONS. Coordinate `dimension` of
/// point i, times 2^32, is the exclusive or of those that belong to the bits of i.
void logit_sobol_directions(size_t dimension, uint32_t directions[LOGIT_SOBOL_BITS]);

#endif
