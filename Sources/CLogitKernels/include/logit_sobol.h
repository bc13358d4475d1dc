#ifndef CLOGITKERNELS_SOBOL_H
#define CLOGITKERNELS_SOBOL_H

#include <stddef.h>
#include <stdint.h>

// The directions of digital nets, which are the same for every instruction set.

/// Dimensions that have directions.
#define LOGIT_SOBOL_DIMENSIONS 256

/// Directions of a dimension: one for each bit of a point's index.
#define LOGIT_SOBOL_BITS 32

/// Writes the directions of a dimension, below LOGIT_SOBOL_DIMENSIONS. Coordinate `dimension` of
/// point i, times 2^32, is the exclusive or of those that belong to the bits of i.
void logit_sobol_directions(size_t dimension, uint32_t directions[LOGIT_SOBOL_BITS]);

/// Bits of the number of points that there are nets of: 4, 8 and 16.
#define LOGIT_NET_LEAST_BITS 2
#define LOGIT_NET_MOST_BITS 4

/// Writes the first `bits` directions of a dimension, below LOGIT_SOBOL_DIMENSIONS, of the net of
/// 2^bits points: more even than Sobol's, in the interactions of the first coordinates above all,
/// and only as a whole. Each has its first `bits` digits alone.
void logit_net_directions(size_t dimension, int bits, uint32_t directions[LOGIT_SOBOL_BITS]);

#endif
