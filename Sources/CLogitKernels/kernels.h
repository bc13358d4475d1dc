#ifndef LOGIT_KERNELS_H
#define LOGIT_KERNELS_H

// All kernels. The file of a set includes this after the macros that describe its registers.

#include "dense.h"
#include "maps.h"
#include "net_normals.h"
#include "noise_axes.h"
#include "noise_moments.h"
#include "normals.h"
#include "peak.h"
#include "quadrature.h"
#include "rows.h"
#include "sampling.h"
#include "softmax.h"
#include "sparse.h"

/// Whether the set has an `add_pairs_of` for noise in bfloat16 (see noise_tile.h).
#ifdef SET_HAS_BFLOAT16
#define HAS_BFLOAT16_NOISE true
#else
#define HAS_BFLOAT16_NOISE false
#endif

/// The entries that every set's table has in common.
#define LOGIT_SHARED_KERNELS                                                                  \
    .products = {.dense = dense, .sparse = sparse, .row_scores = row_scores},                 \
    .maps = {.exp = map_exp, .log = map_log, .sigmoid = map_sigmoid, .tanh = map_tanh,        \
             .softplus = map_softplus, .relu = map_relu, .gelu = map_gelu,                    \
             .sine_cosine = sine_cosine_pairs},                                               \
    .links = {.panel_maxima = panel_maxima, .exponentiate = exponentiate, .sum_row = sum_row, \
              .probabilities = probabilities, .rescale = rescale,                             \
              .sigmoid_rows = sigmoid_rows},                                                  \
    .sampling = {.accumulate = accumulate, .philox = philox, .normals = normals,              \
                 .net_normals = net_normals, .shrink_logits = shrink_logits,                  \
                 .weigh_loadings = weigh_loadings,                                            \
                 .affine = affine, .has_bfloat16_noise = HAS_BFLOAT16_NOISE,                  \
                 .pack_loadings = pack_loadings, .pack_location = pack_location,              \
                 .pack_draws = pack_draws, .sample = sample, .trace = trace,                  \
                 .count_votes = count_votes, .join_chunk = join_chunk,                        \
                 .join_leads = join_leads, .accumulate_leads = accumulate_leads},             \
    .quadrature = {.squared_weights = squared_weights, .deviations = label_deviations,        \
                   .label_laws = label_laws, .accumulate_weighted = accumulate_weighted},     \
    .measuring = {.multiply_adds = multiply_adds, .read_memory = read_memory}

#endif
