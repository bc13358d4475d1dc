#include "CNumberText.h"

#include "plain_indices.hpp"
#include "widest_indices.hpp"

#include <cmath>

namespace {

constexpr ptrdiff_t most_index_digits = 10;

const uint8_t *skip_space(const uint8_t *next, const uint8_t *end) {
    while (next < end && is_space(*next)) { ++next; }
    return next;
}

/* Reads "d,d,d,d," while the bytes are like that, where there is room; the result is the byte
   behind. */
CNT_INLINE const uint8_t *read_single_digits(const uint8_t *next, const uint8_t *end,
                                             float *floats, size_t room, size_t &count) {
    typedef uint16_t pairs8 __attribute__((vector_size(vector_bytes)));
    typedef float floats8 __attribute__((vector_size(2 * vector_bytes)));
    constexpr size_t numbers = vector_bytes / 2;
    while (end - next >= vector_bytes && room - count >= numbers) {
        /* Of each pair its digit's value is left. */
        pairs8 digits = load<pairs8>(next) ^ (uint16_t)(',' << 8 | '0');
        if (bits((bytes16)(digits > 9)) != 0) { break; }
        floats8 found = __builtin_convertvector(digits, floats8);
        std::memcpy(floats + count, &found, sizeof found);
        count += numbers;
        next += vector_bytes;
    }
    return next;
}

/* Elements that are read one by one where few are plain, until it is tried again: a look that finds
   none costs what reading a number does. */
struct patience {
    static constexpr int most = 15;
    int left = 0, next = 0;

    bool is_over() { return left == 0 || left-- == 0; }
    void note(bool has_read) {
        left = has_read ? 0 : next;
        next = has_read ? 0 : next < most ? 2 * next + 1 : most;
    }
};

/* Ways to read an array's elements. `many` reads some of them where it can, and moves on; `one`
   reads an element without the space around it and returns its end, or null for any other. */
struct float_reading {
    using value = float;

    CNT_INLINE const uint8_t *many(const uint8_t *text, const uint8_t *next, const uint8_t *end,
                                   float *floats, size_t room, size_t &count) const {
        next = read_single_digits(next, end, floats, room, count);
        plain_floats plain = {text, end, floats + count, room - count};
        next = plain.read(next);
        count = room - plain.room;
        return next;
    }

