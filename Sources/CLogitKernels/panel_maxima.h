#ifndef LOGIT_PANEL_MAXIMA_H
#define LOGIT_PANEL_MAXIMA_H

#include "functions.h"
#include "vectors.h"

// The largest logit of every 32 of a row. A softmax begins with them, and with them a search for
// the best labels need not read most of the row.

#define LARGER(a, b) ((a) > (b) ? (a) : (b))

/// The largest of 32 logits; any one of them if one is NaN.
static inline float panel_maximum(const float *logits) {
    floats largest, next;
    memcpy(&largest, logits, sizeof largest);
    for (size_t lane = VECTOR_LANES; lane < LOGIT_PANEL; lane += VECTOR_LANES) {
        memcpy(&next, logits + lane, sizeof next);
        largest = LARGER(largest, next);
    }
#if VECTOR_BYTES == 64
    const floats_8 eight = LARGER(largest.lo, largest.hi);
    const floats_4 four = LARGER(eight.lo, eight.hi);
#elif VECTOR_BYTES == 32
    const floats_4 four = LARGER(largest.lo, largest.hi);
#else
    const floats_4 four = largest;
#endif
    const floats_2 two = LARGER(four.lo, four.hi);
    return LARGER(two.x, two.y);
}

/// See `logit_kernels.panel_maxima`.
static void panel_maxima(const float *logits, size_t class_count, float *maxima) {
    size_t k = 0;
    for (; k + LOGIT_PANEL <= class_count; k += LOGIT_PANEL) {
        maxima[k / LOGIT_PANEL] = panel_maximum(logits + k);
    }
    if (k == class_count) return;
    float largest = logits[k];
    for (size_t i = k + 1; i < class_count; i++) largest = LARGER(largest, logits[i]);
    maxima[k / LOGIT_PANEL] = largest;
}

#endif
