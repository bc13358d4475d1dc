#ifndef LOGIT_PANEL_TILE_H
#define LOGIT_PANEL_TILE_H

#include "vectors.h"

// The inner loop of dense: some rows of inputs against one panel of weights, word by word.
//
// A set defines macros for it:
//   VECTOR_BYTES  the width of a register
//   PASS_ROWS     rows that share one pass over the panel, at most
//   PASS_SUMS     registers of running sums in a pass, at most; enough of them to cover the latency
//                 of a multiply-add, few enough to leave room for the weights
//   STEP_BFLOAT16, STEP_INT8   if it has instructions for them
//   INT8_EXCESS   by how much its STEP_INT8 takes each weight too high; 128 if not defined

enum { PANEL_VECTORS = LOGIT_PANEL / VECTOR_LANES };

/// Rows of inputs whose words are interleaved in the slab.
#define TILE_ROWS 8

/// Sums of a tile: floats, or integers as two's complement.
typedef struct {
    _Alignas(64) uint32_t words[TILE_ROWS][LOGIT_PANEL];
} tile_sums;

typedef struct {
    const uint32_t *inputs;  ///< [groups][rows]
    size_t rows, groups;     ///< rows ≤ TILE_ROWS
    const uint32_t *panel;   ///< [groups][LOGIT_PANEL]
    size_t lanes;            ///< number of sums to compute for each row
    bool resumes;            ///< whether sums continue from their present values, not from zero
    const char *next;        ///< memory that will be read later, prefetched during the pass
    bool is_alone;           ///< whether no other tile reads the panel
} panel_tile;

/// The float with these bits in all lanes. Built from integers: 0.0f + x would be an addition.
static inline floats spread(uint32_t bits) { return (floats)((words){0} + bits); }

static inline words step_float32(words sum, words weights, uint32_t input) {
    return (words)((floats)sum + (floats)weights * spread(input));
}

#ifndef STEP_BFLOAT16
/// A bfloat16 is the upper half of a float, and the product of two is exact in one.
static inline words step_bfloat16(words sum, words weights, uint32_t input) {
    floats first = (floats)sum + (floats)(weights << 16) * spread(input << 16);
    return (words)(first + (floats)(weights & 0xffff0000u) * spread(input & 0xffff0000u));
}
#define STEP_BFLOAT16 step_bfloat16
#endif

#ifndef STEP_INT8
/// Weights are bytes from 1 to 255, inputs from -127 to 127; sums are modulo 2^32.
static inline words step_int8(words sum, words weights, uint32_t input) {
    for (int i = 0; i < 4; i++) {
        uint32_t x = (uint32_t)(int32_t)(int8_t)(input >> 8 * i);
        sum += ((weights >> 8 * i) & 0xffu) * x;
    }
    return sum;
}
#define STEP_INT8 step_int8
#endif

#ifndef INT8_EXCESS
#define INT8_EXCESS 128u
#endif

INLINE words step(const logit_format format, words sum, words weights, uint32_t input) {
    switch (format) {
    case LOGIT_FLOAT32: return step_float32(sum, weights, input);
    case LOGIT_BFLOAT16: return STEP_BFLOAT16(sum, weights, input);
    default: return STEP_INT8(sum, weights, input);
    }
}

/// Runs rows from `row` on and lanes from `lane` on of the tile. With each group, `lines` cache
/// lines of `next` are prefetched: 1 to stay in the L2 cache, 2 that are read only once and must
/// evict nothing from it or from the L3 cache. The counts are constants, so that the sums stay in
/// registers.
INLINE void run_pass(const panel_tile *tile, tile_sums *sums, const logit_format format, size_t row,
                     const size_t rows, size_t lane, const size_t vectors, const size_t lines) {
    words running[PASS_ROWS][PANEL_VECTORS];
    const uint32_t *inputs = tile->inputs + row, *panel = tile->panel + lane;
    const char *next = tile->next;
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) {
            const uint32_t *from = &sums->words[row + r][lane + v * VECTOR_LANES];
            running[r][v] = tile->resumes ? *(const words *)from : (words){0};
        }
    }
    for (size_t g = 0; g < tile->groups; g++) {
        words weights[PANEL_VECTORS];
        for (size_t v = 0; v < vectors; v++) weights[v] = ((const words *)panel)[v];
        if (lines == 1) __builtin_prefetch(next, 0, 2);
        for (size_t line = 0; lines == 2 && line < 2; line++) {
            __builtin_prefetch(next + 64 * line, 0, 0);
        }
        for (size_t r = 0; r < rows; r++) {
            for (size_t v = 0; v < vectors; v++) {
                running[r][v] = step(format, running[r][v], weights[v], inputs[r]);
            }
        }
        inputs += tile->rows;
        panel += LOGIT_PANEL;
        next += 64 * lines;
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) {
            *(words *)&sums->words[row + r][lane + v * VECTOR_LANES] = running[r][v];
        }
    }
}

/// Registers of sums for each of `rows` rows: the largest power of two that PASS_SUMS allows.
INLINE size_t vectors_of(const size_t rows) {
    size_t vectors = PANEL_VECTORS;
    while (vectors > 1 && vectors * rows > PASS_SUMS) vectors /= 2;
    return vectors;
}

INLINE void run_lanes(const panel_tile *tile, tile_sums *sums, const logit_format format,
                      size_t row, const size_t rows) {
    const size_t vectors = vectors_of(rows);
    // A panel has two cache lines a word; with several tiles, each prefetches one of them.
    if (tile->is_alone) {
        run_pass(tile, sums, format, row, rows, 0, vectors, 2);
    } else {
        run_pass(tile, sums, format, row, rows, 0, vectors, 1);
    }
    for (size_t lane = vectors * VECTOR_LANES; lane < tile->lanes; lane += vectors * VECTOR_LANES) {
        run_pass(tile, sums, format, row, rows, lane, vectors, 0);
    }
}

INLINE void run_tile(const panel_tile *tile, tile_sums *sums, const logit_format format) {
    for (size_t row = 0; row < tile->rows; row += PASS_ROWS) {
        size_t left = tile->rows - row;
        switch (left < PASS_ROWS ? left : PASS_ROWS) {
#if PASS_ROWS > 4
        case 8: run_lanes(tile, sums, format, row, 8); break;
        case 7: run_lanes(tile, sums, format, row, 7); break;
        case 6: run_lanes(tile, sums, format, row, 6); break;
        case 5: run_lanes(tile, sums, format, row, 5); break;
#endif
#if PASS_ROWS > 2
        case 4: run_lanes(tile, sums, format, row, 4); break;
        case 3: run_lanes(tile, sums, format, row, 3); break;
#endif
        case 2: run_lanes(tile, sums, format, row, 2); break;
        default: run_lanes(tile, sums, format, row, 1); break;
        }
    }
}

/// sums[row][lane] = Σ_g inputs[g][row] · panel[g][lane], in the order of g.
static void multiply_tile(const panel_tile *tile, tile_sums *sums, logit_format format) {
    switch (format) {
    case LOGIT_FLOAT32: run_tile(tile, sums, LOGIT_FLOAT32); break;
    case LOGIT_BFLOAT16: run_tile(tile, sums, LOGIT_BFLOAT16); break;
    case LOGIT_INT8: run_tile(tile, sums, LOGIT_INT8); break;
    }
}

#endif
