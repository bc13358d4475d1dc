#ifndef LOGIT_DENSE_H
#define LOGIT_DENSE_H

#include "edges.h"

// Dense logits. Each panel of weights is read from memory once for a chunk of rows, in blocks that
// stay in the L1 cache while tile after tile of rows is multiplied with them. Sums wait in memory
// from one block to the next, so that each of them adds its products in the order of inputs.

/// Bytes by which prefetching of weights runs ahead of the only pass over a panel.
#define STREAM_BYTES 16384

/// Passes over a block that share the prefetching of the next one: the last ones, as the first
/// lines are needed first.
#define PREFETCHING_PASSES 8

/// The sums of a panel, and the parts of a block of its weights.
typedef struct {
    _Alignas(64) uint32_t sums[MAX_CHUNK_ROWS][LOGIT_PANEL];
    _Alignas(64) uint32_t parts[BLOCK_STEPS * LOGIT_PANEL];
} panel_scratch;

/// Words of the panel of outputs from `done` on, and the inputs that meet them.
typedef struct {
    const uint32_t *weights, *inputs;
    size_t words, done, lanes;
    bool is_first, is_last;
} panel_block;

/// Tiles among the last ones of a block that prefetch the next block, a power of two.
static size_t prefetching_tiles(const input_chunk *chunk) {
    size_t passes = passes_of(PASS_ROWS, LOGIT_PANEL);
    size_t tiles = passes < PREFETCHING_PASSES ? PREFETCHING_PASSES / passes : 1;
    while (tiles > chunk->tiles) tiles /= 2;
    return tiles;
}

/// The share of a tile of `rows` rows in the prefetching of the next block, which follows in
/// memory. `loads` are the loads of a word's weights in a pass.
static prefetching share_of(const input_chunk *chunk, const panel_block *block, size_t tile,
                            size_t rows, size_t loads) {
    const char *weights = (const char *)block->weights;
    size_t word_bytes = 4 * LOGIT_PANEL, bytes = block->words * word_bytes;
    size_t passes = passes_of(rows, block->lanes);
    if (chunk->tiles == 1 && passes == 1) {
        return (prefetching){weights + STREAM_BYTES, word_bytes, true};
    }
    size_t sharing = prefetching_tiles(chunk), first = chunk->tiles - sharing;
    if (tile < first) return (prefetching){weights, 0, false};
    return (prefetching){weights + bytes + bytes / sharing * (tile - first),
                         word_bytes / sharing / (passes * loads), false};
}

/// Prefetches the lines that a tile's logits will be written to.
static void prefetch_output(const dense_work *work, size_t row, size_t rows, size_t done) {
    for (size_t r = row; r < row + rows; r++) {
        const char *line = (const char *)(work->output + r * work->stride + done);
        for (size_t at = 0; at <= 4 * LOGIT_PANEL; at += 64) __builtin_prefetch(line + at, 1, 3);
    }
}

static void store_tile(const dense_work *work, const input_chunk *chunk,
                       uint32_t (*sums)[LOGIT_PANEL], size_t row, size_t rows, size_t done) {
    panel_edge edge;
    set_edge(&edge, work, done);
    for (size_t r = row; r < row + rows; r++) {
        bool is_int8 = edge.scales != 0;
        store_row(&edge, sums[r], is_int8 ? chunk->scales[r] : 0, is_int8 ? chunk->totals[r] : 0,
                  work->output + r * work->stride + done);
    }
}

