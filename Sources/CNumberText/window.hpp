#ifndef CNUMBERTEXT_WINDOW_HPP
#define CNUMBERTEXT_WINDOW_HPP

/* Where plain numbers begin and end among the next bytes of an array, and where their dots are:
   found for all of them together, so that none has to wait for the end of the one before. */

#include "bytes.hpp"

namespace {

constexpr ptrdiff_t window_bytes = 64;

/* The bytes of a window that are a digit and so on; the lowest bit is that of the first. */
struct byte_classes {
    uint64_t digits = 0, zeros = 0, dots = 0, commas = 0;

    CNT_INLINE explicit byte_classes(const uint8_t *bytes) {
        for (ptrdiff_t start = 0; start < window_bytes; start += long_vector_bytes) {
            bytes32 vector = load<bytes32>(bytes + start);
            digits |= uint64_t(digits_of(vector)) << start;
            zeros |= uint64_t(bits(vector == '0')) << start;
            dots |= uint64_t(bits(vector == '.')) << start;
            commas |= uint64_t(bits(vector == ',')) << start;
        }
    }
};

CNT_INLINE uint64_t places_of(uint8_t byte, const uint8_t *bytes) {
    uint64_t places = 0;
    for (ptrdiff_t start = 0; start < window_bytes; start += long_vector_bytes) {
        places |= uint64_t(bits(load<bytes32>(bytes + start) == byte)) << start;
    }
    return places;
}

/* The places of plain numbers from an element's start on. They are `-? int frac?`, with at most one
   space before them and a comma behind. */
struct window {
    /* The commas. Bytes from the first on that belongs to no plain number have none. */
    uint64_t ends;
    /* A number's first digit. */
    uint64_t begins;
    /* A number's dot, or its comma if it has none. */
    uint64_t dots;
    uint64_t minuses = 0;
    /* Whether each number begins behind the comma before it. */
    bool is_dense = true;

    CNT_INLINE explicit window(const uint8_t *bytes) {
        byte_classes classes(bytes);
        begins = classes.commas << 1 | 1;
        uint64_t wrong = ~(classes.digits | classes.dots | classes.commas);
        if (wrong != 0) {
            /* By a sum, beginnings move behind what stands before the digits. */
            uint64_t spaces = places_of(' ', bytes) & begins;
            begins += spaces;
            minuses = places_of('-', bytes) & begins;
            begins += minuses;
            wrong &= ~(spaces | minuses);
            is_dense = (spaces | minuses) == 0;
        }
        /* Digits stand on both sides of a dot and before a comma, and none behind a leading 0. */
        wrong |= (classes.dots | classes.commas) & ~(classes.digits << 1);
        wrong |= classes.dots & ~(classes.digits >> 1);
        wrong |= classes.zeros & begins & classes.digits >> 1;
        /* A comma less its number's dot is ones from the dot to the comma, with a zero at a second
           dot; without a dot the comma is left. */
        uint64_t differences = classes.commas - classes.dots;
        wrong |= classes.dots & ~differences;
        dots = classes.dots | (classes.commas & differences);
        ends = classes.commas & ((wrong & -wrong) - 1);
    }

    /* The numbers before the first that has more than so many digits. */
    CNT_INLINE size_t first_short(int most_digits) const {
        uint64_t stops = ends, points = dots, firsts = begins;
        size_t count = 0;
        for (; stops != 0; ++count) {
            int stop = __builtin_ctzll(stops), point = __builtin_ctzll(points);
            int digit_count = stop - __builtin_ctzll(firsts) - (point != stop);
            if (digit_count > most_digits) { break; }
            stops &= stops - 1;
            points &= points - 1;
            firsts &= firsts - 1;
        }
        return count;
    }
};

constexpr size_t window_numbers = window_bytes / 2;

/* Numbers' places as indices. Those behind a window's last number mean nothing. */
struct place_list {
    uint8_t places[window_numbers];

    CNT_INLINE void fill(uint64_t mask, size_t count) {
        /* Four at a time, so that there are fewer ends of the loop to guess. */
        for (size_t index = 0; index < count; index += 4) {
            for (size_t next = index; next < index + 4; ++next) {
                places[next] =
                    static_cast<uint8_t>(mask == 0 ? window_bytes : __builtin_ctzll(mask));
                mask &= mask - 1;
            }
        }
    }
};

}  // namespace

#endif
