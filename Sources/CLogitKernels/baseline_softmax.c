#include <math.h>

#include "functions.h"

/// A tile's sum: lane i mod 16 adds its values in order, then the lanes join as a tree of halves.
/// `tile` is padded with zeros to a multiple of 16, and adding a zero changes no sum.
static double sum_of_tile(const float *tile, size_t count) {
    double sums[LOGIT_LANES] = {0.0};
    for (size_t i = 0; i < count; i += LOGIT_LANES) {
        for (int lane = 0; lane < LOGIT_LANES; lane++) sums[lane] += (double)tile[i + lane];
    }
    for (int half = LOGIT_LANES / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
    }
    return sums[0];
}

static void pad_tile(float *tile, size_t count) {
    for (; count % LOGIT_LANES != 0; count++) tile[count] = 0.0f;
}

/// The largest value; -infinity when there is none but NaN. A maximum is exact in any order.
static float maximum_of(const float *row, size_t count) {
    float lanes[LOGIT_LANES];
    for (int lane = 0; lane < LOGIT_LANES; lane++) lanes[lane] = -INFINITY;
    size_t i = 0;
    for (; i + LOGIT_LANES <= count; i += LOGIT_LANES) {
        for (int lane = 0; lane < LOGIT_LANES; lane++) {
            lanes[lane] = row[i + lane] > lanes[lane] ? row[i + lane] : lanes[lane];
        }
    }
    for (; i < count; i++) lanes[0] = row[i] > lanes[0] ? row[i] : lanes[0];
    for (int lane = 1; lane < LOGIT_LANES; lane++) {
        lanes[0] = lanes[lane] > lanes[0] ? lanes[lane] : lanes[0];
    }
    return lanes[0];
}

/// e = exp(l - maximum) into `exponentials` and e·(l - maximum) into `products`.
static void exponentiate_tile(const float *restrict logits, size_t count, float maximum,
                              float *restrict exponentials, float *restrict products) {
    for (size_t i = 0; i < count; i++) {
        float t = logits[i] - maximum;
        float bounded = t > EXP_LOW ? t : EXP_LOW;
        float e = t >= EXP_LOW ? exp_in_range(bounded) : 0.0f;
        exponentials[i] = e;
        products[i] = e * bounded;  // 0 · -87.33 where 0 · -infinity would be NaN
    }
}

logit_row_sums logit_baseline_exponentiate(float *row, size_t count) {
    float exponentials[LOGIT_TILE], products[LOGIT_TILE];
    float maximum = maximum_of(row, count);
    if (isinf(maximum)) {
        for (size_t i = 0; i < count; i++) row[i] = finite_of(row[i]);
        maximum = finite_of(maximum);
    }
    double sum = 0.0, product_sum = 0.0;
    for (size_t first = 0; first < count; first += LOGIT_TILE) {
        size_t left = count - first;
        size_t size = left < LOGIT_TILE ? left : LOGIT_TILE;
        exponentiate_tile(row + first, size, maximum, exponentials, products);
        pad_tile(exponentials, size);
        pad_tile(products, size);
        sum += sum_of_tile(exponentials, size);
        product_sum += sum_of_tile(products, size);
        memcpy(row + first, exponentials, size * sizeof(float));
    }
    double log_sum = log_of_double(sum);
    logit_row_sums sums = {(double)maximum + log_sum, log_sum - product_sum / sum, 1.0 / sum};
    return sums;
}

void logit_baseline_rescale(float *values, size_t count, double scale) {
    for (size_t i = 0; i < count; i++) values[i] = (float)((double)values[i] * scale);
}

/// With e = exp(-|l|): p is 1/(1+e) or e/(1+e), and its entropy is ln(1+e) + |l| e/(1+e).
static void sigmoid_entropy_tile(const float *restrict logits, size_t count,
                                 float *restrict probabilities, float *restrict entropies) {
    for (size_t i = 0; i < count; i++) {
        float l = finite_of(logits[i]);
        float size = magnitude_of(l);
        size = size < 88.0f ? size : 88.0f;
        float e = exp_of(-size);
        float smaller = e / (1.0f + e);
        probabilities[i] = l >= 0.0f ? 1.0f / (1.0f + e) : smaller;
        entropies[i] = log1p_of_unit(e) + size * smaller;
    }
}

double logit_baseline_sigmoid_entropy(float *row, size_t count) {
    float probabilities[LOGIT_TILE], entropies[LOGIT_TILE];
    double entropy = 0.0;
    for (size_t first = 0; first < count; first += LOGIT_TILE) {
        size_t left = count - first;
        size_t size = left < LOGIT_TILE ? left : LOGIT_TILE;
        sigmoid_entropy_tile(row + first, size, probabilities, entropies);
        pad_tile(entropies, size);
        entropy += sum_of_tile(entropies, size);
        memcpy(row + first, probabilities, size * sizeof(float));
    }
    return entropy;
}
