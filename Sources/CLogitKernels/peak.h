#ifndef LOGIT_PEAK_H
#define LOGIT_PEAK_H

#include "tile.h"

// The processor's limits, to compare the kernels with: multiply-adds that touch no memory, and
// loads that do nothing else.

/// Hides the contents of a register from the compiler, and that they do not change, so that nothing
/// is computed once for all rounds. Emits no instruction.
#if defined(__x86_64__)
#define OPAQUE(vector) __asm__ volatile("" : "+v"(vector))
#elif defined(__aarch64__)
#define OPAQUE(vector) __asm__ volatile("" : "+w"(vector))
#else
#define OPAQUE(vector) __asm__ volatile("" : "+m"(vector))
#endif

/// Repeats a pass of PASS_ROWS rows over one word of weights, with the sums, weights and inputs of
/// a full pass all in registers. The values are normal numbers in every format. Each row's weights
/// pass for other ones, or its products could be those of the row before.
INLINE double repeat_pass(const logit_format format, size_t rounds) {
    const size_t vectors = vectors_of(PASS_ROWS);
    words sums[PASS_ROWS][PANEL_VECTORS], weights[PANEL_VECTORS];
    uint32_t input = 0x01010101u;
    __asm__ volatile("" : "+r"(input));
    for (size_t r = 0; r < PASS_ROWS; r++) {
        for (size_t v = 0; v < vectors; v++) {
            sums[r][v] = (words){0};
            OPAQUE(sums[r][v]);
        }
    }
    for (size_t v = 0; v < vectors; v++) weights[v] = (words){0} + 0x3f803f80u;
    for (size_t i = 0; i < rounds * parts_of(format); i++) {
        for (size_t r = 0; r < PASS_ROWS; r++) {
            for (size_t v = 0; v < vectors; v++) {
                OPAQUE(weights[v]);
                sums[r][v] = step(format, sums[r][v], weights[v], input);
            }
        }
    }
    for (size_t r = 0; r < PASS_ROWS; r++) {
        for (size_t v = 0; v < vectors; v++) OPAQUE(sums[r][v]);
    }
    size_t products = PASS_ROWS * vectors * VECTOR_LANES * logit_inputs_per_word(format);
    return 2.0 * (double)products * (double)rounds;
}

static double multiply_adds(logit_format format, size_t rounds) {
    switch (format) {
    case LOGIT_FLOAT32: return repeat_pass(LOGIT_FLOAT32, rounds);
    case LOGIT_BFLOAT16: return repeat_pass(LOGIT_BFLOAT16, rounds);
    default: return repeat_pass(LOGIT_INT8, rounds);
    }
}

/// Bytes read in one step: four cache lines.
#define STREAM_STEP 256

/// Bytes by which lines are prefetched ahead of the loads, past the caches.
#define STREAM_AHEAD 16384

static void read_memory(const void *bytes, size_t byte_count) {
    const char *at = bytes;
    words sums[STREAM_STEP / VECTOR_BYTES];
    memset(sums, 0, sizeof sums);
    for (size_t done = 0; done + STREAM_STEP <= byte_count; done += STREAM_STEP) {
        for (size_t line = 0; line < STREAM_STEP; line += 64) {
            __builtin_prefetch(at + STREAM_AHEAD + line, 0, 0);
        }
        for (size_t v = 0; v < STREAM_STEP / VECTOR_BYTES; v++) {
            sums[v] ^= *(const words *)(at + v * VECTOR_BYTES);
        }
        at += STREAM_STEP;
    }
    for (size_t v = 0; v < STREAM_STEP / VECTOR_BYTES; v++) OPAQUE(sums[v]);
}

#endif
