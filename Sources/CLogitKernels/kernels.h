#ifndef LOGIT_KERNELS_H
#define LOGIT_KERNELS_H

// Every kernel, for the file of a set to include once its registers are described (see set.h).

#include "dense.h"
#include "maps.h"
#include "noise_moments.h"
#include "normals.h"
#include "peak.h"
#include "rows.h"
#include "sampling.h"
#include "softmax.h"
#include "sparse.h"

/// The entries that every set's table has in common.
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
