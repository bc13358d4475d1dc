#ifndef CLOGITKERNELS_H
#define CLOGITKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The arithmetic of HeadServe's heads, one table of functions per instruction set.
//
// The baseline table defines the results. Within one table every number a kernel writes depends
// only on that number's own inputs: the order of each sum is fixed by its length alone, never by
// the batch, the row's place in it, the alignment, or how the work is cut over threads. All
// arithmetic is IEEE 754 single or double precision, rounded to nearest. The baseline rounds each
// product before it is added; the other tables fuse the two where the set can, so that they differ
// from the baseline within the bounds stated, and agree in every integer.
//
// Pointers may have any alignment that a float may have, except `panels` (64 bytes). Sizes may be
// zero. Written ranges must not overlap any other argument unless a comment says "in place".

/// Lanes in every fixed-order sum.
#define LOGIT_LANES 16

/// Outputs in one panel of packed weights.
#define LOGIT_PANEL 32

/// Values whose sum is taken in lanes before it joins the running total of a row.
#define LOGIT_TILE 512

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

// No entry of a table is null; arguments may be where their size is zero, so they carry no mark.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"

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

/// What turns logits into probabilities.
typedef enum logit_link {
    LOGIT_SOFTMAX,  ///< one distribution over all classes
    LOGIT_SIGMOID,  ///< one for each class
} logit_link;

/// What one pass over a row of logits l leaves beside its exponentials. For softmax, with
/// m = max l and e = exp(l - m), in nats; for sigmoid in the parentheses.
typedef struct logit_row_sums {
    double log_sum_exp;  ///< m + ln Σ e (0)
    double entropy;      ///< ln Σ e - Σ e·(l - m) / Σ e (Σ of the classes' binary entropies)
    double scale;        ///< 1 / Σ e, which turns each e into a probability (1)
} logit_row_sums;

/// Samples of a tile of draws in the sampling pass.
#define LOGIT_NOISE_TILE 12

/// The most samples of a block, and the bytes its values are kept below where K lets one tile be.
#define LOGIT_NOISE_BLOCK 96
#define LOGIT_NOISE_BLOCK_BYTES (1 << 20)

/// Samples of a block for K classes: as many tiles as fill LOGIT_NOISE_BLOCK_BYTES, at least one.
/// Depends on K alone, as the order of sums depends on it.
static inline size_t logit_noise_block_samples(size_t class_count) {
    const size_t classes = (class_count + LOGIT_PANEL - 1) / LOGIT_PANEL;
    const size_t tile_bytes = classes * LOGIT_PANEL * LOGIT_NOISE_TILE * sizeof(float);
    const size_t most = LOGIT_NOISE_BLOCK / LOGIT_NOISE_TILE;
    const size_t tiles = LOGIT_NOISE_BLOCK_BYTES / tile_bytes;
    return (tiles < 1 ? 1 : tiles < most ? tiles : most) * LOGIT_NOISE_TILE;
}

/// Bytes of one panel of loadings (`width` 32) or one tile of draws (`width` 12), of `rank` factors.
static inline size_t logit_noise_bytes(size_t rank, size_t width, bool is_bfloat16) {
    return (is_bfloat16 ? (rank + 1) / 2 * 2 * sizeof(uint16_t) : rank * sizeof(float)) * width;
}

/// One row's tempered logits in base 2, u = location + loadings · draws, one u a class and sample.
typedef struct logit_noise {
    const float *location;  ///< class by class, the last panel filled up with -infinity
    const void *loadings;  ///< panels, as `pack_loadings` lays them out
    const void *draws;  ///< tiles, as `pack_draws` lays them out
    size_t class_count, rank;
    size_t reference;  ///< the class with the largest location
    bool is_bfloat16;  ///< how loadings and draws are packed
} logit_noise;

/// The moments of a chunk of samples, each array but the last as long as all panels: with c the
/// mean of the first samples' probabilities p, Σ (p - c) and Σ (p - c)², and the samples' entropies
/// in nats. Deviations keep the digits that Σ p² - (Σ p)² / n would lose in float.
typedef struct logit_noise_chunk {
    float *centers, *deviations, *squares;
    double *entropies;
} logit_noise_chunk;

