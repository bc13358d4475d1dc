#ifndef LOGIT_NEON_H
#define LOGIT_NEON_H

// The registers of both NEON sets.

// 32 registers of 4 words. A pass has 16 sums, of 4 rows and 16 lanes or of 2 rows and 32, which
// cover two multiply-adds a cycle with a latency of four cycles, and more on wide cores. 4 to 8
// registers hold weights, 1 an input.
#define VECTOR_BYTES 16
#define PASS_ROWS 4
#define PASS_SUMS 16

// 24 sums, 4 vectors of loadings and a draw.
#define TILE_SAMPLES 6
#define TILE_VECTORS 4

#endif
