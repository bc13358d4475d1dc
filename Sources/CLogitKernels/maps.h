#ifndef LOGIT_MAPS_H
#define LOGIT_MAPS_H

#include "functions.h"

// The elementwise kernels. Each result depends on its own value alone, so the compiler may cut
// these loops into vectors and tails as it likes.

static void map_exp(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = exp_of(values[i]);
}

static void map_log(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = log_of(values[i]);
}

static void map_sigmoid(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = sigmoid_of(values[i]);
}

static void map_tanh(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = tanh_of(values[i]);
}

static void map_softplus(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = softplus_of(values[i]);
}

static void map_relu(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = values[i] > 0.0f ? values[i] : 0.0f;
}

static void map_gelu(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = gelu_of(values[i]);
}

static void sine_cosine_pairs(const uint32_t *words, size_t count, float *restrict sines,
                              float *restrict cosines) {
    for (size_t i = 0; i < count; i++) {
        sine_cosine both = sine_cosine_of(words[i]);
        sines[i] = both.sine;
        cosines[i] = both.cosine;
    }
}

#endif
