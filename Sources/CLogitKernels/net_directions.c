#include "logit_sobol.h"
#include "small_nets.h"

void logit_net_directions(size_t dimension, int bits, uint32_t directions[LOGIT_SOBOL_BITS]) {
    const uint32_t word = small_nets[bits - LOGIT_NET_LEAST_BITS][dimension];
    for (int bit = 0; bit < bits; bit++) directions[bit] = (word >> 4 * bit & 15u) << 28;
}