/// A function of each value on its own, in place.
typedef void logit_map(float *values, size_t count);

/// The kernels of one instruction set. Error bounds are in units in the last place (ulp) of the
/// result against the true value, and hold for every table.
///
/// Maps: NaN counts as -infinity; no input of any kind gives NaN or infinity, save softplus and
/// relu, which keep +infinity. exp, sigmoid and softplus flush results below 1.2e-38 to zero.
typedef struct logit_kernels {
    const char *_Nonnull name;
    bool (*_Nonnull is_supported)(void);

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

    /// maxima[i] = the largest of logits 32·i to 32·i + 31 of a row; any of them when one is NaN.
    void (*_Nonnull panel_maxima)(const float *logits, size_t class_count, float *maxima);

    /// output[v * stride + i] = Σ_j table[i * width + j] · vectors[v * width + j] for `row_count` i.
    /// Lane j mod 16 sums its products in the order of j; the lanes join as a tree of halves. The
    /// table is read once for all vectors.
    void (*_Nonnull row_scores)(
        const float *table, size_t width, size_t row_count, const float *vectors,
        size_t vector_count, float *output, size_t stride);

    logit_map *_Nonnull exp;  ///< ≤ 1 ulp on [-87.33, 88.72]; 0 below, constant above
    logit_map *_Nonnull log;  ///< ≤ 1 ulp for normal positive values, the only ones allowed
    logit_map *_Nonnull sigmoid;  ///< ≤ 3 ulp; 0 below -87.33
    logit_map *_Nonnull tanh;  ///< ≤ 3 ulp
    logit_map *_Nonnull softplus;  ///< ≤ 3 ulp; 0 below -87.33
    logit_map *_Nonnull relu;  ///< exact

    /// sines[i], cosines[i] = sin, cos of 2π (words[i] + 0.5) / 2^32; ≤ 3 ulp.
    void (*_Nonnull sine_cosine)(const uint32_t *words, size_t count, float *sines, float *cosines);

    /// In place, for each row of `rows`: l becomes e = exp(l - m). Each exponential is taken once.
    /// Infinities count as the largest finite floats and NaN as -infinity, so that a row without
    /// any finite logit is uniform. `class_count` must be positive. Sums run in double: 16 lanes
    /// within a tile of 512, joined as a tree of halves; tiles in order.
    void (*_Nonnull exponentiate)(
        float *rows, size_t row_count, size_t class_count, logit_row_sums *sums);

    /// What `exponentiate` and `sigmoid_rows` find in a row of l = scale · logits, the largest of
    /// which is `maximum`. The row is only read. False, and no result, where an l is not finite.
    bool (*_Nonnull sum_row)(
        const float *_Nonnull logits, size_t class_count, logit_link link, float scale,
        float maximum, logit_row_sums *_Nonnull sums);

    /// output[i]: the probability of logit i of such a row, as those two leave it, times `normalizer`
    /// and rounded to float. May be in place.
    void (*_Nonnull probabilities)(
        const float *logits, size_t count, logit_link link, float scale, float maximum,
        double normalizer, float *output);

    /// In place: values[i] becomes the float nearest to values[i] · scale.
    void (*_Nonnull rescale)(float *values, size_t count, double scale);

    /// In place, for each row of `rows`: l becomes p = sigmoid(l), as `sigmoid` has it. The
    /// entropies -(p ln p + (1-p) ln(1-p)) are summed as in `exponentiate`; each, taken from l and
    /// not from p, is good to 4 ulp of float.
    void (*_Nonnull sigmoid_rows)(
        float *rows, size_t row_count, size_t class_count, logit_row_sums *sums);

    /// With p = values[s * stride + k] · rows[s].scale in double: sums[k] += p, squares[k] += p²,
    /// in the order s = 0, 1, ….
    void (*_Nonnull accumulate)(
        const float *values, size_t stride, size_t sample_count, size_t class_count,
        const logit_row_sums *rows, double *sums, double *squares);

    /// Philox4x32-10 on 16 counters at once, in place: words[16 * i + lane] is word i of the
    /// lane's counter on entry and of its random block on return.
    void (*_Nonnull philox)(uint32_t words[4 * LOGIT_LANES], uint64_t key);

    /// draws[s * dimension_count + j]: standard normals. Key `seed`, counter (first_sample + s,
    /// j / 4), both as 64-bit little-endian pairs of words; words 0 and 1 of a block give its
    /// normals 0 and 1, words 2 and 3 its normals 2 and 3: radius sqrt(-2 ln u) from the first
    /// word, angle 2πv from the second, the cosine before the sine; u, v = (word + 0.5) / 2^32, u
    /// rounded to float. Always finite: |draw| ≤ sqrt(66 ln 2) < 6.7638.
    void (*_Nonnull normals)(
        uint64_t seed, uint64_t first_sample, size_t sample_count, size_t dimension_count,
        float *draws);

    /// logits[s * stride + k] = location[k] + Σ_r draws[s * rank + r] · loadings[r * stride + k]
    /// for k < class_count, summed in float from the location on, in the order r = 0, 1, ….
    void (*_Nonnull affine)(
        const float *location, const float *loadings, size_t rank, const float *draws,
        size_t sample_count, size_t class_count, size_t stride, float *logits);

    /// Whether loadings and draws may be packed in bfloat16.
    bool has_bfloat16_noise;

    /// Packs classes from the first of a panel on: rows[r * stride + k] · scale, for r < rank.
    /// False when one of them is not below 1e30 in size.
    bool (*_Nonnull pack_loadings)(
        const float *rows, size_t stride, size_t rank, size_t class_count, float scale,
        bool is_bfloat16, void *panels);

    /// location[k] = (values[k] + bias[k]) · scale, the bias left out when null, and -infinity to
    /// the end of the last panel. False when one of them is not below 1e30 in size.
    bool (*_Nonnull pack_location)(
        const float *values, const float *bias, size_t class_count, float scale, float *location);

    /// Packs draws[s * rank + r] from the first sample of a tile on; a tile's missing samples are
    /// zeros. Draws are below 7 in size.
    void (*_Nonnull pack_draws)(
        const float *draws, size_t sample_count, size_t rank, bool is_bfloat16, void *tiles);

    /// The moments of samples from `first` on, a multiple of the tile: softmax or sigmoid over all
    /// classes of each. `values` is scratch of block_samples × panels × 32 floats. A logit is summed
    /// in float from the location less the sample's shift on, in the order of r (in pairs for
    /// bfloat16, products in float); its power of two is within 2 ulp; the sums over the classes run
    /// in lanes of float through 12 panels and then in double; deviations in float, sample by sample.
    void (*_Nonnull sample)(
        const logit_noise *noise, size_t first, size_t sample_count, bool is_sigmoid,
        float *values, const logit_noise_chunk *chunk);

    /// sums[k] += Σ p, squares[k] += Σ p² of a chunk.
    void (*_Nonnull join_chunk)(
        const logit_noise_chunk *chunk, size_t sample_count, size_t class_count, double *sums,
        double *squares);

    /// Runs a pass of the dense kernel `rounds` times without any memory, to see how fast the
    /// processor can be. Returns the operations it took, two a multiply-add.
    double (*_Nonnull multiply_adds)(logit_format format, size_t rounds);

    /// Reads memory, 64-byte aligned, with the set's widest loads and does nothing with it. What
    /// exceeds the last multiple of 256 bytes is left out.
    void (*_Nonnull read_memory)(const void *bytes, size_t byte_count);
} logit_kernels;

/// The table of that name, or null when there is none or this machine cannot run it.
const logit_kernels *_Nullable logit_kernels_named(const char *_Nonnull name);

/// The fastest table this machine can run.
const logit_kernels *_Nonnull logit_kernels_best(void);

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

#pragma clang diagnostic pop

#endif
