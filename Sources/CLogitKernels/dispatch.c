#include <string.h>

#include "baseline.h"

static bool always(void) { return true; }

static const logit_kernels baseline = {
    .name = "baseline",
    .is_supported = always,
    .dense = logit_baseline_dense,
    .row_scores = logit_baseline_row_scores,
    .exp = logit_baseline_exp,
    .log = logit_baseline_log,
    .sigmoid = logit_baseline_sigmoid,
    .tanh = logit_baseline_tanh,
    .softplus = logit_baseline_softplus,
    .relu = logit_baseline_relu,
    .sine_cosine = logit_baseline_sine_cosine,
    .exponentiate = logit_baseline_exponentiate,
    .rescale = logit_baseline_rescale,
    .sigmoid_rows = logit_baseline_sigmoid_rows,
    .accumulate = logit_baseline_accumulate,
    .philox = logit_baseline_philox,
    .normals = logit_baseline_normals,
    .affine = logit_baseline_affine,
};

/// Fastest first; the baseline, which runs everywhere, ends the list.
static const logit_kernels *const tables[] = {&baseline};
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
