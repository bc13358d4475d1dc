#ifndef LOGIT_NOISE_DEVIATIONS_H
#define LOGIT_NOISE_DEVIATIONS_H

#include "noise_terms.h"
#include "vectors.h"

// From the values of a block to the moments of its chunk, and from those to the sums of all.

/// Samples of a block whose values are added to a chunk.
typedef struct {
    const float *values;  ///< [panel][stride][32]
    size_t stride, count;
    const float *weights;  ///< value · weight is a probability
} block_values;

/// The classes of a panel from class `k` on; lanes past the last class are left alone.
static size_t panel_width(const logit_noise *noise, size_t k) {
    const size_t left = noise->class_count - k;
    return left < PANEL ? left : PANEL;
}

/// The means of the first block's probabilities, from which all deviations of a chunk are measured.
static void center(const block_values *block, size_t k, size_t width, float *centers) {
    const float *values = block->values + k * block->stride;
    for (size_t j = 0; j < width; j += VECTOR_LANES) {
        floats sum = 0.0f;
        for (size_t s = 0; s < block->count; s++) {
            sum = sum + load(values + s * PANEL + j) * block->weights[s];
        }
        store(centers + k + j, sum * (1.0f / (float)block->count));
    }
}

/// For a panel from class `k` on, with d = p - c: deviations += d, squares += d² and, if `leader`
/// has the leader's d of each sample, leads += (leader - d)². The three sums are chains that run
/// side by side.
INLINE void add_deviations(const block_values *block, size_t k, size_t width, const float *leader,
                           const logit_noise_chunk *chunk) {
    const float *values = block->values + k * block->stride;
    for (size_t j = 0; j < width; j += VECTOR_LANES) {
        const floats middle = load(chunk->centers + k + j);
        floats sum = load(chunk->deviations + k + j), square = load(chunk->squares + k + j);
        floats leads = 0.0f;
        if (leader) leads = load(chunk->leads + k + j);
        for (size_t s = 0; s < block->count; s++) {
            const floats deviation = load(values + s * PANEL + j) * block->weights[s] - middle;
            sum = sum + deviation;
            square = square + deviation * deviation;
            if (leader) {
                const floats lead = leader[s] - deviation;
                leads = leads + lead * lead;
            }
        }
        store(chunk->deviations + k + j, sum);
        store(chunk->squares + k + j, square);
        if (leader) store(chunk->leads + k + j, leads);
    }
}

/// Computes the leader's deviation from its center in each sample.
static void deviate_leader(const logit_noise *noise, const block_values *block, bool is_first,
                           float *centers, float *leader) {
    const size_t lane = noise->reference % PANEL, k = noise->reference - lane;
    if (is_first) center(block, k, panel_width(noise, k), centers);
    const float *values = block->values + k * block->stride + lane;
    for (size_t s = 0; s < block->count; s++) {
        leader[s] = values[s * PANEL] * block->weights[s] - centers[k + lane];
    }
}

static void add_block(const logit_noise *noise, const block_values *block, bool is_first,
                      const logit_noise_chunk *chunk) {
    float leader[LOGIT_NOISE_MAX_BLOCK_SAMPLES];
    if (chunk->leads) deviate_leader(noise, block, is_first, chunk->centers, leader);
    for (size_t k = 0; k < noise->class_count; k += PANEL) {
        const size_t width = panel_width(noise, k);
        if (is_first) {
            center(block, k, width, chunk->centers);
            memset(chunk->deviations + k, 0, PANEL * sizeof(float));
            memset(chunk->squares + k, 0, PANEL * sizeof(float));
            if (chunk->leads) memset(chunk->leads + k, 0, PANEL * sizeof(float));
        }
        if (chunk->leads) {
            add_deviations(block, k, width, leader, chunk);
        } else {
            add_deviations(block, k, width, 0, chunk);
        }
    }
}

/// See `logit_kernels.join_chunk`.
static void join_chunk(const logit_noise_chunk *chunk, size_t sample_count, size_t class_count,
                       double *sums, double *squares) {
    const double n = (double)sample_count;
    for (size_t k = 0; k < class_count; k++) {
        const double middle = (double)chunk->centers[k];
        const double deviation = (double)chunk->deviations[k];
        sums[k] += n * middle + deviation;
        squares[k] += (double)chunk->squares[k] + middle * (2.0 * deviation + n * middle);
    }
}

/// See `logit_sampling_kernels.join_leads`.
static void join_leads(const logit_noise_chunk *chunk, size_t sample_count, size_t class_count,
                       size_t leader, double *leads) {
    const double n = (double)sample_count;
    for (size_t k = 0; k < class_count; k++) {
        const double middle = (double)chunk->centers[leader] - (double)chunk->centers[k];
        const double deviation = (double)chunk->deviations[leader] - (double)chunk->deviations[k];
        leads[k] += (double)chunk->leads[k] + middle * (2.0 * deviation + n * middle);
    }
}

#endif
