#ifndef LOGIT_PANEL_TILE_H
#define LOGIT_PANEL_TILE_H

#include "steps.h"

// The inner loop of dense: some rows of inputs against a block of one panel of weights, word by
// word.
//
// A set defines macros for it:
//   VECTOR_BYTES  the width of a register
//   PASS_ROWS     rows that share one pass over the panel, at most
//   PASS_SUMS     registers of running sums in a pass, at most; enough of them to cover the latency
//                 of a multiply-add, few enough to leave room for the weights

enum { PANEL_VECTORS = LOGIT_PANEL / VECTOR_LANES };

/// How a pass comes by the parts of the weights.
typedef enum {
    TAKES_APART,  ///< takes words apart
    KEEPS_PARTS,  ///< takes them apart and leaves the parts for the rows to come
    USES_PARTS,   ///< finds the parts that another pass has left
} pass_weights;

/// Memory that will be read soon, prefetched with each word.
typedef struct {
    const char *from;
    size_t stride;     ///< bytes a word; none of them are prefetched if it is zero
    bool past_caches;  ///< lines that are read only once and must evict nothing: two a word
} prefetching;

/// Rows that run against a block of a panel together.
typedef struct {
    const uint32_t *inputs;         ///< [words][parts][rows]
    size_t rows;                    ///< ≤ PASS_ROWS
    size_t words;                   ///< of the block
    const uint32_t *weights;        ///< [words][LOGIT_PANEL]
    uint32_t *parts;                ///< [words][parts][LOGIT_PANEL], left or found
    size_t lanes;                   ///< number of sums to compute for each row
    bool resumes;                   ///< whether sums continue, or start from zero
    uint32_t (*sums)[LOGIT_PANEL];  ///< of each row: floats, or integers in two's complement
} panel_tile;

/// Whether running sums of a format are floats whose totals are kept as integers.
INLINE bool sums_are_rounded(const logit_format format) {
    return format == LOGIT_INT8 && INT8_AS_FLOATS;
}

/// The running sums at the start of a block, from those at its place.
INLINE words resumed(const panel_tile *tile, const logit_format format, const uint32_t *place) {
    bool continues = tile->resumes && !sums_are_rounded(format);
    return continues ? *(const words *)place : (words){0};
}

/// Writes running sums to their place at the end of a block.
INLINE void leave(const panel_tile *tile, const logit_format format, words running,
                  uint32_t *place) {
    if (sums_are_rounded(format)) {
        running = (words)__builtin_convertvector((floats)running, integers);
        if (tile->resumes) running += *(const words *)place;
    }
    *(words *)place = running;
}

/// Adds the products of one part of a word. The loop over the shorter side is inside, so that
/// fewer registers hold what it does not change.
INLINE void run_step(const logit_format format, words running[PASS_ROWS][PANEL_VECTORS],
                     const words *part, const uint32_t *inputs, const size_t rows,
                     const size_t vectors) {
    if (rows < vectors) {
        for (size_t v = 0; v < vectors; v++) {
            for (size_t r = 0; r < rows; r++) {
                running[r][v] = step(format, running[r][v], part[v], inputs[r]);
            }
        }
    } else {
        for (size_t r = 0; r < rows; r++) {
            for (size_t v = 0; v < vectors; v++) {
                running[r][v] = step(format, running[r][v], part[v], inputs[r]);
            }
        }
    }
}

INLINE void prefetch(const prefetching *next, const int lines) {
    if (lines == 1) __builtin_prefetch(next->from, 0, 3);
    for (size_t line = 0; lines == 2 && line < 2; line++) {
        __builtin_prefetch(next->from + 64 * line, 0, 0);
    }
}

