#ifndef LOGIT_STEPS_H
#define LOGIT_STEPS_H

#include "formats.h"
#include "vectors.h"

// The steps of a product. A word of weights holds those of 1, 2 or 4 inputs; it is taken apart into
// parts, one for a step that a set has an instruction for:
//
//   STEP_BFLOAT16   a whole word; without it, two parts of one float each
//   STEP_INT8       a whole word; without it, as STEP_PAIRS or as four parts of one float each
//   STEP_PAIRS      two parts of two integers of 16 bits
//   INT8_EXCESS     by how much its STEP_INT8 takes each weight too high; 128 if not defined
//
// Inputs are taken apart once for all panels, weights once for all rows.

#ifdef STEP_BFLOAT16
#define BFLOAT16_PARTS 1
#else
#define BFLOAT16_PARTS 2
#define STEP_BFLOAT16(sum, weights, input) step_float32(sum, weights, input)
#endif

/// Whether sums of int8 run in floats, within blocks that are short enough to be exact.
#define INT8_AS_FLOATS 0

#if defined(STEP_INT8)
#define INT8_PARTS 1
#elif defined(STEP_PAIRS)
#define INT8_PARTS 2
#define STEP_INT8(sum, weights, input) STEP_PAIRS(sum, weights, input)
#else
#define INT8_PARTS 4
#define STEP_INT8(sum, weights, input) step_float32(sum, weights, input)
#undef INT8_AS_FLOATS
#define INT8_AS_FLOATS 1
#define INT8_EXCESS 0u
#endif

#ifndef INT8_EXCESS
#define INT8_EXCESS 128u
#endif

/// Parts of a word.
INLINE size_t parts_of(const logit_format format) {
    switch (format) {
    case LOGIT_FLOAT32: return 1;
    case LOGIT_BFLOAT16: return BFLOAT16_PARTS;
    default: return INT8_PARTS;
    }
}

/// The float with these bits in all lanes. Built from integers: 0.0f + x would be an addition.
static inline floats spread(uint32_t bits) { return (floats)((words){0} + bits); }

static inline words step_float32(words sum, words weights, uint32_t input) {
    return (words)((floats)sum + (floats)weights * spread(input));
}

/// Part `i` of words of weights.
INLINE words weight_part(const logit_format format, words weights, const size_t i) {
    if (parts_of(format) == 1) return weights;
    if (format == LOGIT_BFLOAT16) return i == 0 ? weights << 16 : weights & 0xffff0000u;
    if (INT8_PARTS == 2) return (weights >> 8 * i) & 0x00ff00ffu;
    integers bytes = (integers)((weights >> 8 * i) & 0xffu) - 128;
    return (words)__builtin_convertvector(bytes, floats);
}

/// Part `i` of a word of inputs.
INLINE uint32_t input_part(const logit_format format, uint32_t word, const size_t i) {
    if (parts_of(format) == 1) return word;
    if (format == LOGIT_BFLOAT16) return i == 0 ? word << 16 : word & 0xffff0000u;
    uint32_t bytes = word >> 8 * i;
    uint32_t low = (uint32_t)(int32_t)(int8_t)bytes;
    if (INT8_PARTS == 2) {
        uint32_t high = (uint32_t)(int32_t)(int8_t)(bytes >> 16);
        return (low & 0xffffu) | high << 16;
    }
    float value = (float)(int8_t)bytes;
    memcpy(&low, &value, sizeof low);
    return low;
}

/// Adds the products of one part.
INLINE words step(const logit_format format, words sum, words weights, uint32_t input) {
    switch (format) {
    case LOGIT_FLOAT32: return step_float32(sum, weights, input);
    case LOGIT_BFLOAT16: return STEP_BFLOAT16(sum, weights, input);
    default: return STEP_INT8(sum, weights, input);
    }
}

/// Adds the products of a whole word to a sum of any length, with the same result as its parts.
INLINE words step_word(const logit_format format, words sum, words weights, uint32_t input) {
    if (format == LOGIT_INT8 && INT8_AS_FLOATS) {
        for (size_t i = 0; i < 4; i++) {
            words bytes = ((weights >> 8 * i) & 0xffu) - 128;
            sum += bytes * (uint32_t)(int32_t)(int8_t)(input >> 8 * i);
        }
        return sum;
    }
    for (size_t i = 0; i < parts_of(format); i++) {
        sum = step(format, sum, weight_part(format, weights, i), input_part(format, input, i));
    }
    return sum;
}

#endif
