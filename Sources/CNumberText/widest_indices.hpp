#ifndef CNUMBERTEXT_WIDEST_INDICES_HPP
#define CNUMBERTEXT_WIDEST_INDICES_HPP

/* Unsigned integers of at most eight digits by AVX-512, which moves a window's bytes to any place
   at once: eight integers' digits come to lie side by side without a load for each of them. */

#include "window.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define CNT_WIDEST                                                                               \
    __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl,"       \
                          "avx512vbmi,avx512vbmi2")))
#define CNT_WIDEST_INLINE CNT_WIDEST CNT_INLINE

namespace {

/* Reads what `plain_indices` does. */
struct widest_indices {
    const uint8_t *const text;
    const uint8_t *const text_end;
    /* Those to read next, and how many at most. */
    uint32_t *indices;
    size_t room;
    const uint32_t bound;

    /* Numbers that are stored together. */
    static constexpr size_t group = 16;

    /* A function of its own: none that is made for fewer instructions may hold it. */
    CNT_WIDEST __attribute__((noinline)) const uint8_t *read(const uint8_t *next) {
        /* Kept where no store to the indices can reach them. */
        uint32_t *target = indices;
        size_t left = room;
        while (left > 0 && text_end - next >= window_bytes) {
            window found(next);
            uint64_t ends = found.ends, commas = places_of(',', next);
            const uint8_t *after = behind_last(next, commas);
            size_t count = static_cast<size_t>(__builtin_popcountll(ends));
            if (__builtin_expect(count > left || ends != commas, false)) {
                count = count < left ? count : left;
                ends = _pdep_u64((uint64_t(1) << count) - 1, ends);
                after = behind_last(next, ends);
            }
            /* Where no number has a dot, all ends are among what stands for dots. */
            bool is_integral = (ends & ~found.dots) == 0 && found.minuses == 0;
            if (count == 0 || !is_integral) { break; }
            if (!convert(next, ends, found.begins, count, target, bound)) { break; }
            next = after;
            target += count;
            left -= count;
        }
        indices = target;
        room = left;
        return next;
    }

    /* The byte behind the last of some places of a window. The last comma's needs no check of the
       numbers, so that the next window does not wait for one. */
    static CNT_WIDEST_INLINE const uint8_t *behind_last(const uint8_t *bytes, uint64_t places) {
        return bytes + (window_bytes - static_cast<ptrdiff_t>(_lzcnt_u64(places)));
    }

    /* Stores the first numbers of a window; false if one of them is too long or too large. */
    static CNT_WIDEST_INLINE bool convert(const uint8_t *bytes, uint64_t ends, uint64_t begins,
                                          size_t count, uint32_t *indices, uint32_t bound) {
        __m512i places = _mm512_set_epi8(
            63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42,
            41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20,
            19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        __m512i stops = _mm512_maskz_compress_epi8(ends, places);
        __m512i starts = _mm512_maskz_compress_epi8(begins, places);
        __m512i digits = _mm512_sub_epi8(_mm512_loadu_si512(bytes), _mm512_set1_epi8('0'));
        uint32_t numbers = ~uint32_t(0) >> (window_numbers - count);
        __m512i largest = values_of_group(digits, stops, starts, 0);
        _mm512_mask_storeu_epi32(indices, static_cast<__mmask16>(numbers), largest);
        if (count > group) {
            __m512i values = values_of_group(digits, stops, starts, group);
            largest = _mm512_max_epu32(largest, values);
            _mm512_mask_storeu_epi32(indices + group, static_cast<__mmask16>(numbers >> group),
                                     values);
        }
        __m512i lengths = _mm512_sub_epi8(stops, starts);
        uint64_t long_ones = _mm512_cmpgt_epu8_mask(lengths, _mm512_set1_epi8(word_bytes));
        /* Lanes without a number are 0. */
        __m512i bounds = _mm512_set1_epi32(static_cast<int>(bound));
        return ((long_ones & numbers) | _mm512_cmpge_epu32_mask(largest, bounds)) == 0;
    }

    /* Those of the numbers from one on. */
    static CNT_WIDEST_INLINE __m512i values_of_group(__m512i digits, __m512i stops, __m512i starts,
                                                     size_t first) {
        /* Numbers whose values come to lie in order when two halves are packed. */
        __m512i lower = _mm512_set_epi64(
            0x0D0D0D0D0D0D0D0D, 0x0C0C0C0C0C0C0C0C, 0x0909090909090909, 0x0808080808080808,
            0x0505050505050505, 0x0404040404040404, 0x0101010101010101, 0);
        lower = _mm512_or_si512(lower, _mm512_set1_epi8(static_cast<char>(first)));
        __m512i upper = _mm512_or_si512(lower, _mm512_set1_epi8(2));
        __m512i fours = _mm512_packus_epi32(fours_of(digits, stops, starts, lower),
                                            fours_of(digits, stops, starts, upper));
        return _mm512_madd_epi16(fours, _mm512_set1_epi32(1 << 16 | 10000));
    }

    /* The values of four digits and of the four behind them, for each lane's number. */
    static CNT_WIDEST_INLINE __m512i fours_of(__m512i digits, __m512i stops, __m512i starts,
                                              __m512i number) {
        __m512i distance = _mm512_set1_epi64(0x0102030405060708);
        __m512i place = _mm512_sub_epi8(_mm512_permutexvar_epi8(number, stops), distance);
        __m512i start = _mm512_permutexvar_epi8(number, starts);
        uint64_t belongs = _mm512_cmpge_epi8_mask(place, start);
        __m512i lanes = _mm512_maskz_permutexvar_epi8(belongs, place, digits);
        __m512i pairs = _mm512_maddubs_epi16(lanes, _mm512_set1_epi16(1 << 8 | 10));
        return _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << 16 | 100));
    }
};

}  // namespace

#endif

#endif
