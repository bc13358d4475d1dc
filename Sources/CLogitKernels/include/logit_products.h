#ifndef CLOGITKERNELS_PRODUCTS_H
#define CLOGITKERNELS_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logit_shapes.h"

// Products of rows with weights and with rows of a table.

/// What a 32-bit word of packed weights holds.
typedef enum logit_format {
    LOGIT_FLOAT32,   ///< the weight of one input
    LOGIT_BFLOAT16,  ///< of inputs 2i (low half) and 2i + 1
    LOGIT_INT8,      ///< of inputs 4i (lowest byte) to 4i + 3, as integers from -127 to 127 times
                     ///< the output's scale, stored 128 higher
} logit_format;

/// Inputs to whose weights a word belongs.
static inline size_t logit_inputs_per_word(logit_format format) {
    return format == LOGIT_FLOAT32 ? 1 : format == LOGIT_BFLOAT16 ? 2 : 4;
}

/// Words for the weights of one output.
static inline size_t logit_words(logit_format format, size_t input_count) {
    size_t inputs = logit_inputs_per_word(format);
    return input_count / inputs + (input_count % inputs != 0);
}

/// K×D weights, packed: ceil(K / 32) panels of [words][32] words, 64-byte aligned. In a word of
/// fewer inputs than it has places the other places are zero.
typedef struct logit_weights {
    logit_format format;
    size_t output_count, input_count;
    const uint32_t *panels;
    const float *scales;  ///< [K] for int8
} logit_weights;

/// A word of a sparse row's inputs.
typedef struct logit_sparse_word {
    uint32_t place;   ///< among the words of the whole row
    uint32_t inputs;  ///< of as many inputs as the format has in a word
} logit_sparse_word;

/// A row of inputs of which only some words are there, in ascending order; the others are zero.
typedef struct logit_sparse_row {
    size_t first_word, word_count;  ///< where its words are among those of all rows
    size_t output_row;
    float scale;     ///< for int8: what an integer of the row stands for
    uint32_t total;  ///< and the sum of its integers
} logit_sparse_row;

/// The kernels of products.
typedef struct logit_product_kernels {
    /// output[b * stride + k] = bias[k] + Σ_d inputs[b * D + d] · w[k, d] for `output_count` k from
    /// `first_output` on, a multiple of 32; the bias may be null.
    ///
    /// float32: summed in float in the order of d, the bias last. bfloat16: inputs are rounded to
    /// bfloat16 too; their products are exact and summed likewise, though a set may swap inputs 2i
    /// and 2i + 1 and take subnormal numbers for zero. int8: with s = max_d |inputs[b, d]| / 127
    /// inputs become integers of that scale; their sum of products is exact for D ≤ 2^17, and as a
    /// float is multiplied by (s · scale[k]), then the bias added: the same on every set. A row
    /// with an infinity or NaN gives NaN. Needs 0.6 MiB of stack.
    void (*_Nonnull dense)(
        const float *inputs, size_t row_count, const logit_weights *_Nonnull weights,
        size_t first_output, size_t output_count, const float *bias, float *output, size_t stride);

    /// The same bits as `dense` for rows whose other inputs are zero, but for the time and memory of
    /// the words that are there. Row r writes output row rows[r].output_row; the words are of the
    /// weights' format.
    void (*_Nonnull sparse)(
        const logit_sparse_row *rows, size_t row_count, const logit_sparse_word *words,
        const logit_weights *_Nonnull weights, size_t first_output, size_t output_count,
        const float *bias, float *output, size_t stride);

    /// output[v * stride + i] = Σ_j table[i * width + j] · vectors[v * width + j] for `row_count` i.
    /// Lane j mod 16 sums its products in the order of j; the lanes join as a tree of halves. The
    /// table is read once for all vectors.
    void (*_Nonnull row_scores)(
        const float *table, size_t width, size_t row_count, const float *vectors,
        size_t vector_count, float *output, size_t stride);
} logit_product_kernels;

/// Lays some of the weights out in their place among `panels`, those of `weights`, whose other
/// members must be set, the scales included.
///
/// `rows` are `row_count` rows of the source from row `first` on: of [K, D] when `output_major`,
/// else of [D, K]. Lanes of the last panel that belong to no output are left alone, as are places
/// in a word that belong to no input.
void logit_pack_rows(const float *_Nullable rows, size_t first, size_t row_count,
                     bool output_major, const logit_weights *_Nonnull weights,
                     uint32_t *_Nullable panels);

/// Makes room in the scales, which start at zero, for the weights of some rows of the source.
void logit_measure_rows(const float *_Nullable rows, size_t first, size_t row_count,
                        bool output_major, size_t output_count, size_t input_count,
                        float *_Nullable scales);

/// Lays `count` inputs of a sparse row out as words of the format, `count` of them at most, and sets
/// all members of `row` but `first_word` and `output_row`. Columns ascend, without repetition.
void logit_sparse_words(logit_format format, const uint32_t *_Nullable columns,
                        const float *_Nullable values, size_t count,
                        logit_sparse_word *_Nullable words, logit_sparse_row *_Nonnull row);

#endif
