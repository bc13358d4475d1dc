#ifndef CNUMBERTEXT_PLAIN_NUMBERS_HPP
#define CNUMBERTEXT_PLAIN_NUMBERS_HPP

/* Plain numbers of at most 32 digits, many at a time: their digits are gathered first, and then
   converted together. */

#include "decimal.hpp"
#include "window.hpp"

namespace {

constexpr size_t lanes = 4;
typedef uint64_t words4 __attribute__((vector_size(8 * lanes)));
typedef uint32_t halves8 __attribute__((vector_size(8 * lanes)));
typedef uint16_t quarters16 __attribute__((vector_size(8 * lanes)));
typedef double doubles4 __attribute__((vector_size(8 * lanes)));
typedef float floats4 __attribute__((vector_size(4 * lanes)));
typedef uint32_t integers4 __attribute__((vector_size(4 * lanes)));

template <typename Vector, typename Element> CNT_INLINE Vector load_lanes(const Element *elements) {
    Vector vector;
    std::memcpy(&vector, elements, sizeof vector);
    return vector;
}

/* Stores the lanes that are among the first `count`. */
template <typename Vector, typename Element>
CNT_INLINE void store_lanes(Vector vector, Element *elements, size_t count) {
    if (count >= lanes) {
        std::memcpy(elements, &vector, sizeof vector);
    } else {
        std::memcpy(elements, &vector, sizeof(Element) * count);
    }
}

/* Whether any lane of a comparison is true. */
template <typename Comparison> CNT_INLINE bool is_any(Comparison comparison) {
    uint64_t halves[2];
    static_assert(sizeof comparison == sizeof halves, "lanes of 32 bits");
    std::memcpy(halves, &comparison, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* Words of eight digits that a plain number has at most. */
constexpr int most_words = 4;
constexpr uint32_t most_plain_digits = word_bytes * most_words;
/* Bytes of the text that are loaded before a number's end: the words, and a dot among them. */
constexpr ptrdiff_t bytes_before_end = most_plain_digits + 1;

/* What a number's digits are found by: its count of digits, and the distance of its dot from its
   comma, which is 0 without a dot. Within a window neither is longer than it. */
struct word_tables {
    /* The bytes of each word, the last one first, that belong to so many digits. */
    uint64_t digits[most_words][window_bytes] = {};
    /* Those that stand behind the dot; all without one. */
    uint64_t behind_dot[most_words][window_bytes] = {};
    /* The power of ten that a number is divided by, and its negative for negative numbers; 0 for
       numbers that are not plain. */
    double divisors[2][window_bytes] = {};

    constexpr word_tables() {
        for (int word = 0; word < most_words; ++word) {
            for (int count = 0; count < window_bytes; ++count) {
                int left = count - word * static_cast<int>(word_bytes);
                digits[word][count] = last_bytes(left);
                behind_dot[word][count] = count == 0 ? ~uint64_t(0) : last_bytes(left - 1);
            }
        }
        for (uint32_t distance = 0; distance <= most_plain_digits; ++distance) {
            divisors[0][distance] = powers_of_ten[distance == 0 ? 0 : distance - 1];
            divisors[1][distance] = -divisors[0][distance];
        }
    }

    static constexpr uint64_t last_bytes(int count) {
        if (count <= 0) { return 0; }
        return count >= word_bytes ? ~uint64_t(0) : ~uint64_t(0) << (8 * (word_bytes - count));
    }
};
constexpr word_tables tables;

/* The value of eight digits in each lane: of pairs, of fours, of all. */
CNT_INLINE words4 values_of(words4 digits) {
    quarters16 pairs = (quarters16)digits;
    pairs = (pairs & 0xFF) * 10 + (pairs >> 8);
    halves8 fours = (halves8)(pairs * (quarters16)(halves8{} + (1 << 16 | 100)));
    fours = (fours & 0xFFFF) + (fours >> 16);
    words4 eights = (words4)fours;
    return (eights & 0xFFFFFFFF) * 10000 + (eights >> 32);
}

/* Integers below 2^52. Those are the low bits of a double between 2^52 and 2^53. */
CNT_INLINE doubles4 doubles_of(words4 integers) {
    doubles4 offset = doubles4{} + 0x1p52;
    return (doubles4)(integers | (words4)offset) - offset;
}

/* Numbers that were found: more than half as many as fit a window come on top of half. */
constexpr size_t batch_numbers = 2 * window_numbers;

/* What was gathered; the count of its numbers is kept where registers hold it. */
struct float_batch {
    /* Words of a number's digits, the last ones first. */
    uint64_t digits[most_words][batch_numbers];
    double divisors[batch_numbers];
    /* The commas, for numbers that have to be read again. */
    const uint8_t *ends[batch_numbers];

    /* Gathers the first numbers of a window, whose bytes are given, from a place of the batch on,
       and finds the end of the last. Returns the bits of each number's count of digits less 1, all
       joined by OR: what was gathered is whole if that is less than the digits of `words` words. */
    template <int words>
    CNT_INLINE uint32_t gather(size_t place, const uint8_t *bytes, const window &found,
                               size_t number_count, uint32_t &end) {
        place_list stops, dots, begins;
        stops.fill(found.ends, number_count);
        dots.fill(found.dots, number_count);
        if (!found.is_dense) { begins.fill(found.begins, number_count); }
        uint32_t longest = 0, begin = 0;
        for (size_t index = 0; index < number_count; ++index) {
            uint32_t stop = stops.places[index], distance = stop - dots.places[index];
            uint32_t sign = 0;
            if (!found.is_dense) {
                begin = begins.places[index];
                sign = found.minuses << 1 >> begin & 1;
            }
            uint32_t digit_count = stop - begin - (distance != 0);
            longest |= digit_count - 1;
            add<words>(bytes + stop, digit_count, distance, sign, place + index);
            begin = end = stop + 1;
        }
        return longest;
    }

    template <int words>
    CNT_INLINE void add(const uint8_t *end, uint32_t digit_count, uint32_t distance, uint32_t sign,
                        size_t place) {
        for (int word = 0; word < words; ++word) {
            const uint8_t *last = end - word_bytes * (word + 1);
            /* The dot goes, and what stands before it moves up. */
            uint64_t behind_dot = tables.behind_dot[word][distance];
            uint64_t bytes = (load<uint64_t>(last) & behind_dot)
                | (load<uint64_t>(last - 1) & ~behind_dot);
            digits[word][place] = (bytes ^ zeros_of_a_word) & tables.digits[word][digit_count];
        }
        divisors[place] = tables.divisors[sign][distance];
        ends[place] = end;
    }

    template <int words> CNT_INLINE void convert(size_t count, float *floats) {
        for (size_t place = count; place % lanes != 0; ++place) {
            for (int word = 0; word < words; ++word) { digits[word][place] = 0; }
            divisors[place] = 1;
        }
        for (size_t index = 0; index < count; index += lanes) {
            doubles4 values = {};
            for (int word = words - 1; word >= 0; --word) {
                doubles4 next = doubles_of(values_of(load_lanes<words4>(&digits[word][index])));
                values = word == words - 1 ? next : values * 1e8 + next;
            }
            values /= load_lanes<doubles4>(&divisors[index]);
            floats4 found = __builtin_convertvector(values, floats4);
            store_lanes(found, floats + index, count - index);
            if (words > 1) { settle(index, values, count, floats); }
        }
    }

    /* Reads those again whose double is too near halfway between two floats to tell the float. With
       one word every double is the nearest. With four, five sums and products, the divisor and the
       quotient are rounded, each by a part in 2^53 or less: seven steps at most. None is near the
       ends of a float's range. */
    CNT_INLINE void settle(size_t index, doubles4 values, size_t count, float *floats) const {
        halves8 halves = (halves8)values;
        integers4 low = __builtin_shufflevector(halves, halves, 0, 2, 4, 6);
        auto is_near = (low & extra_bits) - (halfway - margin) <= 2 * margin;
        if (__builtin_expect(!is_any(is_near), true)) { return; }
        for (size_t lane = 0; lane < lanes && index + lane < count; ++lane) {
            if (is_near[lane] != 0) { floats[index + lane] = float_before(ends[index + lane]); }
        }
    }

    /* The float of a plain number before its comma. */
    __attribute__((noinline)) static float float_before(const uint8_t *comma) {
        const uint8_t *begin = comma;
        while (is_digit(begin[-1]) || begin[-1] == '.' || begin[-1] == '-') { --begin; }
        decimal number;
        read_decimal(begin, comma + 1, number);
        return nearest_float(number, begin, comma);
    }
};

/* Reads floats as long as they are plain and a window of bytes is left. */
struct plain_floats {
    const uint8_t *const text;
    const uint8_t *const text_end;
    /* Those to read next, and how many at most. */
    float *floats;
    size_t room;
    /* Numbers that were gathered, and the words that they have. */
    size_t gathered = 0;
    int words = 1;

    /* An element begins at `next`; the result is the place behind those that were read. */
    CNT_INLINE const uint8_t *read(const uint8_t *next) {
        if (next - text < bytes_before_end) { return next; }
        float_batch batch;
        while (room > 0 && text_end - next >= window_bytes) {
            window found(next);
            size_t count = static_cast<size_t>(__builtin_popcountll(found.ends));
            count = count < room ? count : room;
            uint32_t end = 0, longest = gather(batch, next, found, count, end);
            if (longest >= word_bytes * static_cast<uint32_t>(words)) {
                flush(batch);
                words = words_for(longest);
                if (longest >= most_plain_digits) { count = found.first_short(most_plain_digits); }
                count = count < room ? count : room;
                end = 0;
                gather(batch, next, found, count, end);
            }
            if (count == 0) { break; }
            gathered += count;
            room -= count;
            next += end;
            if (gathered > batch_numbers - window_numbers) {
                flush(batch);
                words = words_for(longest);
            }
        }
        flush(batch);
        return next;
    }

    static CNT_INLINE int words_for(uint32_t longest) {
        int found = 1 + static_cast<int>(longest / word_bytes);
        return found < most_words ? found : most_words;
    }

    CNT_INLINE uint32_t gather(float_batch &batch, const uint8_t *next, const window &found,
                               size_t count, uint32_t &end) const {
        switch (words) {
        case 1: return batch.gather<1>(gathered, next, found, count, end);
        case 2: return batch.gather<2>(gathered, next, found, count, end);
        case 3: return batch.gather<3>(gathered, next, found, count, end);
        default: return batch.gather<most_words>(gathered, next, found, count, end);
        }
    }

    CNT_INLINE void flush(float_batch &batch) {
        switch (words) {
        case 1: batch.convert<1>(gathered, floats); break;
        case 2: batch.convert<2>(gathered, floats); break;
        case 3: batch.convert<3>(gathered, floats); break;
        default: batch.convert<most_words>(gathered, floats);
        }
        floats += gathered;
        gathered = 0;
    }
};

}  // namespace

#endif
