#include "CColumns.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define COL_INLINE inline __attribute__((always_inline))

/* No vector is handed from function to function but by inlining. */
#pragma clang diagnostic ignored "-Wpsabi"

namespace {

/* No branch depends on a column, so that the loop is one of vectors. */
COL_INLINE col_shape shape_of(const uint32_t *columns, size_t count) {
    uint32_t least = columns[count - 1], largest = least, rises = 0, falls = 0;
    for (size_t position = 0; position + 1 < count; ++position) {
        uint32_t column = columns[position], next = columns[position + 1];
        least = column < least ? column : least;
        largest = column > largest ? column : largest;
        rises |= column < next ? 0 : 1;
        falls |= column > next ? 0 : 1;
    }
    return {least, largest, rises == 0, rises != 0 && falls == 0};
}

/* Sets each column's slot to its position and 1, and all others to 0. */
COL_INLINE void fill(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                     uint16_t *table) {
    size_t blocks = (range + COL_BLOCK - 1) / COL_BLOCK;
    std::memset(table, 0, blocks * COL_BLOCK * sizeof *table);
    /* Vectors would be taken apart for the stores. */
#pragma clang loop vectorize(disable) unroll_count(4)
    for (size_t position = 0; position < count; ++position) {
        table[columns[position] - least] = static_cast<uint16_t>(position + 1);
    }
}

/* A bit for each slot of a block that is not 0, the first slot's the lowest. */
COL_INLINE uint64_t filled_slots(const uint16_t *slots) {
    constexpr size_t lanes = 16;
    typedef uint16_t shorts16 __attribute__((vector_size(2 * lanes)));
    typedef bool bools16 __attribute__((ext_vector_type(lanes)));
    uint64_t filled = 0;
    for (size_t start = 0; start < COL_BLOCK; start += lanes) {
        shorts16 vector;
        std::memcpy(&vector, slots + start, sizeof vector);
        auto bools = __builtin_convertvector(vector != 0, bools16);
        uint16_t bits;
        std::memcpy(&bits, &bools, sizeof bits);
        filled |= uint64_t(bits) << start;
    }
    return filled;
}

/* Copies the positions of a block's slots that are not 0; returns their number. */
COL_INLINE size_t copy_filled(const uint16_t *slots, uint16_t *order) {
    uint64_t filled = filled_slots(slots);
    if (filled == ~uint64_t(0)) {
        for (size_t slot = 0; slot < COL_BLOCK; ++slot) {
            order[slot] = static_cast<uint16_t>(slots[slot] - 1);
        }
        return COL_BLOCK;
    }
    size_t count = static_cast<size_t>(__builtin_popcountll(filled));
    /* Four at a time, so that there are fewer ends of the loop to guess. */
    for (size_t index = 0; index < count; index += 4) {
        for (size_t next = index; next < index + 4; ++next) {
            size_t slot = filled == 0 ? 0 : static_cast<size_t>(__builtin_ctzll(filled));
            order[next] = static_cast<uint16_t>(slots[slot] - 1);
            filled &= filled - 1;
        }
    }
    return count;
}

COL_INLINE size_t order_of(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                           uint16_t *table, uint16_t *order) {
    fill(columns, count, least, range, table);
    size_t found = 0;
    for (size_t start = 0; start < range; start += COL_BLOCK) {
        found += copy_filled(table + start, order + found);
    }
    return found;
}

#if defined(__x86_64__)
#define COL_WIDE __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define COL_WIDEST                                                                               \
    __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi2")))

const bool is_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
    && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt")
    && __builtin_cpu_supports("popcnt");
const bool is_widest = is_wide && __builtin_cpu_supports("avx512f")
    && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
    && __builtin_cpu_supports("avx512vbmi2");

COL_WIDE col_shape shape_widely(const uint32_t *columns, size_t count) {
    return shape_of(columns, count);
}

COL_WIDE size_t order_widely(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                             uint16_t *table, uint16_t *order) {
    return order_of(columns, count, least, range, table, order);
}

/* AVX-512 has an instruction that leaves out the slots that are 0. */
COL_WIDEST size_t order_most_widely(const uint32_t *columns, size_t count, uint32_t least,
                                    size_t range, uint16_t *table, uint16_t *order) {
    fill(columns, count, least, range, table);
    size_t found = 0;
    for (size_t start = 0; start < range; start += 32) {
        __m512i slots = _mm512_loadu_si512(table + start);
        __mmask32 filled = _mm512_test_epi16_mask(slots, slots);
        __m512i positions = _mm512_sub_epi16(slots, _mm512_set1_epi16(1));
        _mm512_storeu_si512(order + found, _mm512_maskz_compress_epi16(filled, positions));
        found += static_cast<size_t>(__builtin_popcount(filled));
    }
    return found;
}
#endif

}  // namespace

col_shape col_shape_of(const uint32_t *columns, size_t count) noexcept {
#if defined(__x86_64__)
    if (is_wide) { return shape_widely(columns, count); }
#endif
    return shape_of(columns, count);
}

size_t col_order_portably(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                          uint16_t *table, uint16_t *order) noexcept {
    return order_of(columns, count, least, range, table, order);
}

size_t col_order_widely(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                        uint16_t *table, uint16_t *order) noexcept {
#if defined(__x86_64__)
    if (is_wide) { return order_widely(columns, count, least, range, table, order); }
#endif
    return order_of(columns, count, least, range, table, order);
}

size_t col_order(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                 uint16_t *table, uint16_t *order) noexcept {
#if defined(__x86_64__)
    if (is_widest) { return order_most_widely(columns, count, least, range, table, order); }
#endif
    return col_order_widely(columns, count, least, range, table, order);
}

void col_arrange(const uint16_t *order, size_t count, uint32_t *columns, float *values,
                 uint32_t *copied_columns, float *copied_values) noexcept {
    std::memcpy(copied_columns, columns, count * sizeof *columns);
    std::memcpy(copied_values, values, count * sizeof *values);
#pragma clang loop vectorize(disable) unroll_count(4)
    for (size_t index = 0; index < count; ++index) {
        columns[index] = copied_columns[order[index]];
        values[index] = copied_values[order[index]];
    }
}
