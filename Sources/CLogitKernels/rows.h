#ifndef LOGIT_ROWS_H
#define LOGIT_ROWS_H

#include "lanes.h"
#include "tile.h"

// Scores of gathered rows: each row of the table is read once for several vectors.

/// Rows, and vectors, of a pass: 16 sums of 16 lanes where they fit, 4 or 1 where they do not.
enum { SCORE_TILE = VECTOR_BYTES == 64 ? 4 : VECTOR_BYTES == 32 ? 2 : 1 };

/// Table bytes that several passes of vectors read while they are in the L1 cache or near it.
#define SCORE_BLOCK_BYTES 32768

/// How far ahead of the rows that are scored the table is fetched. A run of rows is short, and
/// hardware prefetching starts anew with each of its pages.
#define SCORE_AHEAD_BYTES 8192

typedef struct {
    const float *table;
    size_t width;
    const float *vectors;
    float *output;
    size_t stride;
    const float *end;  ///< of what is fetched ahead; null in passes over what was read before
} score_work;

static inline __attribute__((always_inline)) void add_products(
    const score_work *work, const size_t rows, const size_t vectors, size_t j, const size_t count,
    const size_t ahead, float_lanes sums[SCORE_TILE][SCORE_TILE]) {
    float_lanes right[SCORE_TILE];
    for (size_t v = 0; v < vectors; v++) {
        load_lanes(&right[v], work->vectors + v * work->width + j, count);
    }
    for (size_t r = 0; r < rows; r++) {
        const float *row = work->table + r * work->width + j;
        float_lanes left;
        load_lanes(&left, row, count);
        __builtin_prefetch((const char *)row + ahead);
        for (size_t v = 0; v < vectors; v++) sums[r][v] += left * right[v];
    }
}

static inline __attribute__((always_inline)) void score_pass(
    const score_work *work, const size_t rows, const size_t vectors) {
    float_lanes sums[SCORE_TILE][SCORE_TILE] = {{{0.0f}}};
    const float *last = work->table + rows * work->width;
    // Nothing is fetched beyond the run: the next one lies elsewhere.
    const size_t left = work->end ? (size_t)(work->end - last) * sizeof(float) : 0;
    const size_t ahead = left >= SCORE_AHEAD_BYTES ? SCORE_AHEAD_BYTES : 0;
    size_t j = 0;
    for (; j + LOGIT_LANES <= work->width; j += LOGIT_LANES) {
        add_products(work, rows, vectors, j, LOGIT_LANES, ahead, sums);
    }
    // Padding adds 0 · 0, which changes no sum: none of them is ever -0.
    if (j < work->width) {
        add_products(work, rows, vectors, j, work->width - j, ahead, sums);
    }
    for (size_t v = 0; v < vectors; v++) {
        float *output = work->output + v * work->stride;
        for (size_t r = 0; r < rows; r++) output[r] = join_lanes(&sums[r][v]);
    }
}

/// One pass of vectors over rows of the table.
static inline __attribute__((always_inline)) void score_rows(score_work work, size_t row_count,
                                                             const size_t vectors) {
    for (; row_count >= SCORE_TILE; row_count -= SCORE_TILE) {
        score_pass(&work, SCORE_TILE, vectors);
        work.table += SCORE_TILE * work.width;
        work.output += SCORE_TILE;
    }
    for (; row_count > 0; row_count--) {
        score_pass(&work, 1, vectors);
        work.table += work.width;
        work.output++;
    }
}

static void row_scores(const float *table, size_t width, size_t row_count, const float *vectors,
                       size_t vector_count, float *output, size_t stride) {
    size_t fitting = SCORE_BLOCK_BYTES / sizeof(float) / (width + 1);
    size_t block = fitting > SCORE_TILE ? fitting - fitting % SCORE_TILE : SCORE_TILE;
    for (size_t first = 0; first < row_count; first += block) {
        size_t rows = row_count - first < block ? row_count - first : block;
        score_work work = {
            table + first * width, width, vectors, output + first, stride,
            table + row_count * width};
        size_t left = vector_count;
        for (; left >= SCORE_TILE; left -= SCORE_TILE) {
            score_rows(work, rows, SCORE_TILE);
            work.vectors += SCORE_TILE * width;
            work.output += SCORE_TILE * stride;
            work.end = 0;
        }
        for (; left > 0; left--) {
            score_rows(work, rows, 1);
            work.vectors += width;
            work.output += stride;
            work.end = 0;
        }
    }
}

#endif
