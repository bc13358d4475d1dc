#ifndef LOGIT_DENSE_H
#define LOGIT_DENSE_H

#include "formats.h"
#include "tile.h"

// Dense logits: rows of inputs are turned into words and written side by side into a slab that
// stays in the L2 cache. Then each panel of weights is read once and multiplied with all of them.

/// Words of inputs in the slab: 512 KiB of the thread's stack.
#define SLAB_WORDS (1 << 17)

/// Rows that share one reading of a panel, at most. With so many, reading the weights from memory
/// no longer limits the speed.
#define MAX_CHUNK_ROWS 64

/// Words of each input row that fit the slab with a whole tile of rows.
#define BLOCK_WORDS (SLAB_WORDS / TILE_ROWS)

typedef struct {
    const float *inputs;
    size_t rows;
    /// For int8: each row's scale, and the sum of its integers.
    float scales[MAX_CHUNK_ROWS];
    uint32_t totals[MAX_CHUNK_ROWS];
    /// Tiles of TILE_ROWS rows, each [words][rows of the tile].
    _Alignas(64) uint32_t slab[SLAB_WORDS];
} input_chunk;

typedef struct {
    const logit_weights *weights;
    size_t words, first_output, output_count;
    const float *bias;
    float *output;
    size_t stride;
} dense_work;

static inline size_t smaller_of(size_t a, size_t b) { return a < b ? a : b; }

static void lay_words(const void *words, size_t count, uint32_t *slab, size_t stride) {
    const char *bytes = words;
    for (size_t i = 0; i < count; i++) memcpy(slab + i * stride, bytes + 4 * i, 4);
}

/// Inputs that are converted at a time, side by side, so that the compiler vectorises the loop.
#define CONVERTED_INPUTS 256

static void lay_bfloat16(const float *inputs, size_t count, uint32_t *slab, size_t stride) {
    uint16_t halves[CONVERTED_INPUTS];
    for (size_t done = 0; done < count; done += CONVERTED_INPUTS) {
        size_t size = smaller_of(CONVERTED_INPUTS, count - done);
        for (size_t d = 0; d < size; d++) halves[d] = bfloat16_of(inputs[done + d]);
        if (size % 2) halves[size] = 0;
        lay_words(halves, (size + 1) / 2, slab + done / 2 * stride, stride);
    }
}

/// Writes inputs as integers of `scale` and returns their sum.
static uint32_t lay_int8(const float *inputs, size_t count, float scale, uint32_t *slab,
                         size_t stride) {
    int8_t bytes[CONVERTED_INPUTS];
    int32_t total = 0;
    for (size_t done = 0; done < count; done += CONVERTED_INPUTS) {
        size_t size = smaller_of(CONVERTED_INPUTS, count - done);
        for (size_t d = 0; d < size; d++) bytes[d] = quantized(inputs[done + d], scale);
        for (size_t d = 0; d < size; d++) total += bytes[d];
        for (size_t d = size; d % 4; d++) bytes[d] = 0;
        lay_words(bytes, (size + 3) / 4, slab + done / 4 * stride, stride);
    }
    return (uint32_t)total;
}

/// Writes words `first` to `first + count` of the chunk's rows to the slab.
static void lay_inputs(input_chunk *chunk, const logit_weights *weights, size_t first,
                       size_t count) {
    size_t per_word = logit_inputs_per_word(weights->format);
    size_t d = first * per_word;
    size_t size = smaller_of(count * per_word, weights->input_count - d);
    for (size_t row = 0; row < chunk->rows; row++) {
        size_t tile = row - row % TILE_ROWS;
        size_t stride = smaller_of(TILE_ROWS, chunk->rows - tile);
        const float *inputs = chunk->inputs + row * weights->input_count + d;
        uint32_t *slab = chunk->slab + tile * count + row % TILE_ROWS;
        switch (weights->format) {
        case LOGIT_FLOAT32: lay_words(inputs, size, slab, stride); break;
        case LOGIT_BFLOAT16: lay_bfloat16(inputs, size, slab, stride); break;
        case LOGIT_INT8:
            chunk->totals[row] += lay_int8(inputs, size, chunk->scales[row], slab, stride);
            break;
        }
    }
}

