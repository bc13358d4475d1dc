#ifndef CNUMBERTEXT_BYTES_HPP
#define CNUMBERTEXT_BYTES_HPP

/* Bytes of a text, many at a time. Vectors are the compiler's own: it has instructions for them on
   every processor. What is small is inlined always, so that it is made of the instructions that its
   caller may use. */

#include <cstddef>
#include <cstdint>
#include <cstring>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte is a word's lowest");

#define CNT_INLINE inline __attribute__((always_inline))

/* No vector is handed from function to function but by inlining. */
#pragma clang diagnostic ignored "-Wpsabi"

namespace {

constexpr ptrdiff_t word_bytes = 8;
constexpr ptrdiff_t vector_bytes = 16;
constexpr ptrdiff_t long_vector_bytes = 32;

typedef uint8_t bytes16 __attribute__((vector_size(vector_bytes)));
typedef uint8_t bytes32 __attribute__((vector_size(long_vector_bytes)));
typedef bool bools16 __attribute__((ext_vector_type(vector_bytes)));
typedef bool bools32 __attribute__((ext_vector_type(long_vector_bytes)));

/* Eight times the digit 0. */
constexpr uint64_t zeros_of_a_word = 0x3030303030303030;

template <typename Value> CNT_INLINE Value load(const uint8_t *bytes) {
    Value value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/* A bit for each byte of a comparison's result, that of the first byte the lowest. */
template <typename Comparison> CNT_INLINE uint32_t bits(Comparison comparison) {
    if constexpr (sizeof comparison == vector_bytes) {
        auto bools = __builtin_convertvector(comparison, bools16);
        uint16_t found;
        std::memcpy(&found, &bools, sizeof found);
        return found;
    } else {
        auto bools = __builtin_convertvector(comparison, bools32);
        uint32_t found;
        std::memcpy(&found, &bools, sizeof found);
        return found;
    }
}

constexpr bool is_digit(uint8_t byte) { return static_cast<uint8_t>(byte - '0') < 10; }

constexpr bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* A bit for each digit. */
template <typename Bytes> CNT_INLINE uint32_t digits_of(Bytes bytes) {
    return bits(bytes - '0' < uint8_t(10));
}

/* The end of a run of digits, and that of a run of zeros. */
CNT_INLINE const uint8_t *skip_digits(const uint8_t *next, const uint8_t *end) {
    for (; end - next >= vector_bytes; next += vector_bytes) {
        uint32_t others = digits_of(load<bytes16>(next)) ^ 0xFFFF;
        if (others != 0) { return next + __builtin_ctz(others); }
    }
    while (next < end && is_digit(*next)) { ++next; }
    return next;
}

CNT_INLINE const uint8_t *skip_zeros(const uint8_t *next, const uint8_t *end) {
    for (; end - next >= vector_bytes; next += vector_bytes) {
        uint32_t others = bits(load<bytes16>(next) != '0');
        if (others != 0) { return next + __builtin_ctz(others); }
    }
    while (next < end && *next == '0') { ++next; }
    return next;
}

/* The value of eight digits, each a byte from 0 to 9, the first in the lowest bits: pairs, then
   fours, then all of them. */
CNT_INLINE uint64_t value_of_word(uint64_t digits) {
    constexpr uint64_t mask = 0x000000FF000000FF;
    digits = digits * 10 + (digits >> 8);
    uint64_t upper = (digits & mask) * (100 + (uint64_t(1000000) << 32));
    uint64_t lower = ((digits >> 16) & mask) * (1 + (uint64_t(10000) << 32));
    return static_cast<uint32_t>((upper + lower) >> 32);
}

constexpr uint64_t integer_powers[] = {1,      10,      100,      1000,     10000,
                                       100000, 1000000, 10000000, 100000000};

/* Appends the value of the digits up to `end` to `integer`, modulo 2^64. The text ends at
   `text_end` or later. */
CNT_INLINE uint64_t append_digits(uint64_t integer, const uint8_t *next, const uint8_t *end,
                                  const uint8_t *text_end) {
    for (; end - next >= word_bytes; next += word_bytes) {
        integer = integer * integer_powers[word_bytes]
            + value_of_word(load<uint64_t>(next) ^ zeros_of_a_word);
    }
    if (next < end && text_end - next >= word_bytes) {
        /* Zeros in front of them make eight. */
        ptrdiff_t count = end - next;
        uint64_t digits = (load<uint64_t>(next) ^ zeros_of_a_word) << (64 - 8 * count);
        return integer * integer_powers[count] + value_of_word(digits);
    }
    for (; next < end; ++next) { integer = integer * 10 + (*next - '0'); }
    return integer;
}

}  // namespace

#endif
