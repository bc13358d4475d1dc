#ifndef CNUMBERTEXT_PLAIN_INDICES_HPP
#define CNUMBERTEXT_PLAIN_INDICES_HPP

/* Unsigned integers of at most eight digits, many at a time. */

#include "plain_numbers.hpp"

namespace {

/* Reads indices as long as they are plain and below a bound, and a window of bytes is left. */
struct plain_indices {
    const uint8_t *const text;
    const uint8_t *const text_end;
    /* Those to read next, and how many at most. */
    uint32_t *indices;
    size_t room;
    uint32_t bound;

    /* An element begins at `next`; the result is the place behind those that were read. */
    CNT_INLINE const uint8_t *read(const uint8_t *next) {
        if (next - text < word_bytes) { return next; }
        uint64_t digits[batch_numbers];
        size_t gathered = 0;
        const uint8_t *begin = next;
        while (room > gathered && text_end - next >= window_bytes) {
            window found(next);
            size_t count = static_cast<size_t>(__builtin_popcountll(found.ends));
            count = count < room - gathered ? count : room - gathered;
            uint32_t end = gather(digits + gathered, next, found, count);
            if (end == 0) { break; }
            next += end;
            gathered += count;
            if (gathered > batch_numbers - window_numbers) {
                if (!convert(digits, gathered)) { return begin; }
                gathered = 0;
                begin = next;
            }
        }
        return convert(digits, gathered) ? next : begin;
    }

    /* Gathers the first numbers of a window, whose bytes are given. The result is their end, or 0
       if there are none, or not all of them are unsigned integers of a word. */
    static CNT_INLINE uint32_t gather(uint64_t *digits, const uint8_t *bytes, const window &found,
                                      size_t count) {
        place_list stops, begins;
        stops.fill(found.ends, count);
        if (!found.is_dense) { begins.fill(found.begins, count); }
        uint32_t longest = 0, begin = 0;
        for (size_t index = 0; index < count; ++index) {
            if (!found.is_dense) { begin = begins.places[index]; }
            uint32_t stop = stops.places[index], digit_count = stop - begin;
            longest |= digit_count - 1;
            digits[index] = (load<uint64_t>(bytes + stop - word_bytes) ^ zeros_of_a_word)
                & tables.digits[0][digit_count];
            begin = stop + 1;
        }
        /* Where no number has a dot, all ends are among what stands for dots. */
        bool is_integral = (found.ends & ~found.dots) == 0 && found.minuses == 0;
        return is_integral && longest < word_bytes ? begin : 0;
    }

    /* False if one is not below the bound; then none was read. */
    CNT_INLINE bool convert(uint64_t *digits, size_t count) {
        for (size_t index = count; index % lanes != 0; ++index) { digits[index] = 0; }
        auto excess = integers4{} != 0;
        for (size_t index = 0; index < count; index += lanes) {
            halves8 values = (halves8)values_of(load_lanes<words4>(digits + index));
            integers4 found = __builtin_shufflevector(values, values, 0, 2, 4, 6);
            excess |= found >= bound;
            store_lanes(found, indices + index, count - index);
        }
        if (is_any(excess)) { return false; }
        indices += count;
        room -= count;
        return true;
    }
};

}  // namespace

#endif