static void measure_inputs(input_chunk *chunk, const logit_weights *weights) {
    for (size_t row = 0; weights->format == LOGIT_INT8 && row < chunk->rows; row++) {
        const float *inputs = chunk->inputs + row * weights->input_count;
        chunk->scales[row] = scale_of(inputs, weights->input_count);
    }
}

/// The last steps from the sums of one row to its logits, a whole panel in registers: a loop over
/// lanes that tested for the bias in each of them took a sixth of the time at 1,024 inputs.
static inline void store_float_panel(const uint32_t *words, const float *bias, float *output) {
    for (size_t lane = 0; lane < LOGIT_PANEL; lane += VECTOR_LANES) {
        floats sums, added;
        memcpy(&sums, words + lane, sizeof sums);
        // Makes a zero positive, even if products underflowed to -0 on the way to it.
        sums += 0.0f;
        if (bias) {
            memcpy(&added, bias + lane, sizeof added);
            sums += added;
        }
        memcpy(output + lane, &sums, sizeof sums);
    }
}

/// The same for int8. Where weights are 128 too high, a sum is 128 times the row's total too high.
static inline void store_integer_panel(const uint32_t *words_of_row, const float *scales,
                                       float scale, uint32_t total, const float *bias,
                                       float *output) {
// Rounded in the same places on every set.
#pragma clang fp contract(off)
    for (size_t lane = 0; lane < LOGIT_PANEL; lane += VECTOR_LANES) {
        words sums;
        floats weight_scales, added;
        memcpy(&sums, words_of_row + lane, sizeof sums);
        memcpy(&weight_scales, scales + lane, sizeof weight_scales);
        integers signed_sums = (integers)(sums - INT8_EXCESS * total);
        floats logits = __builtin_convertvector(signed_sums, floats) * (scale * weight_scales);
        if (bias) {
            memcpy(&added, bias + lane, sizeof added);
            logits += added;
        }
        memcpy(output + lane, &logits, sizeof logits);
    }
}

/// Bias and scales of a panel's outputs. The last panel may have fewer outputs than lanes: then
/// these are padded copies, and its logits are computed as a whole panel before some of them are
/// stored.
typedef struct {
    const float *bias, *scales;
    size_t lanes;
    float edge_bias[LOGIT_PANEL], edge_scales[LOGIT_PANEL];
} panel_edge;

static void set_edge(panel_edge *edge, const dense_work *work, size_t done) {
    bool is_int8 = work->weights->format == LOGIT_INT8;
    edge->lanes = smaller_of(LOGIT_PANEL, work->output_count - done);
    edge->bias = work->bias ? work->bias + done : 0;
    edge->scales = is_int8 ? work->weights->scales + work->first_output + done : 0;
    if (edge->lanes == LOGIT_PANEL) return;
    memset(edge->edge_bias, 0, sizeof edge->edge_bias);
    memset(edge->edge_scales, 0, sizeof edge->edge_scales);
    if (edge->bias) {
        memcpy(edge->edge_bias, edge->bias, edge->lanes * sizeof(float));
        edge->bias = edge->edge_bias;
    }
    if (edge->scales) {
        memcpy(edge->edge_scales, edge->scales, edge->lanes * sizeof(float));
        edge->scales = edge->edge_scales;
    }
}

/// Stores one row's logits; `scale` and `total` are those of its integers, for int8.
static void store_row(const panel_edge *edge, const uint32_t *sums, float scale, uint32_t total,
                      float *output) {
    float whole[LOGIT_PANEL];
    float *target = edge->lanes == LOGIT_PANEL ? output : whole;
    if (edge->scales) {
        store_integer_panel(sums, edge->scales, scale, total, edge->bias, target);
    } else {
        store_float_panel(sums, edge->bias, target);
    }
    if (target == whole) memcpy(output, whole, edge->lanes * sizeof(float));
}

