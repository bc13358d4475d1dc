#ifndef LOGIT_PHILOX_H
#define LOGIT_PHILOX_H

#include "set.h"

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers, SC 2011) on 16 counters at
/// once: words[i][lane]. Ten rounds of two 32×32→64 bit products; two Weyl constants are added to
/// the key between rounds.
static inline void philox_lanes(uint32_t words[4][LOGIT_LANES], uint64_t key) {
    uint32_t low_key = (uint32_t)key, high_key = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        for (int lane = 0; lane < LOGIT_LANES; lane++) {
            uint64_t first = (uint64_t)0xd2511f53u * words[0][lane];
            uint64_t second = (uint64_t)0xcd9e8d57u * words[2][lane];
            words[0][lane] = (uint32_t)(second >> 32) ^ words[1][lane] ^ low_key;
            words[2][lane] = (uint32_t)(first >> 32) ^ words[3][lane] ^ high_key;
            words[1][lane] = (uint32_t)second;
            words[3][lane] = (uint32_t)first;
        }
        low_key += 0x9e3779b9u;
        high_key += 0xbb67ae85u;
    }
}

#endif
