#include "CChecksums.h"

/* The largest prime below 2^16. */
static const uint32_t modulus = 65521;
/* Bytes that are added up side by side, as vectors of any width, and how often before a remainder
   is taken: 32 bits hold the second sum of 5552 bytes. */
enum { lanes = 16, most_rows = 5552 / lanes };

/* The two sums, of the bytes, and of the first sums behind each byte. */
typedef struct {
    uint32_t first, second;
} sums;

static sums add_rows(sums sum, const uint8_t *bytes, size_t rows) {
    uint32_t found[lanes] = {0};
    /* Of each lane, the sums that were there before each row. */
    uint32_t before[lanes] = {0};
    for (size_t row = 0; row < rows; row++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            before[lane] += found[lane];
            found[lane] += bytes[row * lanes + lane];
        }
    }
    sum.second += (uint32_t)(rows * lanes) * sum.first;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        sum.first += found[lane];
        sum.second += lanes * before[lane] + (lanes - lane) * found[lane];
    }
    return (sums){sum.first % modulus, sum.second % modulus};
}

uint32_t csm_adler32(uint32_t sum, const uint8_t *bytes, size_t count) {
    sums both = {sum & UINT16_MAX, sum >> 16};
    while (count >= lanes) {
        size_t rows = count / lanes < most_rows ? count / lanes : most_rows;
        both = add_rows(both, bytes, rows);
        bytes += rows * lanes;
        count -= rows * lanes;
    }
    for (; count > 0; count--) {
        both.first += *bytes++;
        both.second += both.first;
    }
    return both.second % modulus << 16 | both.first % modulus;
}
