#include "set.h"

// The definition: plain C whose inner loops run over 16 independent lanes.

// A fused multiply-add rounds once where the definition rounds twice.
#pragma clang fp contract(off)

#include "dense.h"
#include "maps.h"
#include "normals.h"
#include "rows.h"
#include "sampling.h"
#include "softmax.h"

#define VEC_LANES 4
#define TILE_SAMPLES 3
#define TILE_VECTORS 4
#include "noise_moments.h"

static bool is_supported(void) {
    return true;
}

const logit_kernels logit_baseline = {
    .name = "baseline",
    .is_supported = is_supported,
    .dense = dense,
    LOGIT_SHARED_KERNELS,
};
