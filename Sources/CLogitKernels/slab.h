#ifndef LOGIT_SLAB_H
#define LOGIT_SLAB_H

#include "tile.h"

// The inputs of a chunk of rows: taken apart into the parts of their words and written side by side
// into a slab, in the order in which tiles read them, block by block.

/// Parts of inputs in the slab: 512 KiB of the thread's stack.
#define SLAB_PARTS (1 << 17)

/// Rows that share one reading of a panel, at most. With so many, reading the weights from memory
/// no longer limits the speed.
#define MAX_CHUNK_ROWS 64

/// Rows that share it even if they are so wide that they pass through the slab in several laps.
#define MIN_CHUNK_ROWS 8

/// Parts of each row that fit the slab then.
#define MAX_ROW_PARTS (SLAB_PARTS / MIN_CHUNK_ROWS)

/// Steps of a block, at most: its parts of weights are 16 KiB, which stay in the L1 cache for all
/// rows of the chunk, next to the inputs of a tile and some of the next block.
#define BLOCK_STEPS 128

/// The same if a single pass reads the block, which then need not stay in a cache. Sums of up to
/// 1,040 products of int8 are exact in float: 1,040 · 127² < 2^24.
#define LONE_BLOCK_STEPS 1024

typedef struct {
    const float *inputs;
    size_t rows;
    size_t tiles;        ///< of PASS_ROWS rows or less, in heights as even as possible
    size_t block_words;  ///< of every block but the last
    /// For int8: each row's scale, and the sum of its integers.
    float scales[MAX_CHUNK_ROWS];
    uint32_t totals[MAX_CHUNK_ROWS];
    /// Blocks of tiles, each [words][parts][rows of the tile].
    _Alignas(64) uint32_t slab[SLAB_PARTS];
} input_chunk;

static inline size_t smaller_of(size_t a, size_t b) { return a < b ? a : b; }

/// The first item of slice `i` of `total` items cut into `count` nearly equal slices.
static inline size_t slice_start(size_t total, size_t count, size_t i) {
    return i * (total / count) + smaller_of(i, total % count);
}

/// Rows of `parts` parts that a chunk has, at most.
static inline size_t fitting_rows(size_t parts) {
    size_t fitting = parts == 0 ? MAX_CHUNK_ROWS : SLAB_PARTS / parts;
    return fitting < MIN_CHUNK_ROWS ? MIN_CHUNK_ROWS : smaller_of(fitting, MAX_CHUNK_ROWS);
}

/// Cuts the chunk's rows into tiles, and its words into blocks.
static void shape_chunk(input_chunk *chunk, const logit_weights *weights) {
    chunk->tiles = (chunk->rows + PASS_ROWS - 1) / PASS_ROWS;
    bool is_lone = chunk->tiles == 1 && passes_of(chunk->rows, LOGIT_PANEL) == 1;
    size_t steps = is_lone ? LONE_BLOCK_STEPS : BLOCK_STEPS;
    chunk->block_words = steps / parts_of(weights->format);
}

/// Writes the parts of some words side by side, then scatters them.
INLINE void lay_words(const logit_format format, const void *words, const size_t count,
                      uint32_t *slab, size_t stride) {
    const size_t parts = parts_of(format);
    uint32_t side_by_side[LONE_BLOCK_STEPS];
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, (const char *)words + 4 * i, 4);
        for (size_t p = 0; p < parts; p++) {
            side_by_side[i * parts + p] = input_part(format, word, p);
        }
    }
    for (size_t i = 0; i < count * parts; i++) slab[i * stride] = side_by_side[i];
}

static void lay_bfloat16(const float *inputs, size_t count, uint32_t *slab, size_t stride) {
    uint16_t halves[2 * LONE_BLOCK_STEPS];
    for (size_t d = 0; d < count; d++) halves[d] = bfloat16_of(inputs[d]);
    if (count % 2) halves[count] = 0;
    lay_words(LOGIT_BFLOAT16, halves, (count + 1) / 2, slab, stride);
}

/// Writes inputs as integers of `scale` and returns their sum.
static uint32_t lay_int8(const float *inputs, size_t count, float scale, uint32_t *slab,
                         size_t stride) {
    int8_t bytes[4 * LONE_BLOCK_STEPS];
    int32_t total = 0;
    for (size_t d = 0; d < count; d++) bytes[d] = quantized(inputs[d], scale);
    for (size_t d = 0; d < count; d++) total += bytes[d];
    for (size_t d = count; d % 4; d++) bytes[d] = 0;
    lay_words(LOGIT_INT8, bytes, (count + 3) / 4, slab, stride);
    return (uint32_t)total;
}

/// Writes words `first` to `first + count` of the chunk's rows, a block or less, to `slab`.
static void lay_block(input_chunk *chunk, const logit_weights *weights, size_t first, size_t count,
                      uint32_t *slab) {
    size_t per_word = logit_inputs_per_word(weights->format);
    size_t d = first * per_word;
    size_t size = smaller_of(count * per_word, weights->input_count - d);
    for (size_t tile = 0; tile < chunk->tiles; tile++) {
        size_t start = slice_start(chunk->rows, chunk->tiles, tile);
        size_t end = slice_start(chunk->rows, chunk->tiles, tile + 1);
        for (size_t row = start; row < end; row++) {
            const float *inputs = chunk->inputs + row * weights->input_count + d;
            uint32_t *place = slab + row - start;
            switch (weights->format) {
            case LOGIT_FLOAT32: lay_words(LOGIT_FLOAT32, inputs, size, place, end - start); break;
            case LOGIT_BFLOAT16: lay_bfloat16(inputs, size, place, end - start); break;
            case LOGIT_INT8:
                chunk->totals[row] +=
                    lay_int8(inputs, size, chunk->scales[row], place, end - start);
                break;
            }
        }
        slab += (end - start) * count * parts_of(weights->format);
    }
}

/// Writes words `first` to `first + count` to the start of the slab.
static void lay_inputs(input_chunk *chunk, const logit_weights *weights, size_t first,
                       size_t count) {
    uint32_t *slab = chunk->slab;
    for (size_t done = 0; done < count; done += chunk->block_words) {
        size_t size = smaller_of(chunk->block_words, count - done);
        lay_block(chunk, weights, first + done, size, slab);
        slab += size * parts_of(weights->format) * chunk->rows;
    }
}

static void measure_inputs(input_chunk *chunk, const logit_weights *weights) {
    memset(chunk->totals, 0, sizeof chunk->totals);
    for (size_t row = 0; weights->format == LOGIT_INT8 && row < chunk->rows; row++) {
        const float *inputs = chunk->inputs + row * weights->input_count;
        chunk->scales[row] = scale_of(inputs, weights->input_count);
    }
}

#endif
