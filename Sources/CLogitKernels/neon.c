#include "set.h"

#if defined(__aarch64__)

#include "neon.h"

#pragma clang fp contract(on)

#include "kernels.h"

static bool is_supported(void) { return true; }

const logit_kernels logit_neon = {
    .name = "neon",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
};

#endif
