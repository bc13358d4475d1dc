#ifndef CLOGITKERNELS_SAMPLING_H
#define CLOGITKERNELS_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logit_links.h"
#include "logit_shapes.h"

// Draws, noisy logits, and the moments of their probabilities over the samples.

/// Samples in a tile of draws.
#define LOGIT_NOISE_TILE 12

/// Limits of a block of samples: their number, and the bytes of their values, unless one tile alone
/// has more.
#define LOGIT_NOISE_MAX_BLOCK_SAMPLES 96
#define LOGIT_NOISE_MAX_BLOCK_BYTES (1 << 20)

/// Samples in a block for K classes: as many tiles as LOGIT_NOISE_MAX_BLOCK_BYTES holds, at least
/// one. Depends on K alone, since the order of sums depends on it.
static inline size_t logit_noise_block_samples(size_t class_count) {
    const size_t classes = (class_count + LOGIT_PANEL - 1) / LOGIT_PANEL;
    const size_t tile_bytes = classes * LOGIT_PANEL * LOGIT_NOISE_TILE * sizeof(float);
    const size_t max_tiles = LOGIT_NOISE_MAX_BLOCK_SAMPLES / LOGIT_NOISE_TILE;
    const size_t tiles = LOGIT_NOISE_MAX_BLOCK_BYTES / tile_bytes;
    return (tiles < 1 ? 1 : tiles < max_tiles ? tiles : max_tiles) * LOGIT_NOISE_TILE;
}

/// Bytes of one panel of loadings (`width` 32) or one tile of draws (`width` 12) of `rank` factors.
static inline size_t logit_noise_bytes(size_t rank, size_t width, bool is_bfloat16) {
    return (is_bfloat16 ? (rank + 1) / 2 * 2 * sizeof(uint16_t) : rank * sizeof(float)) * width;
}

/// The highest rank of loadings that are weighed.
#define LOGIT_AXES_MAX_RANK 64

/// One row's tempered logits in base 2: u = location + loadings · draws, one u per class and
/// sample.
typedef struct logit_noise {
    const float *location;  ///< class by class, the last panel padded with -infinity
    const void *loadings;  ///< panels, as `pack_loadings` writes them
    const void *draws;  ///< tiles, as `pack_draws` writes them
    size_t class_count, rank;
    size_t reference;  ///< the class with the largest location
    bool is_bfloat16;  ///< how loadings and draws are packed
} logit_noise;

/// The numbers that turn a sample's logits t in base 2 into probabilities:
/// 2^(t - shift - raise) · weight; 1 / (1 + 2^-t) under the sigmoid.
typedef struct logit_sample_scale {
    float shift, raise, weight;
} logit_sample_scale;

/// The block of a chunk whose values are not in the moments yet: the number of its samples, 0 at
/// the beginning of a chunk, whether it is the chunk's first, the weights that turn values into
/// probabilities and, if leads are taken, the deviations p_L - c_L.
typedef struct logit_noise_waiting {
    size_t sample_count;
    bool is_first;
    float weights[LOGIT_NOISE_MAX_BLOCK_SAMPLES], leader[LOGIT_NOISE_MAX_BLOCK_SAMPLES];
} logit_noise_waiting;

/// The moments of a chunk of samples: with c the mean of the first block's probabilities p,
/// Σ (p - c) and Σ (p - c)², each array as long as all panels, and the samples' entropies in nats.
/// Deviations keep the digits that Σ p² - (Σ p)² / n would lose in float. The leads are
/// Σ ((p_L - c_L) - (p - c))² of the reference class L: differences are squared, not subtracted,
/// so that two classes that rise and fall together keep their digits too.
typedef struct logit_noise_chunk {
    float *centers, *deviations, *squares;
    double *entropies;
    logit_sample_scale *scales;  ///< one a sample; null where they are not wanted
    uint32_t *votes;  ///< one a class, added to: samples that it leads; null as well
    float *leads;  ///< as long as all panels; null as well
    size_t sample_count;
    logit_noise_waiting waiting;
} logit_noise_chunk;

