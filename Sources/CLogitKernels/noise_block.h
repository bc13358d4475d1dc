#ifndef LOGIT_NOISE_BLOCK_H
#define LOGIT_NOISE_BLOCK_H

#include "noise_tile.h"

/// Panels whose lanes are summed in float before they join the double sums of a sample: 24 values
/// a lane at 16 lanes, 96 at 4. A product of as many factors of at most 2 stays in range.
#define PANELS_A_GROUP 12

#define LN2 0.69314718055994530942

/// What a pass over the classes makes of a logit t (base 2, less the sample's shift).
typedef enum {
    pass_softmax,  ///< value 2^t; sums Σ 2^t and Σ 2^t·t
    pass_raised,  ///< the same after t is lowered by what its sample's shift is raised
    pass_sigmoid,  ///< value 1/(1 + 2^-t); sums Σ log2(1 + 2^-|t|) and Σ |t| 2^-|t|/(1 + 2^-|t|)
    pass_maximum,  ///< no value; the largest t
} block_pass;

/// Lanes of one sample's sums; for pass_sigmoid the first is the product of all 1 + 2^-|t|, so that
/// one logarithm serves a group.
typedef struct {
    vec first, second;
} lane_sums;

typedef struct {
    double first, second;
} sample_sums;

/// The samples of a block: `tile_count` tiles from `first_tile` on, `shifts` of each of them.
typedef struct {
    size_t first_tile, tile_count;
    float shifts[LOGIT_NOISE_BLOCK], raises[LOGIT_NOISE_BLOCK];
    sample_sums sums[LOGIT_NOISE_BLOCK];
} sample_block;

/// Whether a sample's first sum is one.
INLINE bool is_sum(const block_pass pass) { return pass == pass_softmax || pass == pass_raised; }

INLINE lane_sums empty_lanes(const block_pass pass) {
    const vec first = pass == pass_sigmoid ? 1.0f : pass == pass_maximum ? -INFINITY : 0.0f;
    const vec zero = 0.0f;
    lane_sums sums = {first, zero};
    return sums;
}

INLINE void add_softmax(vec t, float *value, lane_sums *sums) {
    t = bounded_exponent(t);
    vec e = exp2_of(t);
    store(value, e);
    sums->first = sums->first + e;
    sums->second = sums->second + e * t;
}

INLINE void add_sigmoid(vec t, float *value, lane_sums *sums) {
    t = bounded_exponent(t);
    vec size = t > 0.0f ? t : -t;
    size = size < 127.0f ? size : (vec)127.0f;
    vec e = exp2_of(-size), sum = 1.0f + e;
    vec larger = 1.0f / sum, smaller = e * larger;
    store(value, t >= 0.0f ? larger : smaller);
    sums->first = sums->first * sum;
    sums->second = sums->second + size * smaller;
}

INLINE void add_maximum(vec t, lane_sums *sums) {
    sums->first = t > sums->first ? t : sums->first;
}

/// A tile whose logits are there and whose values are still to be taken.
typedef struct {
    tile_vectors t;
    const float *raises;
    float *values;     ///< [12 samples][32 classes] at the tile's place in both
    lane_sums *lanes;  ///< of its samples
} pending_tile;

/// Takes the values of one sample of a tile.
INLINE void take_sample(const block_pass pass, const pending_tile *tile, size_t i) {
    lane_sums sums = tile->lanes[i];
    _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
        const vec t = tile->t[i][j];
        float *value = tile->values + i * PANEL + j * VEC_LANES;
        if (pass == pass_softmax) add_softmax(t, value, &sums);
        if (pass == pass_raised) add_softmax(t - tile->raises[i], value, &sums);
        if (pass == pass_sigmoid) add_sigmoid(t, value, &sums);
        if (pass == pass_maximum) add_maximum(t, &sums);
    }
    tile->lanes[i] = sums;
}

INLINE void take_tile(const block_pass pass, const pending_tile *tile) {
    for (size_t i = 0; i < TILE_SAMPLES; i++) take_sample(pass, tile, i);
}

/// sums += products of factors, or of pairs of them, `first` to `end`.
INLINE void add_products_of(const logit_noise *noise, const void *panel, const void *draws,
                            size_t first, size_t end, tile_vectors sums) {
#ifdef SET_HAS_BFLOAT16
    if (noise->is_bfloat16) {
        add_pairs_of(panel, draws, first, end, sums);
        return;
    }
#endif
    add_factors_of(panel, draws, first, end, sums);
}

/// t[i][j] = location - shifts[i] + Σ_r draws[r][i] · panel[r][j], summed in that order. Meanwhile
/// the values of the tile before it, if there is one, are taken sample by sample: exponentials keep
/// the adders busy and products the multipliers. Worth 2 % of a pass in float32, 3 % in bfloat16.
INLINE void tile_logits(const logit_noise *noise, const block_pass pass, const void *panel,
                        const float *location, const void *draws, const float *shifts,
                        const pending_tile *before, tile_vectors t) {
    tile_vectors sums;
    _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            sums[i][j] = load(location + j * VEC_LANES) - shifts[i];
        }
    }
    const size_t terms = noise->is_bfloat16 ? (noise->rank + 1) / 2 : noise->rank;
    size_t done = 0;
    if (before) {
        const size_t step = terms / TILE_SAMPLES;
        for (size_t i = 0; i < TILE_SAMPLES; i++) {
            add_products_of(noise, panel, draws, done, done + step, sums);
            done += step;
            take_sample(pass, before, i);
        }
    }
    add_products_of(noise, panel, draws, done, terms, sums);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            t[i][j] = sums[i][j];
        }
    }
}

