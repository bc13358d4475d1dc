#ifndef CNUMBERTEXT_DECIMAL_HPP
#define CNUMBERTEXT_DECIMAL_HPP

/* Any number in JSON's grammar, of any length, and its nearest float. */

#include "CNumberText.h"
#include "bytes.hpp"

#include <fast_float/fast_float.h>

namespace {

/* As many digits fit 64 bits, whatever they are. */
constexpr ptrdiff_t most_digits = 19;
/* The exponents of ten that a double holds exactly, and some more. */
constexpr int largest_exact_power = 22;
constexpr uint64_t largest_exact_integer = uint64_t(1) << 53;
/* Each the double nearest to the power. */
constexpr double powers_of_ten[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};

/* The number (-1)^is_negative × integer × 10^exponent, but for digits that were cut off. */
struct decimal {
    /* The value of the digits, nineteen of them at most without the zeros in front. */
    uint64_t integer;
    /* That of a text is bounded: beyond it all is 0 or infinite. */
    int64_t exponent;
    bool is_negative;
    /* Whether digits follow those of the integer. */
    bool is_cut;
};

/* Far beyond the exponents of doubles, whatever digits a text of any length has. */
constexpr int64_t exponent_bound = 1000000000000;
constexpr ptrdiff_t most_exponent_digits = 12;

/* The end of a run of digits of which there mostly are few. */
CNT_INLINE const uint8_t *skip_few_digits(const uint8_t *next, const uint8_t *end) {
    for (int count = 0; count < 3; ++count, ++next) {
        if (next == end || !is_digit(*next)) { return next; }
    }
    return skip_digits(next, end);
}

/* Reads an exponent behind its letter; null without digits. */
CNT_INLINE const uint8_t *read_exponent(const uint8_t *next, const uint8_t *end,
                                        int64_t &exponent) {
    bool is_negative = next < end && *next == '-';
    if (next < end && (*next == '+' || *next == '-')) { ++next; }
    if (end - next > 2 && is_digit(next[0]) && is_digit(next[1]) && !is_digit(next[2])) {
        /* As most of them are. */
        int magnitude = (next[0] - '0') * 10 + (next[1] - '0');
        exponent = is_negative ? -magnitude : magnitude;
        return next + 2;
    }
    const uint8_t *digits = next;
    next = skip_few_digits(next, end);
    if (next == digits) { return nullptr; }
    if (next - digits > most_exponent_digits) { digits = skip_zeros(digits, next); }
    int64_t magnitude = exponent_bound;
    if (next - digits <= most_exponent_digits) {
        magnitude = static_cast<int64_t>(append_digits(0, digits, next, end));
    }
    exponent = is_negative ? -magnitude : magnitude;
    return next;
}

/* Takes the digits of both parts; the exponent is that of the text. */
CNT_INLINE void take_digits(const uint8_t *integral, const uint8_t *integral_end,
                        const uint8_t *fraction, const uint8_t *fraction_end,
                        const uint8_t *end, decimal &number) {
    const uint8_t *point = fraction;
    if (*integral == '0') {
        integral = integral_end;
        if (fraction_end - fraction > most_digits) {
            fraction = skip_zeros(fraction, fraction_end);
        }
    }
    ptrdiff_t count = integral_end - integral, more = fraction_end - fraction;
    ptrdiff_t taken = count < most_digits ? count : most_digits;
    ptrdiff_t room = most_digits - taken;
    ptrdiff_t taken_more = more < room ? more : room;
    number.integer = append_digits(0, integral, integral + taken, end);
    number.integer = append_digits(number.integer, fraction, fraction + taken_more, end);
    number.exponent += (count - taken) - (fraction + taken_more - point);
    number.is_cut = taken + taken_more < count + more;
}

/* Reads `-? int frac? exp?` and returns its end; null for anything else, and where the bytes end
   before it is certain that the number has. */
CNT_INLINE const uint8_t *read_decimal(const uint8_t *begin, const uint8_t *end, decimal &number) {
    const uint8_t *next = begin;
    number.is_negative = *next == '-';
    if (number.is_negative && ++next == end) { return nullptr; }
    const uint8_t *integral = next;
    next = *next == '0' ? next + 1 : skip_few_digits(next, end);
    const uint8_t *integral_end = next, *fraction = next;
    if (integral == next) { return nullptr; }
    if (next < end && *next == '.') {
        fraction = ++next;
        next = skip_digits(next, end);
        if (fraction == next) { return nullptr; }
    }
    const uint8_t *fraction_end = next;
    number.exponent = 0;
    if (next < end && (*next | 0x20) == 'e') {
        next = read_exponent(next + 1, end, number.exponent);
        if (next == nullptr) { return nullptr; }
    }
    if (next == end || next - begin > CNT_MAX_NUMBER_BYTES) { return nullptr; }
    take_digits(integral, integral_end, fraction, fraction_end, end, number);
    return next;
}

inline double nearest_double(const uint8_t *begin, const uint8_t *end) {
    double value = 0;
    fast_float::from_chars(reinterpret_cast<const char *>(begin),
                           reinterpret_cast<const char *>(end), value);
    return value;
}

/* The same without reading the text again, unless it takes digits that were cut off. */
inline double nearest_double(const decimal &number, const uint8_t *begin, const uint8_t *end) {
    using format = fast_float::binary_format<double>;
    auto found = fast_float::compute_float<format>(number.exponent, number.integer);
    bool is_certain = found.power2 >= 0;
    if (is_certain && number.is_cut) {
        is_certain =
            found == fast_float::compute_float<format>(number.exponent, number.integer + 1);
    }
    if (!is_certain) { return nearest_double(begin, end); }
    uint64_t bits = found.mantissa | uint64_t(found.power2) << format::mantissa_explicit_bits();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return number.is_negative ? -value : value;
}

/* Bits of a double's significand beyond a float's, and their value halfway between two floats. */
constexpr uint32_t extra_bits = (uint32_t(1) << 29) - 1;
constexpr uint32_t halfway = uint32_t(1) << 28;
/* A double that is wrong by so many steps and lies no nearer to halfway has the right float. */
constexpr uint32_t margin = 8;

/* Whether all doubles within `margin` steps of a value have the same float, which is not
   subnormal. */
CNT_INLINE bool tells_float(double value) {
    constexpr double largest = 0x1p127, smallest = 0x1p-126;
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (static_cast<uint32_t>(bits) & extra_bits) - (halfway - margin) > 2 * margin
        && value < largest && value > smallest;
}

/* Below 10^-46 the nearest float is 0: the smallest is 1.4 × 10^-45. */
constexpr int64_t least_magnitude = -46;

/* The float nearest to the double nearest to a number. A product or quotient of doubles is within
   two steps of that double, for both operands are rounded once at most; that mostly tells the
   float. Elsewhere fast_float tells the double. */
CNT_INLINE float nearest_float(const decimal &number, const uint8_t *begin, const uint8_t *end) {
    double value = static_cast<double>(number.integer);
    int64_t exponent = number.exponent;
    if (number.integer == 0 || exponent + most_digits + 1 < least_magnitude) {
        value = 0;
    } else if (exponent >= -largest_exact_power && exponent <= largest_exact_power) {
        value = exponent < 0 ? value / powers_of_ten[-exponent] : value * powers_of_ten[exponent];
        /* Exact operands, whose quotient is rounded once, need no second look (Clinger 1990). */
        bool is_exact = number.integer <= largest_exact_integer && !number.is_cut;
        if (!is_exact && !tells_float(value)) {
            return static_cast<float>(nearest_double(number, begin, end));
        }
    } else {
        return static_cast<float>(nearest_double(number, begin, end));
    }
    float rounded = static_cast<float>(value);
    return number.is_negative ? -rounded : rounded;
}

}  // namespace

#endif
