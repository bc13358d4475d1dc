#ifndef LOGIT_DENSE_H
#define LOGIT_DENSE_H

#include "set.h"

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

static void dense(const float *inputs, size_t row_count, size_t input_count,
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

#endif
