#ifndef CLOGITKERNELS_PRODUCTS_H
#define CLOGITKERNELS_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logit_shapes.h"

// Products of rows with weights and with rows of a table.

/// Format of packed weights: the contents of each 32-bit word.
typedef enum logit_format {
    LOGIT_FLOAT32,   ///< the weight of one input
    LOGIT_BFLOAT16,  ///< the weights of inputs 2i (low half) and 2i + 1
    LOGIT_INT8,      ///< the weights of inputs 4i (lowest byte) to 4i + 3: integers from -127 to
                     ///< 127 in units of the output's scale, stored 128 higher
} logit_format;

/// Inputs whose weights share a word.
static inline size_t logit_inputs_per_word(logit_format format) {
    return format == LOGIT_FLOAT32 ? 1 : format == LOGIT_BFLOAT16 ? 2 : 4;
}

/// Words of one output's weights.
static inline size_t logit_words(logit_format format, size_t input_count) {
    size_t inputs = logit_inputs_per_word(format);
    return input_count / inputs + (input_count % inputs != 0);
}

/// K×D weights, packed: ceil(K / 32) panels of [words][32] words, 64-byte aligned. Places of a word
/// past the last input are zero.
typedef struct logit_weights {
    logit_format format;
    size_t output_count, input_count;
    const uint32_t *panels;
    const float *scales;  ///< [K] for int8
} logit_weights;

/// One word of a sparse row's inputs.
typedef struct logit_sparse_word {
    uint32_t place;   ///< its index among all words of the row, zeros included
    uint32_t inputs;  ///< as many inputs as share a word in the format
} logit_sparse_word;

/// A row of inputs given by its nonzero words, in ascending order of their places.
typedef struct logit_sparse_row {
    size_t first_word, word_count;  ///< the range of its words among those of all rows
    size_t output_row;
    float scale;     ///< int8: an input is its integer times this
    uint32_t total;  ///< int8: the sum of the row's integers
} logit_sparse_row;

/// Kernels of products.
typedef struct logit_product_kernels {
    /// output[b * stride + k] = bias[k] + Σ_d inputs[b * D + d] · w[k, d] for `output_count`
    /// outputs k from `first_output` on, which is a multiple of 32. `bias` may be null.
    ///
    /// float32: summed in float in the order of d, the bias last. bfloat16: inputs are rounded to
    /// bfloat16 too; products are exact and summed in the same way, though a set may swap inputs 2i
    /// and 2i + 1 and treat subnormal numbers as zero. int8: inputs are rounded to integers in
    /// units of s = max_d |inputs[b, d]| / 127. The sum of products is exact for D ≤ 2^17;
    /// converted to float, it is multiplied by (s · scale[k]) and the bias is added, with the same
    /// result on every set. A row with an infinity or NaN gives NaN. Needs 0.6 MiB of stack.
    void (*_Nonnull dense)(
        const float *inputs, size_t row_count, const logit_weights *_Nonnull weights,
        size_t first_output, size_t output_count, const float *bias, float *output, size_t stride);

    /// The same bits as `dense` gives for the same rows with their zeros, at a cost in time and
    /// memory of the nonzero words alone. Row r writes output row rows[r].output_row; words have
    /// the format of the weights.
    void (*_Nonnull sparse)(
        const logit_sparse_row *rows, size_t row_count, const logit_sparse_word *words,
        const logit_weights *_Nonnull weights, size_t first_output, size_t output_count,
        const float *bias, float *output, size_t stride);

    /// output[v * stride + i] = Σ_j table[i * width + j] · vectors[v * width + j] for `row_count`
    /// rows i. Lane j mod 16 sums its products in the order of j; the lanes are joined as a tree of
    /// halves. The table is read once for all vectors.
    void (*_Nonnull row_scores)(
        const float *table, size_t width, size_t row_count, const float *vectors,
        size_t vector_count, float *output, size_t stride);
} logit_product_kernels;

/// Packs some of the weights into `panels`, which are the panels of `weights`; the other members of
/// `weights` must be set, the scales included.
///
/// `rows` are `row_count` rows of the source from row `first` on: of [K, D] when `output_major`,
/// else of [D, K]. Lanes of the last panel without an output, and places of a word without an
/// input, stay as they are.
void logit_pack_rows(const float *_Nullable rows, size_t first, size_t row_count,
                     bool output_major, const logit_weights *_Nonnull weights,
                     uint32_t *_Nullable panels);

/// Raises the scales, which start at zero, as far as the weights of some rows of the source need.
void logit_measure_rows(const float *_Nullable rows, size_t first, size_t row_count,
                        bool output_major, size_t output_count, size_t input_count,
                        float *_Nullable scales);

/// Writes `count` inputs of a sparse row as words of the format, at most `count` of them, and sets
/// all members of `row` but `first_word` and `output_row`. Columns ascend without repetition.
void logit_sparse_words(logit_format format, const uint32_t *_Nullable columns,
                        const float *_Nullable values, size_t count,
                        logit_sparse_word *_Nullable words, logit_sparse_row *_Nonnull row);

#endif
