#include "set.h"

// The reference for all sets, in plain C for any machine.

// A fused multiply-add would round once where the reference rounds twice.
#pragma clang fp contract(off)

// At least 16 registers of 4 words: 8 sums of 2 rows, 4 words of weights, an input, a product.
#define VECTOR_BYTES 16
#define PASS_ROWS 2
#define PASS_SUMS 8

// 12 sums, a draw, loadings and a product.
#define TILE_SAMPLES 3
#define TILE_VECTORS 4

#include "kernels.h"

static bool is_supported(void) {
    return true;
}

const logit_kernels logit_baseline = {
    .name = "baseline",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
};