    CNT_INLINE const uint8_t *one(const uint8_t *begin, const uint8_t *end, float &value) const {
        decimal number;
        const uint8_t *next = read_decimal(begin, end, number);
        if (next == nullptr) { return nullptr; }
        value = nearest_float(number, begin, next);
        return std::isfinite(value) ? next : nullptr;
    }
};

template <typename Plain> struct index_reading {
    using value = uint32_t;
    uint32_t bound;

    CNT_INLINE const uint8_t *many(const uint8_t *text, const uint8_t *next, const uint8_t *end,
                                   uint32_t *indices, size_t room, size_t &count) const {
        Plain plain = {text, end, indices + count, room - count, bound};
        next = plain.read(next);
        count = room - plain.room;
        return next;
    }

    CNT_INLINE const uint8_t *one(const uint8_t *begin, const uint8_t *end,
                                  uint32_t &value) const {
        const uint8_t *next = *begin == '0' ? begin + 1 : skip_digits(begin, end);
        if (next == begin || next - begin > most_index_digits) { return nullptr; }
        uint64_t integer = append_digits(0, begin, next, end);
        value = static_cast<uint32_t>(integer);
        return integer < bound ? next : nullptr;
    }
};

/* Reads the elements of an array from `offset` on, up to the first that cannot be read. */
template <typename Reading>
CNT_INLINE cnt_reading read_elements(const uint8_t *bytes, size_t count, size_t offset,
                                     typename Reading::value *values, size_t room,
                                     Reading reading) {
    const uint8_t *end = bytes + count;
    const uint8_t *element = bytes + offset;
    cnt_reading result = {offset, 0, CNT_STOPPED};
    patience patience;
    while (true) {
        if (patience.is_over()) {
            size_t before = result.count;
            element = reading.many(bytes, element, end, values, room, result.count);
            patience.note(result.count > before);
        }
        result.offset = static_cast<size_t>(element - bytes);
        const uint8_t *next = skip_space(element, end);
        if (next == end) { return result; }
        if (result.count == room) {
            result.end = CNT_FULL;
            return result;
        }
        typename Reading::value value;
        next = reading.one(next, end, value);
        if (next == nullptr) { return result; }
        next = skip_space(next, end);
        if (next == end || (*next != ',' && *next != ']')) { return result; }
        values[result.count++] = value;
        element = next + 1;
        if (*next == ']') {
            result.offset = static_cast<size_t>(element - bytes);
            result.end = CNT_CLOSED;
            return result;
        }
    }
}

/* The same for processors that have more than the least: the functions are compiled twice. Indices
   have a third version, whose inner loop is one of AVX-512. */
#if defined(__x86_64__)
#define CNT_WIDE __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))

const bool is_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
    && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt")
    && __builtin_cpu_supports("popcnt");

CNT_WIDE cnt_reading read_floats_wide(const uint8_t *bytes, size_t count, size_t offset,
                                      float *floats, size_t room) {
    return read_elements(bytes, count, offset, floats, room, float_reading{});
}

CNT_WIDE cnt_reading read_indices_wide(const uint8_t *bytes, size_t count, size_t offset,
                                       uint32_t *indices, size_t room, uint32_t bound) {
    return read_elements(bytes, count, offset, indices, room, index_reading<plain_indices>{bound});
}

const bool is_widest = is_wide && __builtin_cpu_supports("avx512f")
    && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
    && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi")
    && __builtin_cpu_supports("avx512vbmi2");

CNT_WIDE cnt_reading read_indices_widest(const uint8_t *bytes, size_t count, size_t offset,
                                         uint32_t *indices, size_t room, uint32_t bound) {
    return read_elements(bytes, count, offset, indices, room, index_reading<widest_indices>{bound});
}
#endif

}  // namespace

cnt_reading cnt_read_floats_portably(const uint8_t *bytes, size_t count, size_t offset,
                                     float *floats, size_t room) noexcept {
    return read_elements(bytes, count, offset, floats, room, float_reading{});
}

cnt_reading cnt_read_indices_portably(const uint8_t *bytes, size_t count, size_t offset,
                                      uint32_t *indices, size_t room, uint32_t bound) noexcept {
    return read_elements(bytes, count, offset, indices, room, index_reading<plain_indices>{bound});
}

cnt_reading cnt_read_floats(const uint8_t *bytes, size_t count, size_t offset, float *floats,
                            size_t room) noexcept {
#if defined(__x86_64__)
    if (is_wide) { return read_floats_wide(bytes, count, offset, floats, room); }
#endif
    return cnt_read_floats_portably(bytes, count, offset, floats, room);
}

cnt_reading cnt_read_indices_widely(const uint8_t *bytes, size_t count, size_t offset,
                                    uint32_t *indices, size_t room, uint32_t bound) noexcept {
#if defined(__x86_64__)
    if (is_wide) { return read_indices_wide(bytes, count, offset, indices, room, bound); }
#endif
    return cnt_read_indices_portably(bytes, count, offset, indices, room, bound);
}

cnt_reading cnt_read_indices(const uint8_t *bytes, size_t count, size_t offset,
                             uint32_t *indices, size_t room, uint32_t bound) noexcept {
#if defined(__x86_64__)
    if (is_widest) { return read_indices_widest(bytes, count, offset, indices, room, bound); }
#endif
    return cnt_read_indices_widely(bytes, count, offset, indices, room, bound);
}

double cnt_double(const uint8_t *bytes, size_t count) noexcept {
    return nearest_double(bytes, bytes + count);
}
