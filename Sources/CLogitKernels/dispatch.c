#include "set.h"

/// Fastest first; the baseline, which runs everywhere, ends the list.
static const logit_kernels *const tables[] = {
#if defined(__x86_64__)
    &logit_avx512_bf16,
    &logit_avx512,
    &logit_avx2,
#elif defined(__aarch64__)
    &logit_neon_dotprod,
    &logit_neon,
#endif
    &logit_baseline,
};
static const size_t table_count = sizeof tables / sizeof tables[0];

const logit_kernels *logit_kernels_named(const char *name) {
    for (size_t i = 0; i < table_count; i++) {
        if (strcmp(tables[i]->name, name) == 0) return tables[i]->is_supported() ? tables[i] : 0;
    }
    return 0;
}

const logit_kernels *logit_kernels_best(void) {
    for (size_t i = 0; i + 1 < table_count; i++) {
        if (tables[i]->is_supported()) return tables[i];
    }
    return tables[table_count - 1];
}
