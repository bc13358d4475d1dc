#ifndef LOGIT_SIXTEEN_LANES_H
#define LOGIT_SIXTEEN_LANES_H

#include "set.h"

// The 16 lanes of every fixed-order sum, in as many registers as the set needs for them.

typedef float float_lanes __attribute__((vector_size(LOGIT_LANES * sizeof(float))));
typedef double double_lanes __attribute__((vector_size(LOGIT_LANES * sizeof(double))));

// Lanes are passed by address, since 16 of them are not a legal argument on every set.

/// Loads `count` ≤ 16 floats, followed by zeros.
INLINE void load_lanes(float_lanes *lanes, const float *from, size_t count) {
    *lanes = (float_lanes){0.0f};
    memcpy(lanes, from, count * sizeof(float));
}

/// The sum of the lanes, joined as a tree of halves.
INLINE float join_lanes(const float_lanes *lanes) {
    typedef float eight_lanes __attribute__((vector_size(32)));
    typedef float four_lanes __attribute__((vector_size(16)));
    eight_lanes eight = __builtin_shufflevector(*lanes, *lanes, 0, 1, 2, 3, 4, 5, 6, 7) +
                        __builtin_shufflevector(*lanes, *lanes, 8, 9, 10, 11, 12, 13, 14, 15);
    four_lanes four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
                      __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

#endif