/// Multiplies one tile of rows with a block, after the tiles before it.
static void multiply_rows(const dense_work *work, const input_chunk *chunk, panel_scratch *scratch,
                          const panel_block *block, size_t tile) {
    const logit_format format = work->weights->format;
    const size_t parts = parts_of(format);
    size_t row = slice_start(chunk->rows, chunk->tiles, tile);
    size_t rows = slice_start(chunk->rows, chunk->tiles, tile + 1) - row;
    panel_tile rows_of_tile = {
        .inputs = block->inputs + row * block->words * parts,
        .rows = rows,
        .words = block->words,
        .weights = block->weights,
        .parts = scratch->parts,
        .lanes = block->lanes,
        .resumes = !block->is_first,
        .sums = scratch->sums + row,
    };
    pass_weights mode = parts == 1 || chunk->tiles == 1 ? TAKES_APART
                        : tile == 0                     ? KEEPS_PARTS
                                                        : USES_PARTS;
    size_t loads = mode == USES_PARTS ? parts : 1;
    if (block->is_last) prefetch_output(work, row, rows, block->done);
    multiply_tile(&rows_of_tile, format, mode, share_of(chunk, block, tile, rows, loads));
    if (block->is_last) store_tile(work, chunk, scratch->sums, row, rows, block->done);
}

/// Multiplies all rows of the chunk, whose words from `first` on are in the slab, with `count`
/// words of the panel of outputs from `done` on. Logits are written even if there are no words.
static void multiply_panel(const dense_work *work, const input_chunk *chunk, panel_scratch *scratch,
                           size_t done, size_t first, size_t count) {
    const uint32_t *panel = work->weights->panels + (work->first_output + done) * work->words;
    const size_t parts = parts_of(work->weights->format);
    size_t word = 0;
    do {
        panel_block block = {
            .weights = panel + (first + word) * LOGIT_PANEL,
            .inputs = chunk->slab + word * parts * chunk->rows,
            .words = smaller_of(chunk->block_words, count - word),
            .done = done,
            .lanes = smaller_of(LOGIT_PANEL, work->output_count - done),
            .is_first = first + word == 0,
        };
        block.is_last = first + word + block.words == work->words;
        for (size_t tile = 0; tile < chunk->tiles; tile++) {
            multiply_rows(work, chunk, scratch, &block, tile);
        }
        word += block.words;
    } while (word < count);
}

/// The same for rows that are too wide for the slab, `lap` words at a time.
static void multiply_wide_panel(const dense_work *work, input_chunk *chunk, panel_scratch *scratch,
                                size_t done, size_t lap) {
    memset(chunk->totals, 0, sizeof chunk->totals);
    for (size_t first = 0; first < work->words; first += lap) {
        size_t count = smaller_of(lap, work->words - first);
        lay_inputs(chunk, work->weights, first, count);
        multiply_panel(work, chunk, scratch, done, first, count);
    }
}

static void multiply_chunk(const dense_work *work, input_chunk *chunk) {
    panel_scratch scratch;
    size_t lap = MAX_ROW_PARTS / parts_of(work->weights->format);
    shape_chunk(chunk, work->weights);
    measure_inputs(chunk, work->weights);
    if (work->words <= lap) lay_inputs(chunk, work->weights, 0, work->words);
    for (size_t done = 0; done < work->output_count; done += LOGIT_PANEL) {
        if (work->words <= lap) {
            multiply_panel(work, chunk, &scratch, done, 0, work->words);
        } else {
            multiply_wide_panel(work, chunk, &scratch, done, lap);
        }
    }
}

static void dense(const float *inputs, size_t row_count, const logit_weights *weights,
                  size_t first_output, size_t output_count, const float *bias, float *output,
                  size_t stride) {
    dense_work work = {
        .weights = weights,
        .words = logit_words(weights->format, weights->input_count),
        .first_output = first_output,
        .output_count = output_count,
        .bias = bias ? bias + first_output : 0,
        .stride = stride,
    };
    size_t rows_at_once = fitting_rows(work.words * parts_of(weights->format));
    size_t chunks = (row_count + rows_at_once - 1) / rows_at_once;
    input_chunk chunk;
    for (size_t i = 0; i < chunks; i++) {
        size_t row = slice_start(row_count, chunks, i);
        chunk.inputs = inputs + row * weights->input_count;
        chunk.rows = slice_start(row_count, chunks, i + 1) - row;
        work.output = output + row * stride + first_output;
        multiply_chunk(&work, &chunk);
    }
}

#endif
