#ifndef CLOGITKERNELS_SHAPES_H
#define CLOGITKERNELS_SHAPES_H

// The widths that the order of sums depends on.

/// Lanes in every fixed-order sum.
#define LOGIT_LANES 16

/// Outputs in one panel of packed weights.
#define LOGIT_PANEL 32

/// Values whose sum is taken in lanes before it joins the running total of a row.
#define LOGIT_TILE 512

#endif
