#include "set.h"

#if defined(__x86_64__)

// 32 registers of 16 floats.

#define AVX512 "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"
#pragma clang attribute push(__attribute__((target(AVX512))), apply_to = function)
#pragma clang fp contract(on)

#include "dense.h"
#include "maps.h"
#include "normals.h"
#include "rows.h"
#include "sampling.h"
#include "softmax.h"

#define VEC_LANES 16
#define TILE_SAMPLES 12
#define TILE_VECTORS 2
#include "avx512_exp2.h"
#include "noise_moments.h"

#pragma clang attribute pop

static bool is_supported(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

const logit_kernels logit_avx512 = {
    .name = "avx512",
    .is_supported = is_supported,
    .dense = dense,
    LOGIT_SHARED_KERNELS,
};

#endif
