#include "set.h"

#if defined(__x86_64__)

// 16 registers of 8 floats.

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma clang fp contract(on)

#include "dense.h"
#include "maps.h"
#include "normals.h"
#include "rows.h"
#include "sampling.h"
#include "softmax.h"

#define VEC_LANES 8
#define TILE_SAMPLES 6
#define TILE_VECTORS 2
#include "noise_moments.h"

#pragma clang attribute pop

static bool is_supported(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const logit_kernels logit_avx2 = {
    .name = "avx2",
    .is_supported = is_supported,
    .dense = dense,
    LOGIT_SHARED_KERNELS,
};

#endif
