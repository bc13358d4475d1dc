#ifndef LOGIT_NOISE_AXES_H
#define LOGIT_NOISE_AXES_H

#include "vectors.h"

/// Classes whose loadings are at hand at a time: 128 KiB of the highest rank.
#define AXES_CLASSES 512

/// Rows and columns of the products that are summed in registers at a time.
#define AXES_SIDE 4

static void shrink_logits(const float *loadings, size_t stride, size_t rank, size_t class_count,
                          float scale, const float *location, float *logits) {
    const float factor = 0x1.921fb6p-2f * scale * scale;  // π / 8
    for (size_t first = 0; first < class_count; first += AXES_CLASSES) {
        const size_t left = class_count - first;
        const size_t count = left < AXES_CLASSES ? left : AXES_CLASSES;
        float squares[AXES_CLASSES] = {0.0f};
        for (size_t r = 0; r < rank; r++) {
            const float *row = loadings + r * stride + first;
            for (size_t k = 0; k < count; k++) squares[k] += row[k] * row[k];
        }
        for (size_t k = 0; k < count; k++) {
            const float mean = location[first + k] * 0x1.62e430p-1f;  // ln 2
            logits[first + k] = mean / __builtin_elementwise_sqrt(1.0f + factor * squares[k]);
        }
    }
}

/// Loadings of some classes, with zeros behind the last class and the last factor.
typedef float axes_panel[LOGIT_AXES_MAX_RANK + AXES_SIDE][AXES_CLASSES];

/// The sum of the lanes, in their order.
INLINE double sum_of_vector(floats v) {
    float lanes[VECTOR_LANES];
    store(lanes, v);
    double sum = 0.0;
    for (int i = 0; i < VECTOR_LANES; i++) sum += (double)lanes[i];
    return sum;
}

/// Adds the products of four weighted rows with four others.
static void add_square(float weighted[AXES_SIDE][AXES_CLASSES], axes_panel panel, size_t column,
                       double sums[AXES_SIDE][AXES_SIDE]) {
    floats products[AXES_SIDE][AXES_SIDE] = {{0.0f}};
    for (size_t k = 0; k < AXES_CLASSES; k += VECTOR_LANES) {
        floats a[AXES_SIDE];
        _Pragma("clang loop unroll(full)") for (int j = 0; j < AXES_SIDE; j++) {
            a[j] = load(panel[column + j] + k);
        }
        _Pragma("clang loop unroll(full)") for (int i = 0; i < AXES_SIDE; i++) {
            const floats b = load(weighted[i] + k);
            _Pragma("clang loop unroll(full)") for (int j = 0; j < AXES_SIDE; j++) {
                products[i][j] = products[i][j] + b * a[j];
            }
        }
    }
    for (int i = 0; i < AXES_SIDE; i++) {
        for (int j = 0; j < AXES_SIDE; j++) sums[i][j] = sum_of_vector(products[i][j]);
    }
}

static void weigh_loadings(const float *loadings, size_t stride, size_t rank, size_t class_count,
                           const float *weights, double *sums, double *products) {
    axes_panel panel;
    float weighted[AXES_SIDE][AXES_CLASSES];
    for (size_t first = 0; first < class_count; first += AXES_CLASSES) {
        const size_t left = class_count - first;
        const size_t count = left < AXES_CLASSES ? left : AXES_CLASSES;
        memset(panel, 0, (rank + AXES_SIDE) * sizeof panel[0]);
        for (size_t r = 0; r < rank; r++) {
            memcpy(panel[r], loadings + r * stride + first, count * sizeof(float));
        }
        memset(weighted, 0, sizeof weighted);
        for (size_t r = 0; r < rank; r += AXES_SIDE) {
            const size_t rows = rank - r < AXES_SIDE ? rank - r : AXES_SIDE;
            for (size_t i = 0; i < rows; i++) {
                double sum = 0.0;
                for (size_t k = 0; k < count; k++) {
                    weighted[i][k] = weights[first + k] * panel[r + i][k];
                    sum += (double)weighted[i][k];
                }
                sums[r + i] += sum;
            }
            for (size_t q = r; q < rank; q += AXES_SIDE) {
                double square[AXES_SIDE][AXES_SIDE];
                add_square(weighted, panel, q, square);
                for (size_t i = 0; i < rows; i++) {
                    for (size_t j = 0; j < AXES_SIDE && q + j < rank; j++) {
                        products[(r + i) * rank + q + j] += square[i][j];
                    }
                }
            }
        }
    }
}

#endif
