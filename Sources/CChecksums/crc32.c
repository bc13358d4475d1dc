#include "CChecksums.h"

#include <zlib.h>

#if defined(__x86_64__)

#include <immintrin.h>

#define CARRYLESS __attribute__((target("pclmul")))

/* Bytes of a vector, and of the four that are folded side by side. */
enum { vector_bytes = sizeof(__m128i), fold_bytes = 4 * vector_bytes };

/* x^(n + 32) and x^(n - 32) modulo CRC-32's polynomial, bits reflected and moved by one, where n
   are the bits of `fold_bytes`, and of one vector. */
static const uint64_t far_powers[2] = {0x154442BD4, 0x1C6E41596};
static const uint64_t near_powers[2] = {0x1751997D0, 0x0CCAA009E};

static __m128i load(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

/* A polynomial with the same remainder as `sum` with `next` behind it, as far away as the powers
   say: either half of the sum is multiplied by its place. */
CARRYLESS static __m128i fold(__m128i sum, __m128i powers, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(sum, powers, 0x00);
    __m128i high = _mm_clmulepi64_si128(sum, powers, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/* Whole vectors, four at least; their remainder is that of the sixteen bytes that are left. */
CARRYLESS static uint32_t fold_all(uint32_t sum, const uint8_t *bytes, size_t count) {
    __m128i powers = load((const uint8_t *)far_powers);
    __m128i sums[4];
    for (size_t lane = 0; lane < 4; lane++) sums[lane] = load(bytes + lane * vector_bytes);
    sums[0] = _mm_xor_si128(sums[0], _mm_cvtsi32_si128((int32_t)~sum));
    size_t offset = fold_bytes;
    for (; count - offset >= fold_bytes; offset += fold_bytes) {
        for (size_t lane = 0; lane < 4; lane++) {
            sums[lane] = fold(sums[lane], powers, load(bytes + offset + lane * vector_bytes));
        }
    }
    powers = load((const uint8_t *)near_powers);
    __m128i all = sums[0];
    for (size_t lane = 1; lane < 4; lane++) all = fold(all, powers, sums[lane]);
    for (; offset < count; offset += vector_bytes) all = fold(all, powers, load(bytes + offset));
    uint8_t left[vector_bytes];
    _mm_storeu_si128((__m128i *)left, all);
    /* All ones stand for a register of zeros: what came before is in the bytes already. */
    return (uint32_t)crc32_z(UINT32_MAX, left, sizeof left);
}

uint32_t csm_crc32(uint32_t sum, const uint8_t *bytes, size_t count) {
    if (count >= fold_bytes && __builtin_cpu_supports("pclmul")) {
        size_t whole = count - count % vector_bytes;
        sum = fold_all(sum, bytes, whole);
        bytes += whole;
        count -= whole;
    }
    return (uint32_t)crc32_z(sum, bytes, count);
}

#else

uint32_t csm_crc32(uint32_t sum, const uint8_t *bytes, size_t count) {
    return (uint32_t)crc32_z(sum, bytes, count);
}

#endif
