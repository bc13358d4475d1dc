#ifndef LOGIT_NOISE_BLOCK_H
#define LOGIT_NOISE_BLOCK_H

#include "noise_deviations.h"
#include "noise_sums.h"

/// The samples of a block: `tile_count` tiles from `first_tile` on, and each sample's shift, raise
/// and sums.
typedef struct {
    size_t first_tile, tile_count;
    float shifts[LOGIT_NOISE_MAX_BLOCK_SAMPLES], raises[LOGIT_NOISE_MAX_BLOCK_SAMPLES];
    sample_sums sums[LOGIT_NOISE_MAX_BLOCK_SAMPLES];
} sample_block;

INLINE void add_softmax(floats t, float *value, lane_sums *sums) {
    t = bounded_exponent(t);
    floats e = exp2_of(t);
    store(value, e);
    sums->first = sums->first + e;
    sums->second = sums->second + e * t;
}

INLINE void add_sigmoid(floats t, float *value, lane_sums *sums) {
    t = bounded_exponent(t);
    floats size = t > 0.0f ? t : -t;
    size = size < 127.0f ? size : (floats)127.0f;
    floats e = exp2_of(-size), sum = 1.0f + e;
    floats larger = 1.0f / sum, smaller = e * larger;
    store(value, t >= 0.0f ? larger : smaller);
    sums->first = sums->first * sum;
    sums->second = sums->second + size * smaller;
}

INLINE void add_maximum(floats t, lane_sums *sums) {
    sums->first = t > sums->first ? t : sums->first;
}

/// A tile whose logits are computed and whose values are not.
typedef struct {
    tile_vectors t;
    const float *raises;
    float *values;     ///< the tile's first value in [12 samples][32 classes]
    lane_sums *lanes;  ///< of its samples
} pending_tile;

/// Computes the values of one sample of a tile.
INLINE void take_sample(const block_pass pass, const pending_tile *tile, size_t i) {
    lane_sums sums = tile->lanes[i];
    _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
        const floats t = tile->t[i][j];
        float *value = tile->values + i * PANEL + j * VECTOR_LANES;
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

/// sums += products of factors, or of pairs of factors, from `first` to `end`.
INLINE void add_products_of(const logit_noise *noise, const tile_terms *terms, size_t first,
                            size_t end, tile_vectors sums) {
#ifdef SET_HAS_BFLOAT16
    if (noise->is_bfloat16) {
        add_pairs_of(terms, first, end, sums);
        return;
    }
#endif
    add_factors_of(terms, first, end, sums);
}

/// t[i][j] = location - shifts[i] + Σ_r draws[r][i] · panel[r][j], summed in that order. In
/// between, the values of the tile before it, if there is one, are computed sample by sample:
/// exponentials keep the adders busy and products the multipliers.
INLINE void tile_logits(const logit_noise *noise, const block_pass pass, const tile_terms *terms,
                        const float *location, const float *shifts, const pending_tile *before,
                        tile_vectors t) {
    tile_vectors sums;
    _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            sums[i][j] = load(location + j * VECTOR_LANES) - shifts[i];
        }
    }
    const size_t count = noise->is_bfloat16 ? (noise->rank + 1) / 2 : noise->rank;
    size_t done = 0;
    if (before) {
        const size_t step = count / TILE_SAMPLES;
        for (size_t i = 0; i < TILE_SAMPLES; i++) {
            add_products_of(noise, terms, done, done + step, sums);
            done += step;
            take_sample(pass, before, i);
        }
    }
    add_products_of(noise, terms, done, count, sums);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            t[i][j] = sums[i][j];
        }
    }
}

static const char *panel_at(const logit_noise *noise, size_t panel) {
    const size_t bytes = logit_noise_bytes(noise->rank, PANEL, noise->is_bfloat16);
    return (const char *)noise->loadings + panel * bytes;
}

static const char *tile_at(const logit_noise *noise, size_t tile) {
    const size_t bytes = logit_noise_bytes(noise->rank, TILE, noise->is_bfloat16);
    return (const char *)noise->draws + tile * bytes;
}

/// The tile that waits for its values, and space for the next one.
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
/// or a pair of bfloat16. The loadings of the next panel, or of the first one for the next block,
/// are fetched meanwhile, each line by one of the register tiles: a panel is read from the shared
/// cache for every block, and without this the pass would wait for it a fifth of its time.
INLINE void pass_panel(const logit_noise *noise, const block_pass pass, size_t panel,
                       const char *draws, const float *shifts, const float *raises, float *values,
                       lane_sums *lanes, tile_pipe *pipe) {
    const bool is_last = (panel + 1) * PANEL >= noise->class_count;
    const char *loadings = panel_at(noise, panel);
    const ptrdiff_t next = panel_at(noise, is_last ? 0 : panel + 1) - loadings;
    const float *location = noise->location + panel * PANEL;
    for (size_t s = 0; s < TILE; s += TILE_SAMPLES) {
        for (size_t k = 0; k < PANEL; k += TILE_CLASSES) {
            pending_tile *tile = &pipe->tiles[pipe->next];
            const pending_tile *before = pipe->is_any ? &pipe->tiles[1 - pipe->next] : 0;
            const tile_terms terms = {
                loadings + 4 * k, draws + 4 * s,
                next + (ptrdiff_t)(s / TILE_SAMPLES * CACHE_LINE % (4 * TILE_CLASSES))};
            tile_logits(noise, pass, &terms, location + k, shifts + s, before, tile->t);
            tile->raises = raises + s;
            tile->values = values + s * PANEL + k;
            tile->lanes = lanes + s;
            pipe->next = 1 - pipe->next;
            pipe->is_any = true;
#ifndef TILES_OVERLAP
            drain(pass, pipe);  // with few registers the overlap costs more than it saves
#endif
        }
    }
}

/// Runs one pass over all classes for the samples of a block. `values` is [panel][sample][32]; the
/// values of the block that waits, if a chunk is given, are added to its moments before they are
/// written over. Those of a panel end no later than they did in that block, which is no smaller.
INLINE void pass_block(const logit_noise *noise, const block_pass pass, sample_block *block,
                       float *values, const logit_noise_chunk *chunk) {
    lane_sums lanes[LOGIT_NOISE_MAX_BLOCK_SAMPLES];
    const size_t sample_count = block->tile_count * TILE;
    const size_t panel_count = (noise->class_count + PANEL - 1) / PANEL;
    for (size_t s = 0; s < sample_count; s++) {
        lanes[s] = empty_lanes(pass);
        block->sums[s].first = pass == pass_maximum ? -INFINITY : 0.0;
        block->sums[s].second = 0.0;
    }
    tile_pipe pipe = {.next = 0, .is_any = false};
    const bool adds = chunk && chunk->waiting.sample_count > 0;
    for (size_t panel = 0; panel < panel_count; panel++) {
        if (adds) add_waiting(chunk, values, panel, panel + 1 == panel_count);
        for (size_t i = 0; i < block->tile_count; i++) {
            const size_t s = i * TILE;
            pass_panel(noise, pass, panel, tile_at(noise, block->first_tile + i), block->shifts + s,
                       block->raises + s, values + (panel * sample_count + s) * PANEL, lanes + s,
                       &pipe);
        }
        if ((panel + 1) % GROUP_PANELS == 0 || panel + 1 == panel_count) {
            drain(pass, &pipe);
            for (size_t s = 0; s < sample_count; s++) {
                join_sums(pass, &lanes[s], &block->sums[s]);
            }
        }
    }
}

#endif
