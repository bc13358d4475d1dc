#ifndef LOGIT_BASELINE_H
#define LOGIT_BASELINE_H

#include "CLogitKernels.h"

// A fused multiply-add rounds once where the definition rounds twice. This holds to the end of
// every file that includes this header, whatever the target offers.
#pragma clang fp contract(off)

// The baseline: plain C whose inner loops run over 16 independent lanes, which any compiler turns
// into whatever vectors the target has.

void logit_baseline_dense(const float *inputs, size_t row_count, size_t input_count,
                          const float *panels, const float *bias, size_t output_count,
                          float *output, size_t output_stride);
void logit_baseline_row_scores(const float *table, size_t width, size_t row_count,
                               const float *vector, float *output);
void logit_baseline_exp(float *values, size_t count);
void logit_baseline_log(float *values, size_t count);
void logit_baseline_sigmoid(float *values, size_t count);
void logit_baseline_tanh(float *values, size_t count);
void logit_baseline_softplus(float *values, size_t count);
void logit_baseline_relu(float *values, size_t count);
void logit_baseline_sine_cosine(const uint32_t *words, size_t count, float *sines,
                                float *cosines);
void logit_baseline_exponentiate(float *rows, size_t row_count, size_t class_count,
                                 logit_row_sums *sums);
void logit_baseline_rescale(float *values, size_t count, double scale);
void logit_baseline_sigmoid_rows(float *rows, size_t row_count, size_t class_count,
                                 logit_row_sums *sums);
void logit_baseline_accumulate(const float *values, size_t stride, size_t sample_count,
                               size_t class_count, const logit_row_sums *rows, double *sums,
                               double *squares);
void logit_baseline_philox(uint32_t words[4 * LOGIT_LANES], uint64_t key);
void logit_baseline_normals(uint64_t seed, uint64_t first_sample, size_t sample_count,
                            size_t dimension_count, float *draws);
void logit_baseline_affine(const float *location, const float *loadings, size_t rank,
                           const float *draws, size_t sample_count, size_t class_count,
                           size_t stride, float *logits);

#endif
