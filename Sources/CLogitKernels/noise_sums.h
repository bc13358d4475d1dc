#ifndef LOGIT_NOISE_SUMS_H
#define LOGIT_NOISE_SUMS_H

#include "functions.h"
#include "noise_tile.h"

// A sample's sums over the classes: in lanes of float, which are joined in double.

/// Panels whose lanes are summed in float before they join a sample's sums in double: 24 values per
/// lane at 16 lanes, 96 at 4. A product of that many factors of at most 2 stays in range.
#define GROUP_PANELS 12

#define LN2 0.69314718055994530942

/// A pass over the classes: the value it computes from a logit t (base 2, less the sample's shift)
/// and the sums it takes.
typedef enum {
    pass_softmax,  ///< value 2^t; sums Σ 2^t and Σ 2^t·t
    pass_raised,  ///< the same after t is lowered by the raise of its sample's shift
    pass_sigmoid,  ///< value 1/(1 + 2^-t); sums Σ log2(1 + 2^-|t|) and Σ |t| 2^-|t|/(1 + 2^-|t|)
    pass_maximum,  ///< no value; the largest t
} block_pass;

/// Lanes of one sample's sums. In pass_sigmoid the first is the product of all 1 + 2^-|t|, so that
/// one logarithm serves a group of panels.
typedef struct {
    floats first, second;
} lane_sums;

typedef struct {
    double first, second;
} sample_sums;

/// Whether a sample's first sum is a sum, not a product or a maximum.
INLINE bool is_sum(const block_pass pass) { return pass == pass_softmax || pass == pass_raised; }

INLINE lane_sums empty_lanes(const block_pass pass) {
    const floats first = pass == pass_sigmoid ? 1.0f : pass == pass_maximum ? -INFINITY : 0.0f;
    const floats zero = 0.0f;
    lane_sums sums = {first, zero};
    return sums;
}

/// The operation that joins two halves of the lanes of a pass's first sum: addition, multiplication
/// or the maximum.
#define JOIN(pass, a, b)                                          \
    ((pass) == pass_sigmoid   ? (a) * (b)                         \
     : (pass) == pass_maximum ? __builtin_elementwise_max(a, b)   \
                              : (a) + (b))

/// The lanes joined in double as a tree of halves, in registers: a loop over lanes took a tenth of
/// the time of a panel.
INLINE double join_lanes_of(const block_pass pass, floats lanes) {
    const doubles wide = __builtin_convertvector(lanes, doubles);
#if VECTOR_BYTES == 64
    const doubles_8 eight = JOIN(pass, wide.lo, wide.hi);
    const doubles_4 four = JOIN(pass, eight.lo, eight.hi);
#elif VECTOR_BYTES == 32
    const doubles_4 four = JOIN(pass, wide.lo, wide.hi);
#else
    const doubles_4 four = wide;
#endif
    const doubles_2 two = JOIN(pass, four.lo, four.hi);
    return JOIN(pass, two.x, two.y);
}

/// Joins the lanes with the sums in double and empties them.
INLINE void join_sums(const block_pass pass, lane_sums *lanes, sample_sums *sums) {
    const double first = join_lanes_of(pass, lanes->first);
    if (is_sum(pass)) sums->first += first;
    if (pass == pass_sigmoid) sums->first += log_of_double(first) / LN2;
    if (pass == pass_maximum) sums->first = first > sums->first ? first : sums->first;
    sums->second += join_lanes_of(pass_softmax, lanes->second);
    *lanes = empty_lanes(pass);
}

#endif
