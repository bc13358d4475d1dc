#ifndef LOGIT_QUADRATURE_H
#define LOGIT_QUADRATURE_H

#include "functions.h"
#include "noise_block.h"
#include "sampling.h"

/// Nodes whose terms are summed in float before their sums join those of all nodes in double.
#define NODES_AT_ONCE 32

#define LOG2_OF_E 1.442695040888963407f

/// The weights of an output's words, one after the other: see `logit_weights`.
INLINE float weight_of(const logit_format format, uint32_t word, size_t input) {
    if (format == LOGIT_FLOAT32) return float_of(word);
    if (format == LOGIT_BFLOAT16) return float_of(input == 0 ? word << 16 : word & 0xffff0000u);
    return (float)((int32_t)(word >> 8 * input & 0xffu) - 128);
}

/// Adds the squares of one panel's weights times the factors.
INLINE void square_panel(const logit_format format, const uint32_t *panel, size_t input_count,
                         const float *factors, float sums[LOGIT_PANEL]) {
    const size_t inputs = logit_inputs_per_word(format);
    for (size_t lane = 0; lane < LOGIT_PANEL; lane++) sums[lane] = 0.0f;
    for (size_t first = 0; first < input_count; first += inputs, panel += LOGIT_PANEL) {
        const size_t left = input_count - first;
        for (size_t i = 0; i < inputs && i < left; i++) {
            const float factor = factors[first + i];
            for (size_t lane = 0; lane < LOGIT_PANEL; lane++) {
                const float weight = weight_of(format, panel[lane], i);
                sums[lane] += weight * weight * factor;
            }
        }
    }
}

/// See `logit_kernels.squared_weights`.
static void squared_weights(const float *factors, const logit_weights *weights,
                            size_t first_output, size_t output_count, float *output) {
    const size_t panel_words = logit_words(weights->format, weights->input_count) * LOGIT_PANEL;
    for (size_t k = 0; k < output_count; k += LOGIT_PANEL) {
        const size_t place = first_output + k, left = output_count - k;
        const size_t lanes = left < LOGIT_PANEL ? left : LOGIT_PANEL;
        const uint32_t *panel = weights->panels + place / LOGIT_PANEL * panel_words;
        float sums[LOGIT_PANEL];
        if (weights->format == LOGIT_FLOAT32) {
            square_panel(LOGIT_FLOAT32, panel, weights->input_count, factors, sums);
        } else if (weights->format == LOGIT_BFLOAT16) {
            square_panel(LOGIT_BFLOAT16, panel, weights->input_count, factors, sums);
        } else {
            square_panel(LOGIT_INT8, panel, weights->input_count, factors, sums);
            for (size_t lane = 0; lane < lanes; lane++) {
                const float scale = weights->scales[place + lane];
                sums[lane] *= scale * scale;
            }
        }
        memcpy(output + k, sums, lanes * sizeof(float));
    }
}

/// See `logit_kernels.deviations`.
static void label_deviations(const float *rows, size_t stride, size_t row_count,
                       const double *variances, size_t class_count, float scale,
                       float *deviations) {
    for (size_t first = 0; first < class_count; first += CLASSES_AT_ONCE) {
        const size_t left = class_count - first;
        const size_t size = left < CLASSES_AT_ONCE ? left : CLASSES_AT_ONCE;
        double sums[CLASSES_AT_ONCE];
        for (size_t k = 0; k < size; k++) sums[k] = variances ? variances[first + k] : 0.0;
        for (size_t r = 0; r < row_count; r++) {
            const float *row = rows + r * stride + first;
            for (size_t k = 0; k < size; k++) sums[k] += (double)row[k] * (double)row[k];
        }
        for (size_t k = 0; k < size; k++) {
            deviations[first + k] = (float)((double)scale * sqrt(sums[k]));
        }
    }
}

/// ln(1 + x) for x in [0, 1], as `log1p_of_unit`.
INLINE floats log1p_of_units(floats x) {
    const floats s = x / (2.0f + x), z = s * s;
    floats p = 0x1.f1b2c6p-3f;
    p = p * z + 0x1.b6d5b0p-3f;
    p = p * z + 0x1.25097cp-2f;
    p = p * z + 0x1.9996a8p-2f;
    p = p * z + 0x1.555558p-1f;
    return 2.0f * s + s * (z * p);
}

/// A label's probability at a node, and its entropy in nats.
typedef struct {
    floats probability, entropy;
} node_values;

/// The values at a logit in base 2.
INLINE node_values values_at(floats t) {
    floats size = t > 0.0f ? t : -t;
    size = size < 126.0f ? size : (floats)126.0f;
    const floats e = exp2_of(-size);
    const floats larger = 1.0f / (1.0f + e), smaller = e * larger;
    node_values values = {t >= 0.0f ? larger : smaller,
                          log1p_of_units(e) + size * (float)LN2 * smaller};
    return values;
}

enum { LABEL_VECTORS = LOGIT_LANES / VECTOR_LANES };

/// Sixteen labels, their logits in base 2, and their sums over nodes in units of the weights:
/// of p - c, (p - c)² and the entropy, with c the probability at z = 0.
typedef struct {
    floats mean[LABEL_VECTORS], deviation[LABEL_VECTORS], center[LABEL_VECTORS];
    doubles first[LABEL_VECTORS], second[LABEL_VECTORS], entropy[LABEL_VECTORS];
} label_group;

