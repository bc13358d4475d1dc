#include <string.h>

#include "baseline.h"

/// Rows that share one pass over a panel: their sums fill half of sixteen 4-float registers.
#define ROWS_AT_ONCE 2

/// sums[row][lane] = Σ_d inputs[row][d] · panel[d][lane], in the order of d.
static inline __attribute__((always_inline)) void multiply_panel(
    const float *inputs, const size_t rows, size_t input_count, const float *panel,
    float sums[ROWS_AT_ONCE][LOGIT_LANES]) {
    float running[ROWS_AT_ONCE][LOGIT_LANES] = {{0.0f}};
    for (size_t d = 0; d < input_count; d++) {
        for (size_t row = 0; row < rows; row++) {
            float x = inputs[row * input_count + d];
            for (int lane = 0; lane < LOGIT_LANES; lane++) {
                running[row][lane] += x * panel[d * LOGIT_LANES + lane];
            }
        }
    }
    for (size_t row = 0; row < rows; row++) {
        for (int lane = 0; lane < LOGIT_LANES; lane++) sums[row][lane] = running[row][lane];
    }
}

static void store_lanes(const float sums[LOGIT_LANES], const float *bias, size_t lanes,
                        float *output) {
    for (size_t lane = 0; lane < lanes; lane++) {
        output[lane] = bias ? sums[lane] + bias[lane] : sums[lane];
    }
}

void logit_baseline_dense(const float *inputs, size_t row_count, size_t input_count,
                          const float *panels, const float *bias, size_t output_count,
                          float *output, size_t output_stride) {
    float sums[ROWS_AT_ONCE][LOGIT_LANES];
    for (size_t first = 0; first < output_count; first += LOGIT_LANES) {
        const float *panel = panels + first * input_count;
        const float *panel_bias = bias ? bias + first : 0;
        size_t left = output_count - first;
        size_t lanes = left < LOGIT_LANES ? left : LOGIT_LANES;
        for (size_t row = 0; row < row_count; row += ROWS_AT_ONCE) {
            const float *x = inputs + row * input_count;
            float *out = output + row * output_stride + first;
            if (row + 1 == row_count) {
                multiply_panel(x, 1, input_count, panel, sums);
                store_lanes(sums[0], panel_bias, lanes, out);
            } else {
                multiply_panel(x, ROWS_AT_ONCE, input_count, panel, sums);
                store_lanes(sums[0], panel_bias, lanes, out);
                store_lanes(sums[1], panel_bias, lanes, out + output_stride);
            }
        }
    }
}

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

void logit_baseline_row_scores(const float *table, size_t width, size_t row_count,
                               const float *vector, float *output) {
    for (size_t i = 0; i < row_count; i++) output[i] = row_score(table + i * width, vector, width);
}
