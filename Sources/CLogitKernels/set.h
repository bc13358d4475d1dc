#ifndef LOGIT_SET_H
#define LOGIT_SET_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CLogitKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// How the files fit together. The file of a set (baseline.c, avx2.c, avx512.c, …) includes this
// header, names its instructions with `#pragma clang attribute push`, says how large its registers
// are and what it does in its own way (see tile.h), and then includes the headers that hold the
// functions: dense.h, maps.h, normals.h, peak.h, rows.h, sampling.h, softmax.h, sparse.h, and
// noise_moments.h after its register tile is named (see noise_tile.h). They are static, so that each
// set compiles its own; the compiler cuts their loops over 16 lanes into the set's vectors. The set's
// table ends the file.

/// The tables. Those of another architecture do not exist.
extern const logit_kernels logit_baseline, logit_avx2, logit_avx512, logit_avx512_bf16;
extern const logit_kernels logit_neon, logit_neon_dotprod;

/// The entries that come from the shared headers.
#define LOGIT_SHARED_KERNELS                                                                \
    .dense = dense, .sparse = sparse, .row_scores = row_scores, .exp = map_exp,             \
    .log = map_log, .sigmoid = map_sigmoid, .tanh = map_tanh, .softplus = map_softplus,     \
    .relu = map_relu, .sine_cosine = sine_cosine_pairs, .exponentiate = exponentiate,       \
    .rescale = rescale, .sigmoid_rows = sigmoid_rows, .panel_maxima = panel_maxima,         \
    .sum_row = sum_row, .probabilities = probabilities, .accumulate = accumulate,           \
    .philox = philox, .normals = normals, .affine = affine,                                 \
    .pack_loadings = pack_loadings, .pack_location = pack_location,                         \
    .pack_draws = pack_draws, .sample = sample, .join_chunk = join_chunk,                   \
    .multiply_adds = multiply_adds, .read_memory = read_memory

#endif
