#ifndef LOGIT_VECTORS_H
#define LOGIT_VECTORS_H

#include "set.h"

// One register of the set, VECTOR_BYTES wide, named by the contents of its 32-bit lanes. A cast
// from one type to another keeps the bits.

enum { VECTOR_LANES = VECTOR_BYTES / 4 };

typedef uint32_t words __attribute__((ext_vector_type(VECTOR_LANES)));
typedef int32_t integers __attribute__((ext_vector_type(VECTOR_LANES)));
typedef float floats __attribute__((ext_vector_type(VECTOR_LANES)));

// As many lanes in double, and the halves of either on the way to one value.

typedef double doubles __attribute__((ext_vector_type(VECTOR_LANES)));
typedef double doubles_8 __attribute__((ext_vector_type(8)));
typedef double doubles_4 __attribute__((ext_vector_type(4)));
typedef double doubles_2 __attribute__((ext_vector_type(2)));
typedef float floats_8 __attribute__((ext_vector_type(8)));
typedef float floats_4 __attribute__((ext_vector_type(4)));
typedef float floats_2 __attribute__((ext_vector_type(2)));

INLINE floats load(const float *values) {
    floats v;
    memcpy(&v, values, sizeof v);
    return v;
}

INLINE void store(float *values, floats v) { memcpy(values, &v, sizeof v); }

#endif
