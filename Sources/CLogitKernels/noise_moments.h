#ifndef LOGIT_NOISE_MOMENTS_H
#define LOGIT_NOISE_MOMENTS_H

#include "noise_block.h"
#include "noise_trace.h"

// The sampling pass. A block of samples goes over all classes once, reads the loadings as a stream
// and leaves its exponentials in `values`. Once the sums of its samples are known, they can be
// added to the moments of the classes, which the next block does on its way. No exponential is
// computed twice, and there is no array of samples × classes.

/// Bounds on a sample's Σ 2^t. At or above the upper one some 2^t may have been cut at EXP2_HIGH:
/// logits rise far above the shift. The class that the shift comes from gives 2^0 = 1, so below the
/// lower one the logits are so large that their rounding moves them by more than a power of two.
/// Between the two, all that was flushed to zero is less than 2^-125 of the sum.
#define MIN_SUM 0.5
#define MAX_SUM 0x1p100

/// Sets each sample's shift to its logit of class `noise->reference`, base 2. It is close to the
/// sample's largest logit, since that class has the largest location.
static void refer_shifts(const logit_noise *noise, sample_block *block) {
    const size_t panel = noise->reference / PANEL, lane = noise->reference % PANEL;
    const size_t vector = lane / VECTOR_LANES % TILE_VECTORS, place = lane % VECTOR_LANES;
    const size_t part = lane / TILE_CLASSES * TILE_CLASSES;
    const float zeros[TILE_SAMPLES] = {0.0f};
    for (size_t s = 0; s < block->tile_count * TILE; s += TILE_SAMPLES) {
        tile_vectors t;
        const tile_terms terms = {
            panel_at(noise, panel) + 4 * part,
            tile_at(noise, block->first_tile + s / TILE) + 4 * (s % TILE), 0};
        tile_logits(noise, pass_maximum, &terms, noise->location + panel * PANEL + part, zeros, 0,
                    t);
        for (int i = 0; i < TILE_SAMPLES; i++) {
            float lanes[VECTOR_LANES];
            store(lanes, t[i][vector]);
            block->shifts[s + i] = lanes[place];
        }
    }
}

/// Sets the raise of each sample whose sum is out of bounds to its largest t; false if there is no
/// such sample. Subtracted from the same t computed again, it leaves exactly 0 for the largest,
/// however coarsely large logits are rounded.
static bool raise_shifts(const logit_noise *noise, sample_block *block, float *values) {
    bool is_far[LOGIT_NOISE_MAX_BLOCK_SAMPLES], is_any = false;
    for (size_t s = 0; s < block->tile_count * TILE; s++) {
        const double sum = block->sums[s].first;
        is_far[s] = !(sum >= MIN_SUM && sum < MAX_SUM);
        is_any |= is_far[s];
    }
    if (!is_any) return false;
    pass_block(noise, pass_maximum, block, values, 0);
    for (size_t s = 0; s < block->tile_count * TILE; s++) {
        block->raises[s] = is_far[s] ? (float)block->sums[s].first : 0.0f;
    }
    return true;
}

/// Computes a block's values, over those of the block that waits, the weight of each sample that
/// turns its values into probabilities, and each sample's entropy in nats.
static void finish_softmax(const logit_noise *noise, sample_block *block, float *values,
                           const logit_noise_chunk *chunk, float *weights, double *entropies) {
    refer_shifts(noise, block);
    pass_block(noise, pass_softmax, block, values, chunk);
    if (raise_shifts(noise, block, values)) {
        pass_block(noise, pass_raised, block, values, 0);
    } else {
        memset(block->raises, 0, sizeof block->raises);
    }
    for (size_t s = 0; s < block->tile_count * TILE; s++) {
        const double sum = block->sums[s].first;
        const double entropy = log_of_double(sum) - LN2 * (block->sums[s].second / sum);
        entropies[s] = entropy > 0.0 ? entropy : 0.0;
        weights[s] = (float)(1.0 / sum);
    }
}

static void finish_sigmoid(const logit_noise *noise, sample_block *block, float *values,
                           const logit_noise_chunk *chunk, float *weights, double *entropies) {
    memset(block->shifts, 0, sizeof block->shifts);
    memset(block->raises, 0, sizeof block->raises);
    pass_block(noise, pass_sigmoid, block, values, chunk);
    for (size_t s = 0; s < block->tile_count * TILE; s++) {
        entropies[s] = LN2 * (block->sums[s].first + block->sums[s].second);
        weights[s] = 1.0f;
    }
}

/// Adds the block that waits to the moments.
static void finish_chunk(const logit_noise *noise, const float *values, logit_noise_chunk *chunk) {
    const size_t panel_count = (noise->class_count + PANEL - 1) / PANEL;
    for (size_t panel = 0; panel < panel_count; panel++) {
        add_waiting(chunk, values, panel, panel + 1 == panel_count);
    }
    chunk->waiting.sample_count = 0;
}

/// Keeps what is wanted of a block's samples beside the moments.
static void keep_samples(const logit_noise *noise, const sample_block *block, const float *values,
                         const float *weights, size_t done, size_t size,
                         const logit_noise_chunk *chunk) {
    for (size_t s = 0; chunk->scales && s < size; s++) {
        const logit_sample_scale scale = {block->shifts[s], block->raises[s], weights[s]};
        chunk->scales[done + s] = scale;
    }
    if (chunk->votes) count_leaders(noise, values, block->tile_count * TILE, size, chunk->votes);
}

/// Leaves a block to the next one.
static void leave_block(const logit_noise *noise, const float *values, const float *weights,
                        size_t size, bool is_first, logit_noise_chunk *chunk) {
    chunk->waiting.sample_count = size;
    chunk->waiting.is_first = is_first;
    memcpy(chunk->waiting.weights, weights, size * sizeof *weights);
    if (chunk->leads) deviate_leader(noise, values, chunk);
}

/// See `logit_kernels.sample`.
static void sample(const logit_noise *noise, size_t first, size_t from, size_t to,
                   bool is_sigmoid, float *values, logit_noise_chunk *chunk) {
    const size_t block_samples = logit_noise_block_samples(noise->class_count);
    for (size_t done = from; done < to;) {
        const size_t left = to - done;
        const size_t size = left < block_samples ? left : block_samples;
        sample_block block;
        float weights[LOGIT_NOISE_MAX_BLOCK_SAMPLES];
        double entropies[LOGIT_NOISE_MAX_BLOCK_SAMPLES];
        block.first_tile = (first + done) / TILE;
        block.tile_count = (size + TILE - 1) / TILE;
        if (is_sigmoid) {
            finish_sigmoid(noise, &block, values, chunk, weights, entropies);
        } else {
            finish_softmax(noise, &block, values, chunk, weights, entropies);
        }
        memcpy(chunk->entropies + done, entropies, size * sizeof(double));
        keep_samples(noise, &block, values, weights, done, size, chunk);
        leave_block(noise, values, weights, size, done == 0, chunk);
        done += size;
    }
    if (to == chunk->sample_count) finish_chunk(noise, values, chunk);
}

#endif
