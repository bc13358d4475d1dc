#ifndef LOGIT_ROWS_H
#define LOGIT_ROWS_H

#include "set.h"

static inline void add_products(float sums[LOGIT_LANES], const float *left, const float *right) {
    for (int lane = 0; lane < LOGIT_LANES; lane++) sums[lane] += left[lane] * right[lane];
}

static float row_score(const float *row, const float *vector, size_t width) {
    float sums[LOGIT_LANES] = {0.0f};
    size_t j = 0;
    for (; j + LOGIT_LANES <= width; j += LOGIT_LANES) add_products(sums, row + j, vector + j);
    if (j < width) {
        // Padding adds 0 · 0, which changes no sum: none of them is ever -0.
        float row_end[LOGIT_LANES] = {0.0f}, vector_end[LOGIT_LANES] = {0.0f};
        memcpy(row_end, row + j, (width - j) * sizeof(float));
        memcpy(vector_end, vector + j, (width - j) * sizeof(float));
        add_products(sums, row_end, vector_end);
    }
    for (int half = LOGIT_LANES / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
    }
    return sums[0];
}

static void row_scores(const float *table, size_t width, size_t row_count,
                               const float *vector, float *output) {
    for (size_t i = 0; i < row_count; i++) output[i] = row_score(table + i * width, vector, width);
}

#endif