static void store_tile(const dense_work *work, const input_chunk *chunk, const tile_sums *sums,
                       size_t row, size_t rows, size_t done) {
    panel_edge edge;
    set_edge(&edge, work, done);
    for (size_t r = 0; r < rows; r++) {
        bool is_int8 = edge.scales != 0;
        store_row(&edge, sums->words[r], is_int8 ? chunk->scales[row + r] : 0,
                  is_int8 ? chunk->totals[row + r] : 0,
                  work->output + (row + r) * work->stride + done);
    }
}

/// Bytes by which prefetching of weights runs ahead of a panel's only tile.
#define STREAM_BYTES 16384

/// Multiplies all rows of the chunk, whose words are in the slab, with the panel of outputs from
/// `done` on.
static void multiply_panel(const dense_work *work, const input_chunk *chunk, size_t done) {
    const uint32_t *panel = work->weights->panels + (work->first_output + done) * work->words;
    const char *next = (const char *)(panel + LOGIT_PANEL * work->words);
    bool is_alone = chunk->rows <= TILE_ROWS;
    tile_sums sums;
    for (size_t row = 0; row < chunk->rows; row += TILE_ROWS) {
        panel_tile tile = {
            .inputs = chunk->slab + row * work->words,
            .rows = smaller_of(TILE_ROWS, chunk->rows - row),
            .groups = work->words,
            .panel = panel,
            .lanes = smaller_of(LOGIT_PANEL, work->output_count - done),
            .next = is_alone ? (const char *)panel + STREAM_BYTES
                             : next + row / TILE_ROWS * 64 * work->words,
            .is_alone = is_alone,
        };
        multiply_tile(&tile, &sums, work->weights->format);
        store_tile(work, chunk, &sums, row, tile.rows, done);
    }
}

/// The same for at most TILE_ROWS rows that are too wide for the slab, block by block.
static void multiply_wide_panel(const dense_work *work, input_chunk *chunk, size_t done) {
    const uint32_t *panel = work->weights->panels + (work->first_output + done) * work->words;
    tile_sums sums;
    memset(chunk->totals, 0, sizeof chunk->totals);
    for (size_t first = 0; first < work->words; first += BLOCK_WORDS) {
        size_t count = smaller_of(BLOCK_WORDS, work->words - first);
        lay_inputs(chunk, work->weights, first, count);
        panel_tile tile = {
            .inputs = chunk->slab,
            .rows = chunk->rows,
            .groups = count,
            .panel = panel + first * LOGIT_PANEL,
            .lanes = smaller_of(LOGIT_PANEL, work->output_count - done),
            .resumes = first > 0,
            .next = (const char *)(panel + first * LOGIT_PANEL) + STREAM_BYTES,
            .is_alone = true,
        };
        multiply_tile(&tile, &sums, work->weights->format);
    }
    store_tile(work, chunk, &sums, 0, chunk->rows, done);
}

static void multiply_chunk(const dense_work *work, input_chunk *chunk) {
    bool is_wide = work->words > BLOCK_WORDS;
    measure_inputs(chunk, work->weights);
    memset(chunk->totals, 0, sizeof chunk->totals);
    if (!is_wide) lay_inputs(chunk, work->weights, 0, work->words);
    for (size_t done = 0; done < work->output_count; done += LOGIT_PANEL) {
        if (is_wide) {
            multiply_wide_panel(work, chunk, done);
        } else {
            multiply_panel(work, chunk, done);
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
    size_t fitting = work.words == 0 ? MAX_CHUNK_ROWS : SLAB_WORDS / work.words;
    size_t rows_at_once = fitting < TILE_ROWS        ? TILE_ROWS
                          : fitting > MAX_CHUNK_ROWS ? MAX_CHUNK_ROWS
                                                     : fitting - fitting % TILE_ROWS;
    input_chunk chunk;
    for (size_t row = 0; row < row_count; row += rows_at_once) {
        chunk.inputs = inputs + row * weights->input_count;
        chunk.rows = smaller_of(rows_at_once, row_count - row);
        work.output = output + row * stride + first_output;
        multiply_chunk(&work, &chunk);
    }
}

#endif
