#ifndef CLOGITKERNELS_SHAPES_H
#define CLOGITKERNELS_SHAPES_H

// The widths that fix the order of sums.

/// Lanes in every fixed-order sum.
#define LOGIT_LANES 16

/// Outputs in one panel of packed weights.
#define LOGIT_PANEL 32

/// Values of a row that are summed in lanes before their sum joins the row's running total.
#define LOGIT_TILE 512

#endif