/// Kernels of sampling.
typedef struct logit_sampling_kernels {
    /// With p = values[s * stride + k] · rows[s].scale in double: sums[k] += p, squares[k] += p²,
    /// in the order s = 0, 1, ….
    void (*_Nonnull accumulate)(
        const float *values, size_t stride, size_t sample_count, size_t class_count,
        const logit_row_sums *rows, double *sums, double *squares);

    /// Philox4x32-10 on 16 counters at once, in place: words[16 * i + lane] is word i of the
    /// lane's counter on entry and of its random block on return.
    void (*_Nonnull philox)(uint32_t words[4 * LOGIT_LANES], uint64_t key);

    /// draws[s * dimension_count + j]: standard normals by Philox and Box–Muller. The key is
    /// `seed`, the counter (first_sample + s, j / 4), both as 64-bit little-endian pairs of words.
    /// Words 0 and 1 of a block give its normals 0 and 1, words 2 and 3 its normals 2 and 3: radius
    /// sqrt(-2 ln u) from the first word, angle 2πv from the second, the cosine before the sine.
    /// u, v = (word + 0.5) / 2^32, u rounded to float. Always finite:
    /// |draw| ≤ sqrt(66 ln 2) < 6.7638.
    void (*_Nonnull normals)(
        uint64_t seed, uint64_t first_sample, size_t sample_count, size_t dimension_count,
        float *draws);

    /// draws[s * stride + j] for j < dimension_count: Φ⁻¹((x + ½) / 2³²) with Φ the normal
    /// distribution function and x coordinate j of point first + s of a digital net in base 2: the
    /// exclusive or of shifts[j] and of the directions that belong to the bits of the point's
    /// index. steps[b * dimension_count + j] is the exclusive or of the directions of bits 0 … b,
    /// for all bits of the indices. Always finite, below 6.34 in magnitude. The absolute error of
    /// Φ⁻¹ is at most 2e-6.
    void (*_Nonnull net_normals)(
        const uint32_t *steps, const uint32_t *shifts, size_t dimension_count, uint64_t first,
        size_t sample_count, size_t stride, float *draws);

    /// logits[k] = m / sqrt(1 + π/8 Σ_r (scale · loadings[r * stride + k])²) with
    /// m = location[k] ln 2: what noise leaves of a mean logit, by its probability.
    void (*_Nonnull shrink_logits)(
        const float *loadings, size_t stride, size_t rank, size_t class_count, float scale,
        const float *location, float *logits);

    /// sums[r] += Σ_k w a_r and, for r ≤ q, products[r * rank + q] += Σ_k w a_r a_q, where
    /// a_r = loadings[r * stride + k] and w = weights[k]; rank ≤ LOGIT_AXES_MAX_RANK. In float
    /// within 512 classes, in double beyond.
    void (*_Nonnull weigh_loadings)(
        const float *loadings, size_t stride, size_t rank, size_t class_count,
        const float *weights, double *sums, double *products);

    /// logits[s * stride + k] = location[k] + Σ_r draws[s * rank + r] · loadings[r * stride + k]
    /// for k < class_count, summed in float, the location first, in the order r = 0, 1, ….
    void (*_Nonnull affine)(
        const float *location, const float *loadings, size_t rank, const float *draws,
        size_t sample_count, size_t class_count, size_t stride, float *logits);

    /// Whether loadings and draws may be packed in bfloat16.
    bool has_bfloat16_noise;

    /// Packs rows[r * stride + k] · scale for r < rank, where k = 0 is the first class of a panel.
    /// False if one of them is not below 1e30 in magnitude.
    bool (*_Nonnull pack_loadings)(
        const float *rows, size_t stride, size_t rank, size_t class_count, float scale,
        bool is_bfloat16, void *panels);

    /// location[k] = (values[k] + bias[k]) · scale, without the bias if it is null, and -infinity
    /// to the end of the last panel. False if one of them is not below 1e30 in magnitude.
    bool (*_Nonnull pack_location)(
        const float *values, const float *bias, size_t class_count, float scale, float *location);

    /// Packs draws[s * rank + r], where s = 0 is the first sample of a tile; missing samples of the
    /// last tile become zeros. Draws are below 51 in magnitude.
    void (*_Nonnull pack_draws)(
        const float *draws, size_t sample_count, size_t rank, bool is_bfloat16, void *tiles);

    /// Adds samples `from` up to `to` of a chunk to its moments: softmax or sigmoid over all
    /// classes. The chunk begins at sample `first`, a multiple of the tile. `from` is a multiple of
    /// block_samples, so that the moments do not depend on how many calls make them; calls are in
    /// the order of samples. A call leaves its last block to the next one; that of the chunk's last
    /// sample leaves none. `values`, which calls hand on, is block_samples × panels × 32 floats. A
    /// logit is summed in float, beginning with the location less the sample's shift, in the order
    /// of r (bfloat16: in pairs, their products in float). Its power of two is within 2 ulp. Sums
    /// over the classes run in lanes of float through 12 panels, then in double; deviations are
    /// summed in float, sample by sample.
    void (*_Nonnull sample)(
        const logit_noise *noise, size_t first, size_t from, size_t to, bool is_sigmoid,
        float *values, logit_noise_chunk *chunk);

    /// values[c * sample_count + s] = the probability of class classes[c] in the sample s of which
    /// scales[s] was kept, at most 1. A logit is summed in the order of `sample`, pairs of bfloat16
    /// one after the other, which some instruction sets round together.
    void (*_Nonnull trace)(
        const logit_noise *noise, size_t sample_count, bool is_sigmoid,
        const logit_sample_scale *scales, const uint32_t *classes, size_t class_count,
        float *values);

    /// votes[k] += the number of rows values[s * stride …] of which value k is the first largest.
    void (*_Nonnull count_votes)(
        const float *values, size_t stride, size_t sample_count, size_t class_count,
        uint32_t *votes);

    /// Adds a chunk to the sums of all: sums[k] += Σ p, squares[k] += Σ p².
    void (*_Nonnull join_chunk)(
        const logit_noise_chunk *chunk, size_t sample_count, size_t class_count, double *sums,
        double *squares);

    /// Adds a chunk to leads[k] = Σ (p_L - p_k)² of all, where class `leader` is the reference L.
    void (*_Nonnull join_leads)(
        const logit_noise_chunk *chunk, size_t sample_count, size_t class_count, size_t leader,
        double *leads);

    /// With p as `accumulate` has it: leads[k - first] += (p_L - p_k)² for `count` classes k from
    /// `first` on, in the order s = 0, 1, ….
    void (*_Nonnull accumulate_leads)(
        const float *values, size_t stride, size_t sample_count, size_t first, size_t count,
        const logit_row_sums *rows, size_t leader, double *leads);
} logit_sampling_kernels;

#endif