/// Runs all words of the block over `vectors` registers of lanes from `lane` on. The counts are
/// constants, so that the sums stay in registers.
INLINE void run_pass(const panel_tile *tile, const logit_format format, const pass_weights mode,
                     const size_t rows, size_t lane, const size_t vectors, const int lines,
                     prefetching next) {
    const size_t parts = mode == USES_PARTS ? 1 : parts_of(format);
    const size_t loads = tile->words * (mode == USES_PARTS ? parts_of(format) : 1);
    words running[PASS_ROWS][PANEL_VECTORS];
    const uint32_t *inputs = tile->inputs;
    const uint32_t *weights = (mode == USES_PARTS ? tile->parts : tile->weights) + lane;
    uint32_t *kept = tile->parts + lane;
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) {
            running[r][v] = resumed(tile, format, &tile->sums[r][lane + v * VECTOR_LANES]);
        }
    }
    for (size_t load = 0; load < loads; load++) {
        prefetch(&next, lines);
        next.from += next.stride;
        for (size_t i = 0; i < parts; i++) {
            words part[PANEL_VECTORS];
            for (size_t v = 0; v < vectors; v++) {
                part[v] = ((const words *)weights)[v];
                if (mode != USES_PARTS) part[v] = weight_part(format, part[v], i);
                if (mode == KEEPS_PARTS) ((words *)kept)[v] = part[v];
            }
            run_step(format, running, part, inputs, rows, vectors);
            inputs += rows;
            kept += LOGIT_PANEL;
        }
        weights += LOGIT_PANEL;
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) {
            leave(tile, format, running[r][v], &tile->sums[r][lane + v * VECTOR_LANES]);
        }
    }
}

/// Registers of sums for each of `rows` rows: the largest power of two that PASS_SUMS allows.
INLINE size_t vectors_of(const size_t rows) {
    size_t vectors = PANEL_VECTORS;
    while (vectors > 1 && vectors * rows > PASS_SUMS) vectors /= 2;
    return vectors;
}

/// Passes in which a tile of `rows` rows covers `lanes` lanes.
static inline size_t passes_of(size_t rows, size_t lanes) {
    size_t width = vectors_of(rows) * VECTOR_LANES;
    return (lanes + width - 1) / width;
}

INLINE void run_passes(const panel_tile *tile, const logit_format format, const pass_weights mode,
                       const size_t rows, prefetching next) {
    const size_t vectors = vectors_of(rows);
    // Parts are kept of all lanes, since tiles of fewer rows take more lanes at once.
    const size_t lanes = mode == KEEPS_PARTS ? LOGIT_PANEL : tile->lanes;
    for (size_t lane = 0; lane < lanes; lane += vectors * VECTOR_LANES) {
        if (next.past_caches) {
            run_pass(tile, format, mode, rows, lane, vectors, 2, next);
        } else if (next.stride) {
            run_pass(tile, format, mode, rows, lane, vectors, 1, next);
        } else {
            run_pass(tile, format, mode, rows, lane, vectors, 0, next);
        }
        next.from += next.stride * tile->words * (mode == USES_PARTS ? parts_of(format) : 1);
    }
}

INLINE void run_rows(const panel_tile *tile, const logit_format format, const pass_weights mode,
                     prefetching next) {
    switch (tile->rows) {
#if PASS_ROWS > 6
    case 8: run_passes(tile, format, mode, 8, next); break;
    case 7: run_passes(tile, format, mode, 7, next); break;
#endif
#if PASS_ROWS > 4
    case 6: run_passes(tile, format, mode, 6, next); break;
    case 5: run_passes(tile, format, mode, 5, next); break;
#endif
#if PASS_ROWS > 2
    case 4: run_passes(tile, format, mode, 4, next); break;
    case 3: run_passes(tile, format, mode, 3, next); break;
#endif
    case 2: run_passes(tile, format, mode, 2, next); break;
    default: run_passes(tile, format, mode, 1, next); break;
    }
}

INLINE void run_format(const panel_tile *tile, const logit_format format, pass_weights mode,
                       prefetching next) {
    if (parts_of(format) == 1 || mode == TAKES_APART) {
        run_rows(tile, format, TAKES_APART, next);
    } else if (mode == KEEPS_PARTS) {
        run_rows(tile, format, KEEPS_PARTS, next);
    } else {
        run_rows(tile, format, USES_PARTS, next);
    }
}

/// sums[row][lane] = Σ inputs[…][row] · weights[…][lane], in the order of words and their parts.
static void multiply_tile(const panel_tile *tile, logit_format format, pass_weights mode,
                          prefetching next) {
    switch (format) {
    case LOGIT_FLOAT32: run_format(tile, LOGIT_FLOAT32, mode, next); break;
    case LOGIT_BFLOAT16: run_format(tile, LOGIT_BFLOAT16, mode, next); break;
    case LOGIT_INT8: run_format(tile, LOGIT_INT8, mode, next); break;
    }
}

#endif
