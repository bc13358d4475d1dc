#ifndef LOGIT_NORMALS_H
#define LOGIT_NORMALS_H

#include "functions.h"
#include "philox.h"

static void philox(uint32_t words[4 * LOGIT_LANES], uint64_t key) {
    uint32_t block[4][LOGIT_LANES];
    memcpy(block, words, sizeof block);
    philox_lanes(block, key);
    memcpy(words, block, sizeof block);
}

/// A position in the draws. Counters run through (sample, block of four dimensions) in row-major
/// order.
typedef struct {
    uint64_t sample, block;
} draw_counter;

static draw_counter next_counter(draw_counter at, uint64_t blocks) {
    at.block++;
    if (at.block == blocks) {
        at.block = 0;
        at.sample++;
    }
    return at;
}

/// Box–Muller on words 2·pair and 2·pair + 1 of every lane.
static inline void box_muller(const uint32_t radius_words[LOGIT_LANES],
                              const uint32_t angle_words[LOGIT_LANES],
                              float first[LOGIT_LANES], float second[LOGIT_LANES]) {
    for (int lane = 0; lane < LOGIT_LANES; lane++) {
        // At least 2^-33 and at most 1: never a logarithm of zero, never a negative root.
        float u = (float)radius_words[lane] * 0x1p-32f + 0x1p-33f;
        float radius = __builtin_elementwise_sqrt(-2.0f * log_of(u));
        sine_cosine turn = sine_cosine_of(angle_words[lane]);
        first[lane] = radius * turn.cosine;
        second[lane] = radius * turn.sine;
    }
}

/// The normals of 16 counters from `at` on: normals[i][lane] is normal i of the lane's block.
static inline void draw_lanes(draw_counter at, uint64_t blocks, uint64_t seed,
                              float normals[4][LOGIT_LANES]) {
    uint32_t words[4][LOGIT_LANES];
    for (int lane = 0; lane < LOGIT_LANES; lane++) {
        words[0][lane] = (uint32_t)at.sample;
        words[1][lane] = (uint32_t)(at.sample >> 32);
        words[2][lane] = (uint32_t)at.block;
        words[3][lane] = (uint32_t)(at.block >> 32);
        at = next_counter(at, blocks);
    }
    philox_lanes(words, seed);
    box_muller(words[0], words[1], normals[0], normals[1]);
    box_muller(words[2], words[3], normals[2], normals[3]);
}

static void normals(uint64_t seed, uint64_t first_sample, size_t sample_count,
                    size_t dimension_count, float *draws) {
    if (dimension_count == 0) return;
    size_t blocks = dimension_count / 4 + (dimension_count % 4 != 0);
    uint64_t end = first_sample + sample_count;
    draw_counter at = {first_sample, 0};
    while (at.sample < end) {
        float normals[4][LOGIT_LANES];
        draw_lanes(at, blocks, seed, normals);
        for (int lane = 0; lane < LOGIT_LANES && at.sample < end; lane++) {
            size_t first = (size_t)at.block * 4;
            size_t left = dimension_count - first;
            float *out = draws + (size_t)(at.sample - first_sample) * dimension_count + first;
            if (left >= 4) {
                for (int i = 0; i < 4; i++) out[i] = normals[i][lane];
            } else {
                for (size_t i = 0; i < left; i++) out[i] = normals[i][lane];
            }
            at = next_counter(at, blocks);
        }
    }
}

#endif
