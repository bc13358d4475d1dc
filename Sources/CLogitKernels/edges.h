#ifndef LOGIT_EDGES_H
#define LOGIT_EDGES_H

#include "slab.h"

// The last steps of dense and sparse: from sums in 32 bits to logits in memory.

typedef struct {
    const logit_weights *weights;
    size_t words, first_output, output_count;
    const float *bias;
    float *output;
    size_t stride;
} dense_work;

/// The last steps from the sums of one row to its logits, a whole panel in registers: a loop over
/// lanes that tested for the bias in each of them took a sixth of the time at 1,024 inputs.
static inline void store_float_panel(const uint32_t *words, const float *bias, float *output) {
    for (size_t lane = 0; lane < LOGIT_PANEL; lane += VECTOR_LANES) {
        floats sums, added;
        memcpy(&sums, words + lane, sizeof sums);
        // Makes a zero positive, even if products underflowed to -0 on the way to it.
        sums += 0.0f;
        if (bias) {
            memcpy(&added, bias + lane, sizeof added);
            sums += added;
        }
        memcpy(output + lane, &sums, sizeof sums);
    }
}

/// The same for int8. Where weights are 128 too high, a sum is 128 times the row's total too high.
static inline void store_integer_panel(const uint32_t *words_of_row, const float *scales,
                                       float scale, uint32_t total, const float *bias,
                                       float *output) {
// Rounded in the same places on every set.
#pragma clang fp contract(off)
    for (size_t lane = 0; lane < LOGIT_PANEL; lane += VECTOR_LANES) {
        words sums;
        floats weight_scales, added;
        memcpy(&sums, words_of_row + lane, sizeof sums);
        memcpy(&weight_scales, scales + lane, sizeof weight_scales);
        integers signed_sums = (integers)(sums - INT8_EXCESS * total);
        floats logits = __builtin_convertvector(signed_sums, floats) * (scale * weight_scales);
        if (bias) {
            memcpy(&added, bias + lane, sizeof added);
            logits += added;
        }
        memcpy(output + lane, &logits, sizeof logits);
    }
}

/// Bias and scales of a panel's outputs. The last panel may have fewer outputs than lanes: then
/// these are padded copies, and its logits are computed as a whole panel before some of them are
/// stored.
typedef struct {
    const float *bias, *scales;
    size_t lanes;
    float edge_bias[LOGIT_PANEL], edge_scales[LOGIT_PANEL];
} panel_edge;

static void set_edge(panel_edge *edge, const dense_work *work, size_t done) {
    bool is_int8 = work->weights->format == LOGIT_INT8;
    edge->lanes = smaller_of(LOGIT_PANEL, work->output_count - done);
    edge->bias = work->bias ? work->bias + done : 0;
    edge->scales = is_int8 ? work->weights->scales + work->first_output + done : 0;
    if (edge->lanes == LOGIT_PANEL) return;
    memset(edge->edge_bias, 0, sizeof edge->edge_bias);
    memset(edge->edge_scales, 0, sizeof edge->edge_scales);
    if (edge->bias) {
        memcpy(edge->edge_bias, edge->bias, edge->lanes * sizeof(float));
        edge->bias = edge->edge_bias;
    }
    if (edge->scales) {
        memcpy(edge->edge_scales, edge->scales, edge->lanes * sizeof(float));
        edge->scales = edge->edge_scales;
    }
}

/// Stores one row's logits; `scale` and `total` are those of its integers, for int8.
static void store_row(const panel_edge *edge, const uint32_t *sums, float scale, uint32_t total,
                      float *output) {
    float whole[LOGIT_PANEL];
    float *target = edge->lanes == LOGIT_PANEL ? output : whole;
    if (edge->scales) {
        store_integer_panel(sums, edge->scales, scale, total, edge->bias, target);
    } else {
        store_float_panel(sums, edge->bias, target);
    }
    if (target == whole) memcpy(output, whole, edge->lanes * sizeof(float));
}

#endif
