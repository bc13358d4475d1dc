#ifndef CLOGITKERNELS_QUADRATURE_H
#define CLOGITKERNELS_QUADRATURE_H

#include <stddef.h>

#include "logit_links.h"
#include "logit_products.h"
#include "logit_shapes.h"

// Laws of probabilities whose logits have normal noise, as integrals over one variable.

/// Largest deviation of a logit that `label_laws` integrates over.
#define LOGIT_MAX_DEVIATION 40

/// Kernels of quadrature.
typedef struct logit_quadrature_kernels {
    /// output[k] = Σ_d w[k, d]² · factors[d], summed in float in the order of d, for `output_count`
    /// outputs k from `first_output` on, which is a multiple of 32. Factors are not rounded to the
    /// format of the weights.
    void (*_Nonnull squared_weights)(
        const float *factors, const logit_weights *_Nonnull weights, size_t first_output,
        size_t output_count, float *output);

    /// deviations[k] = scale · sqrt(variances[k] + Σ_r rows[r * stride + k]²), the sum in double;
    /// without `variances` if they are null.
    void (*_Nonnull deviations)(
        const float *rows, size_t stride, size_t row_count, const double *variances,
        size_t class_count, float scale, float *deviations);

    /// The law of p = sigmoid(m + s z), z standard normal, for each label's m and s: the mean of p,
    /// its variance, and the mean of its binary entropy, in nats. s counts as at most
    /// LOGIT_MAX_DEVIATION.
    ///
    /// The trapezoid rule in z on [-8, 8] with steps of 1 / (2n), n = ceil(s / 2) for the largest s
    /// of 16 labels in a row. Of m > 0 the complement is integrated, so that 1 - p keeps its
    /// digits. The means of p and of the entropy are within 2^-21, and so is the deviation of p.
    void (*_Nonnull label_laws)(
        const float *means, const float *deviations, size_t class_count, double *probabilities,
        double *variances, float *entropies);

    /// With p = values[s * stride + k] · rows[s].scale and w = weights[s] in double:
    /// sums[k] += w p, squares[k] += w p², in the order s = 0, 1, ….
    void (*_Nonnull accumulate_weighted)(
        const float *values, size_t stride, size_t sample_count, size_t class_count,
        const logit_row_sums *rows, const double *weights, double *sums, double *squares);
} logit_quadrature_kernels;

#endif