/// Adds the nodes `z` with their weights to one vector of labels.
INLINE void add_nodes(label_group *group, const int j, const float z[NODES_AT_ONCE],
                      const float weights[NODES_AT_ONCE]) {
    const floats mean = group->mean[j], deviation = group->deviation[j], c = group->center[j];
    floats first = 0.0f, second = 0.0f, entropy = 0.0f;
    for (size_t i = 0; i < NODES_AT_ONCE; i++) {
        const node_values values = values_at(mean + deviation * z[i]);
        const floats distance = values.probability - c, part = distance * weights[i];
        first = first + part;
        second = second + part * distance;
        entropy = entropy + values.entropy * weights[i];
    }
    group->first[j] = group->first[j] + __builtin_convertvector(first, doubles);
    group->second[j] = group->second[j] + __builtin_convertvector(second, doubles);
    group->entropy[j] = group->entropy[j] + __builtin_convertvector(entropy, doubles);
}

/// Integrates over 32 n nodes from -8 up to 8; the node at 8, of weight 5e-15, is left out.
static void integrate_labels(label_group *group, int n) {
    const float step = 0.5f / (float)n;
    for (int block = 0; block < n; block++) {
        float z[NODES_AT_ONCE], weights[NODES_AT_ONCE];
        for (int i = 0; i < NODES_AT_ONCE; i++) {
            z[i] = (float)(block * NODES_AT_ONCE + i - 16 * n) * step;
            weights[i] = exp_in_range(-0.5f * (z[i] * z[i]));
        }
        for (int j = 0; j < LABEL_VECTORS; j++) add_nodes(group, j, z, weights);
    }
}

/// Loads up to 16 labels and returns n. Lanes without a label are zero.
static int load_labels(label_group *group, const float *means, const float *deviations,
                       size_t count) {
    float mean[LOGIT_LANES] = {0.0f}, deviation[LOGIT_LANES] = {0.0f}, largest = 0.0f;
    for (size_t lane = 0; lane < count; lane++) {
        const float s = deviations[lane] < LOGIT_MAX_DEVIATION ? deviations[lane]
                                                               : LOGIT_MAX_DEVIATION;
        mean[lane] = -magnitude_of(means[lane]) * LOG2_OF_E;
        deviation[lane] = s * LOG2_OF_E;
        largest = s > largest ? s : largest;
    }
    for (int j = 0; j < LABEL_VECTORS; j++) {
        group->mean[j] = load(mean + j * VECTOR_LANES);
        group->deviation[j] = load(deviation + j * VECTOR_LANES);
        group->center[j] = values_at(group->mean[j]).probability;
        group->first[j] = group->second[j] = group->entropy[j] = (doubles){0.0};
    }
    const int n = (int)ceilf(largest * 0.5f);
    return n > 1 ? n : 1;
}

/// See `logit_kernels.label_laws`.
static void label_laws(const float *means, const float *deviations, size_t class_count,
                       double *probabilities, double *variances, float *entropies) {
    for (size_t k = 0; k < class_count; k += LOGIT_LANES) {
        const size_t left = class_count - k, count = left < LOGIT_LANES ? left : LOGIT_LANES;
        label_group group;
        const int n = load_labels(&group, means + k, deviations + k, count);
        integrate_labels(&group, n);
        const double unit = 0.39894228040143267794 * 0.5 / n;  // step / √(2π)
        double first[LOGIT_LANES], second[LOGIT_LANES], entropy[LOGIT_LANES];
        float center[LOGIT_LANES];
        memcpy(first, group.first, sizeof first);
        memcpy(second, group.second, sizeof second);
        memcpy(entropy, group.entropy, sizeof entropy);
        memcpy(center, group.center, sizeof center);
        for (size_t lane = 0; lane < count; lane++) {
            const double shift = first[lane] * unit, p = (double)center[lane] + shift;
            const double variance = second[lane] * unit - shift * shift;
            probabilities[k + lane] = means[k + lane] > 0.0f ? 1.0 - p : p;
            variances[k + lane] = variance > 0.0 ? variance : 0.0;
            entropies[k + lane] = (float)(entropy[lane] * unit);
        }
    }
}

static void accumulate_node(const float *restrict values, size_t count, double scale,
                            double weight, double *restrict sums, double *restrict squares) {
    for (size_t k = 0; k < count; k++) {
        const double p = (double)values[k] * scale, part = p * weight;
        sums[k] += part;
        squares[k] += part * p;
    }
}

/// See `logit_kernels.accumulate_weighted`.
static void accumulate_weighted(const float *values, size_t stride, size_t sample_count,
                                size_t class_count, const logit_row_sums *rows,
                                const double *weights, double *sums, double *squares) {
    for (size_t k = 0; k < class_count; k += CLASSES_AT_ONCE) {
        const size_t left = class_count - k;
        const size_t size = left < CLASSES_AT_ONCE ? left : CLASSES_AT_ONCE;
        for (size_t s = 0; s < sample_count; s++) {
            accumulate_node(values + s * stride + k, size, rows[s].scale, weights[s], sums + k,
                            squares + k);
        }
    }
}

#endif
