#ifndef CLOGITKERNELS_LINKS_H
#define CLOGITKERNELS_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "logit_shapes.h"

// From the logits of a row to its probabilities and sums.

/// The function that turns logits into probabilities.
typedef enum logit_link {
    LOGIT_SOFTMAX,  ///< one distribution over all classes
    LOGIT_SIGMOID,  ///< one distribution for each class
} logit_link;

/// Sums of a row of logits l, in nats: for softmax, with m = max l and e = exp(l - m); in
/// parentheses for sigmoid.
typedef struct logit_row_sums {
    double log_sum_exp;  ///< m + ln Σ e (0)
    double entropy;      ///< ln Σ e - Σ e·(l - m) / Σ e (Σ of the classes' binary entropies)
    double scale;        ///< 1 / Σ e, which turns each e into a probability (1)
} logit_row_sums;

/// Kernels of the links.
typedef struct logit_link_kernels {
    /// maxima[i] = the largest of logits 32·i to 32·i + 31 of a row; any one of them if one is NaN.
    void (*_Nonnull panel_maxima)(const float *logits, size_t class_count, float *maxima);

    /// In place, for each row of `rows`: l becomes e = exp(l - m). Each exponential is computed
    /// once. Infinities count as the largest finite floats and NaN as -infinity, so that a row
    /// without any finite logit is uniform. `class_count` must be positive. Sums run in double: 16
    /// lanes within a tile of 512, joined as a tree of halves; tiles in order.
    void (*_Nonnull exponentiate)(
        float *rows, size_t row_count, size_t class_count, logit_row_sums *sums);

    /// The sums that `exponentiate` or `sigmoid_rows` finds in a row of l = scale · logits, the
    /// largest of which is `maximum`. Only reads the row. False if an l is not finite; `sums` are
    /// meaningless then.
    bool (*_Nonnull sum_row)(
        const float *_Nonnull logits, size_t class_count, logit_link link, float scale,
        float maximum, logit_row_sums *_Nonnull sums);

    /// output[i]: logit i of such a row as `exponentiate` or `sigmoid_rows` would leave it, times
    /// `normalizer` and rounded to float. May be in place.
    void (*_Nonnull probabilities)(
        const float *logits, size_t count, logit_link link, float scale, float maximum,
        double normalizer, float *output);

    /// In place: values[i] becomes the float nearest to values[i] · scale.
    void (*_Nonnull rescale)(float *values, size_t count, double scale);

    /// In place, for each row of `rows`: l becomes p = sigmoid(l), as the map `sigmoid` computes
    /// it. The entropies -(p ln p + (1-p) ln(1-p)) are summed as in `exponentiate`; each is
    /// computed from l, not from p, and good to 4 ulp of float.
    void (*_Nonnull sigmoid_rows)(
        float *rows, size_t row_count, size_t class_count, logit_row_sums *sums);
} logit_link_kernels;

#endif
