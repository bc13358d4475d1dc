#include "CNumberText.h"

#include <cmath>
#include <cstring>
#include <fast_float/fast_float.h>
#include <type_traits>

namespace {

constexpr bool is_digit(uint8_t byte) { return static_cast<uint8_t>(byte - '0') < 10; }

constexpr bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* The exponents of ten that a double holds exactly. */
constexpr int largest_exact_power = 22;
constexpr double exact_powers[largest_exact_power + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr uint64_t integer_powers[] = {1,      10,      100,      1000,     10000,
                                       100000, 1000000, 10000000, 100000000};
constexpr uint64_t largest_exact_integer = uint64_t(1) << 53;
/* As many digits fit 64 bits, whatever they are. */
constexpr ptrdiff_t most_digits = 19;
constexpr ptrdiff_t most_index_digits = 10;
constexpr ptrdiff_t word_bytes = 8;

/* Eight bytes, the first of them in the lowest bits. */
uint64_t load_word(const uint8_t *bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The value of eight digits, each a byte from 0 to 9, the first in the lowest bits: pairs, then
   fours, then all of them. */
uint64_t value_of_digits(uint64_t digits) {
    constexpr uint64_t mask = 0x000000FF000000FF;
    digits = digits * 10 + (digits >> 8);
    uint64_t upper = (digits & mask) * (100 + (uint64_t(1000000) << 32));
    uint64_t lower = ((digits >> 16) & mask) * (1 + (uint64_t(10000) << 32));
    return static_cast<uint32_t>((upper + lower) >> 32);
}

/* The end of a run of digits, whose value is appended to `integer` modulo 2^64. */
const uint8_t *read_digits(const uint8_t *next, const uint8_t *end, uint64_t &integer) {
    while (end - next >= word_bytes) {
        uint64_t digits = load_word(next) ^ 0x3030303030303030;
        uint64_t others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
        if (others == 0) {
            integer = integer * integer_powers[word_bytes] + value_of_digits(digits);
            next += word_bytes;
            continue;
        }
        int count = __builtin_ctzll(others) / 8;
        if (count > 0) {
            /* Zeros in front of them make eight. */
            uint64_t value = value_of_digits(digits << (64 - 8 * count));
            integer = integer * integer_powers[count] + value;
        }
        return next + count;
    }
    while (next < end && is_digit(*next)) { integer = integer * 10 + (*next++ - '0'); }
    return next;
}

/* The same for runs that mostly are a digit or two. */
const uint8_t *read_few_digits(const uint8_t *next, const uint8_t *end, uint64_t &integer) {
    for (int count = 0; count < 3; ++count, ++next) {
        if (next == end || !is_digit(*next)) { return next; }
        integer = integer * 10 + (*next - '0');
    }
    return read_digits(next, end, integer);
}

/* A number in JSON's grammar: (-1)^is_negative × digits × 10^exponent. */
struct decimal {
    const uint8_t *begin;
    const uint8_t *end;
    /* The digits of the integral part and of the fraction. */
    const uint8_t *integral, *integral_end, *fraction, *fraction_end;
    bool is_negative;
    /* The value of all digits modulo 2^64. */
    uint64_t integer;
    /* That of the text; its magnitude is cut at a bound past which all is 0 or infinite. */
    int64_t written_exponent;

    ptrdiff_t digit_count() const {
        return (integral_end - integral) + (fraction_end - fraction);
    }
    int64_t exponent() const { return written_exponent - (fraction_end - fraction); }
};

/* Far beyond the exponents of doubles, whatever digits a text of any length has. */
constexpr uint64_t exponent_bound = 1000000000000;
constexpr ptrdiff_t most_exponent_digits = 12;

/* The value of an exponent that has more digits, zeros in front perhaps; at most the bound. */
uint64_t long_exponent(const uint8_t *next, const uint8_t *end) {
    while (next < end && *next == '0') { ++next; }
    if (end - next > most_exponent_digits) { return exponent_bound; }
    uint64_t value = 0;
    read_digits(next, end, value);
    return value;
}

/* Reads `-? int frac? exp?`; false for anything else, and where the bytes end before it is certain
   that the number has. */
inline bool read_decimal(const uint8_t *begin, const uint8_t *end, decimal &number) {
    const uint8_t *next = begin;
    number.begin = begin;
    number.is_negative = *next == '-';
    if (number.is_negative && ++next == end) { return false; }
    number.integer = 0;
    number.integral = next;
    next = *next == '0' ? next + 1 : read_few_digits(next, end, number.integer);
    number.integral_end = number.fraction = number.fraction_end = next;
    if (number.integral == next) { return false; }
    if (next < end && *next == '.') {
        number.fraction = ++next;
        next = number.fraction_end = read_digits(next, end, number.integer);
        if (number.fraction == next) { return false; }
    }
    number.written_exponent = 0;
    if (next < end && (*next | 0x20) == 'e') {
        ++next;
        bool is_negative = next < end && *next == '-';
        if (next < end && (*next == '+' || *next == '-')) { ++next; }
        const uint8_t *digits = next;
        uint64_t value = 0;
        next = read_digits(next, end, value);
        if (next == digits) { return false; }
        if (next - digits > most_exponent_digits) { value = long_exponent(digits, next); }
        int64_t magnitude = static_cast<int64_t>(value);
        number.written_exponent = is_negative ? -magnitude : magnitude;
    }
    number.end = next;
    return next < end && next - begin <= CNT_MAX_NUMBER_BYTES;
}

double nearest_double(const uint8_t *begin, const uint8_t *end) {
    double value = 0;
    fast_float::from_chars(reinterpret_cast<const char *>(begin),
                           reinterpret_cast<const char *>(end), value);
    return value;
}

/* The leading digits of a number that has more than fit, from the first that is not 0 on. */
void leading_digits(const decimal &number, uint64_t &integer, int64_t &exponent) {
    const uint8_t *part = number.integral, *end = number.integral_end;
    ptrdiff_t left = number.digit_count(), room = most_digits;
    integer = 0;
    for (int parts = 0; parts < 2; ++parts) {
        while (integer == 0 && part < end && *part == '0') { ++part, --left; }
        ptrdiff_t taken = end - part < room ? end - part : room;
        read_digits(part, part + taken, integer);
        room -= taken;
        left -= taken;
        part = number.fraction;
        end = number.fraction_end;
    }
    exponent = number.exponent() + left;
}

/* Bits of a double's significand beyond a float's, and their value halfway between two floats. */
constexpr uint64_t extra_bits = (uint64_t(1) << 29) - 1;
constexpr uint64_t halfway = uint64_t(1) << 28;

/* Whether all doubles within `margin` steps of a value have the same float, which is not
   subnormal. */
bool tells_float(double value) {
    constexpr uint64_t margin = 8;
    constexpr double largest = 0x1p127, smallest = 0x1p-126;
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & extra_bits) - (halfway - margin) > 2 * margin && value < largest &&
           value > smallest;
}

/* Below 10^-46 the nearest float is 0: the smallest is 1.4 × 10^-45. */
constexpr int64_t least_magnitude = -46;

/* The float nearest to the double nearest to a number. A product or quotient of doubles is within
   two steps of that double, for both operands are rounded once at most; that mostly tells the
   float. Elsewhere fast_float tells the double. */
float nearest_float(const decimal &number) {
    uint64_t integer = number.integer;
    int64_t exponent = number.exponent();
    if (number.digit_count() > most_digits) { leading_digits(number, integer, exponent); }
    double value = static_cast<double>(integer);
    if (integer == 0 || exponent + most_digits + 1 < least_magnitude) {
        value = 0;
    } else if (exponent >= -largest_exact_power && exponent <= largest_exact_power) {
        value = exponent < 0 ? value / exact_powers[-exponent] : value * exact_powers[exponent];
        /* Exact operands, whose quotient is rounded once, need no second look (Clinger 1990). */
        bool is_exact = integer <= largest_exact_integer && number.digit_count() <= most_digits;
        if (!is_exact && !tells_float(value)) {
            return static_cast<float>(nearest_double(number.begin, number.end));
        }
    } else {
        return static_cast<float>(nearest_double(number.begin, number.end));
    }
    float rounded = static_cast<float>(value);
    return number.is_negative ? -rounded : rounded;
}

const uint8_t *skip_space(const uint8_t *next, const uint8_t *end) {
    while (next < end && is_space(*next)) { ++next; }
    return next;
}

/* Reads "d,d,d,d," while the bytes are like that, where there is room; the result is the byte
   behind. */
const uint8_t *read_single_digits(const uint8_t *next, const uint8_t *end, float *floats,
                                  size_t room, size_t &count) {
    constexpr size_t numbers = word_bytes / 2;
    while (end - next >= word_bytes && room - count >= numbers) {
        uint64_t word = load_word(next) ^ 0x2C302C302C302C30;
        /* A comma is 0 now, a digit 0 to 9, to which 118 more do not reach the eighth bit. */
        if (((word + 0x0076007600760076) | word) & 0xFF80FF80FF80FF80) { break; }
        for (size_t index = 0; index < numbers; ++index) {
            floats[count + index] = static_cast<float>((word >> (16 * index)) & 0xFF);
        }
        count += numbers;
        next += word_bytes;
    }
    return next;
}

/* Reads the elements of an array from `offset` on while `read` takes them: it returns the byte
   behind an element whose value it has set, or null. */
template <typename Value, typename Read>
inline cnt_reading read_elements(const uint8_t *bytes, size_t count, size_t offset, Value *values,
                                 size_t room, Read read) {
    const uint8_t *end = bytes + count;
    const uint8_t *element = bytes + offset;
    cnt_reading reading = {offset, 0, CNT_STOPPED};
    while (true) {
        if constexpr (std::is_same_v<Value, float>) {
            element = read_single_digits(element, end, values, room, reading.count);
        }
        reading.offset = static_cast<size_t>(element - bytes);
        const uint8_t *next = skip_space(element, end);
        if (next == end) { return reading; }
        if (reading.count == room) {
            reading.end = CNT_FULL;
            return reading;
        }
        Value value;
        next = read(next, end, value);
        if (next == nullptr) { return reading; }
        next = skip_space(next, end);
        if (next == end || (*next != ',' && *next != ']')) { return reading; }
        values[reading.count++] = value;
        element = next + 1;
        if (*next == ']') {
            reading.offset = static_cast<size_t>(element - bytes);
            reading.end = CNT_CLOSED;
            return reading;
        }
    }
}

}  // namespace

cnt_reading cnt_read_floats(const uint8_t *bytes, size_t count, size_t offset, float *floats,
                            size_t room) noexcept {
    auto read = [](const uint8_t *next, const uint8_t *end, float &value) -> const uint8_t * {
        decimal number;
        if (!read_decimal(next, end, number)) { return nullptr; }
        value = nearest_float(number);
        return std::isfinite(value) ? number.end : nullptr;
    };
    return read_elements(bytes, count, offset, floats, room, read);
}

cnt_reading cnt_read_indices(const uint8_t *bytes, size_t count, size_t offset,
                             uint32_t *indices, size_t room, uint32_t bound) noexcept {
    auto read = [bound](const uint8_t *digits, const uint8_t *end,
                        uint32_t &value) -> const uint8_t * {
        uint64_t integer = 0;
        const uint8_t *next =
            *digits == '0' ? digits + 1 : read_digits(digits, end, integer);
        if (next == digits || next - digits > most_index_digits || integer >= bound) {
            return nullptr;
        }
        value = static_cast<uint32_t>(integer);
        return next;
    };
    return read_elements(bytes, count, offset, indices, room, read);
}

double cnt_double(const uint8_t *bytes, size_t count) noexcept {
    return nearest_double(bytes, bytes + count);
}
