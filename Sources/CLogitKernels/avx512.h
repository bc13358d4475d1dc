#ifndef LOGIT_AVX512_H
#define LOGIT_AVX512_H

#include "set.h"

// The instructions and registers of both AVX-512 sets.

#define AVX512 "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"

// 32 registers of 16 words. A pass has 8 rows and 32 lanes: 16 sums, where 8 would cover two
// multiply-adds a cycle with a latency of four cycles; 2 registers hold weights, 1 an input.
#define VECTOR_BYTES 64
#define PASS_ROWS 8
#define PASS_SUMS 16

// 12 sums, 2 vectors of loadings and a draw; the other registers are for the exponentials.
#define TILE_SAMPLES 6
#define TILES_OVERLAP
#define TILE_VECTORS 2

static inline bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

#endif