static const void *panel_at(const logit_noise *noise, size_t panel) {
    const size_t bytes = logit_noise_bytes(noise->rank, PANEL, noise->is_bfloat16);
    return (const char *)noise->loadings + panel * bytes;
}

static const void *tile_at(const logit_noise *noise, size_t tile) {
    const size_t bytes = logit_noise_bytes(noise->rank, TILE, noise->is_bfloat16);
    return (const char *)noise->draws + tile * bytes;
}

/// The tile that waits for its values, and room for the next.
typedef struct {
    pending_tile tiles[2];
    unsigned next;
    bool is_any;
} tile_pipe;

INLINE void drain(const block_pass pass, tile_pipe *pipe) {
    if (pipe->is_any) take_tile(pass, &pipe->tiles[1 - pipe->next]);
    pipe->is_any = false;
}

/// One panel × one tile of 12 samples. A class or a sample is four bytes in either packing: a float
/// or a pair of bfloat16.
INLINE void pass_panel(const logit_noise *noise, const block_pass pass, size_t panel,
                       const void *draws, const float *shifts, const float *raises, float *values,
                       lane_sums *lanes, tile_pipe *pipe) {
    const char *loadings = panel_at(noise, panel);
    const float *location = noise->location + panel * PANEL;
    for (size_t s = 0; s < TILE; s += TILE_SAMPLES) {
        for (size_t k = 0; k < PANEL; k += TILE_CLASSES) {
            pending_tile *tile = &pipe->tiles[pipe->next];
            const pending_tile *before = pipe->is_any ? &pipe->tiles[1 - pipe->next] : 0;
            tile_logits(noise, pass, loadings + 4 * k, location + k, (const char *)draws + 4 * s,
                        shifts + s, before, tile->t);
            tile->raises = raises + s;
            tile->values = values + s * PANEL + k;
            tile->lanes = lanes + s;
            pipe->next = 1 - pipe->next;
            pipe->is_any = true;
#ifndef TILES_OVERLAP
            drain(pass, pipe);  // with few registers both at once cost more than they save
#endif
        }
    }
}

typedef double double_vec __attribute__((ext_vector_type(VEC_LANES)));
typedef double double_8 __attribute__((ext_vector_type(8)));
typedef double double_4 __attribute__((ext_vector_type(4)));
typedef double double_2 __attribute__((ext_vector_type(2)));

/// What joins two halves of lanes in a pass's first sum: addition, multiplication or the larger.
#define JOIN(pass, a, b)                                          \
    ((pass) == pass_sigmoid   ? (a) * (b)                         \
     : (pass) == pass_maximum ? __builtin_elementwise_max(a, b)   \
                              : (a) + (b))

/// The lanes in double, joined as a tree of halves. In registers: a loop over lanes took a tenth
/// of the time of a panel.
INLINE double join_lanes_of(const block_pass pass, vec lanes) {
    const double_vec wide = __builtin_convertvector(lanes, double_vec);
#if VECTOR_BYTES == 64
    const double_8 eight = JOIN(pass, wide.lo, wide.hi);
    const double_4 four = JOIN(pass, eight.lo, eight.hi);
#elif VECTOR_BYTES == 32
    const double_4 four = JOIN(pass, wide.lo, wide.hi);
#else
    const double_4 four = wide;
#endif
    const double_2 two = JOIN(pass, four.lo, four.hi);
    return JOIN(pass, two.x, two.y);
}

/// Joins the lanes with the sums in double, and empties them.
INLINE void join_sums(const block_pass pass, lane_sums *lanes, sample_sums *sums) {
    const double first = join_lanes_of(pass, lanes->first);
    if (is_sum(pass)) sums->first += first;
    if (pass == pass_sigmoid) sums->first += log_of_double(first) / LN2;
    if (pass == pass_maximum) sums->first = first > sums->first ? first : sums->first;
    sums->second += join_lanes_of(pass_softmax, lanes->second);
    *lanes = empty_lanes(pass);
}

/// One pass over all classes for the samples of a block. `values` is [panel][sample][32].
INLINE void pass_block(const logit_noise *noise, const block_pass pass, sample_block *block,
                       float *values) {
    lane_sums lanes[LOGIT_NOISE_BLOCK];
    const size_t sample_count = block->tile_count * TILE;
    const size_t panel_count = (noise->class_count + PANEL - 1) / PANEL;
    for (size_t s = 0; s < sample_count; s++) {
        lanes[s] = empty_lanes(pass);
        block->sums[s].first = pass == pass_maximum ? -INFINITY : 0.0;
        block->sums[s].second = 0.0;
    }
    tile_pipe pipe = {.next = 0, .is_any = false};
    for (size_t panel = 0; panel < panel_count; panel++) {
        for (size_t i = 0; i < block->tile_count; i++) {
            const size_t s = i * TILE;
            pass_panel(noise, pass, panel, tile_at(noise, block->first_tile + i), block->shifts + s,
                       block->raises + s, values + (panel * sample_count + s) * PANEL, lanes + s,
                       &pipe);
        }
        if ((panel + 1) % PANELS_A_GROUP == 0 || panel + 1 == panel_count) {
            drain(pass, &pipe);
            for (size_t s = 0; s < sample_count; s++) {
                join_sums(pass, &lanes[s], &block->sums[s]);
            }
        }
    }
}

#endif
