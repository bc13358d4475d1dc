#ifndef LOGIT_SPARSE_H
#define LOGIT_SPARSE_H

#include "dense.h"

// Dense logits of sparse rows: of each panel, only those words are read that a word of the row is
// multiplied with, 128 bytes each. The steps are those of dense.h in the same order, without those
// that add zero, so that the bits are the same.
//
// The tile is one row and one panel: PANEL_VECTORS registers of sums, which run in parallel, and
// one for the input; weights come straight from memory. More panels at a time would cover more of a
// multiply-add's latency, but the latency of memory decides: wider tiles were measured no faster.
// All rows are multiplied with a panel before the next one is read, so that words they have in
// common are fetched once.

/// Words of the rows, which follow each other, by which prefetching into the L2 cache runs ahead.
#define SPARSE_AHEAD_WORDS 32

/// One row's words and one panel.
typedef struct {
    const logit_sparse_word *words;
    size_t count;
    const uint32_t *panel;
} sparse_walk;

static inline void fetch_word(const sparse_walk *walk, size_t i) {
    const uint32_t *weights = walk->panel + (size_t)walk->words[i].place * LOGIT_PANEL;
    __builtin_prefetch(weights, 0, 2);
    __builtin_prefetch(weights + LOGIT_PANEL / 2, 0, 2);
}

/// sums[lane] = Σ_i walk->words[i].inputs · the panel's word at its place, in the order of i.
INLINE void walk_panel(const sparse_walk *walk, const sparse_walk *next, const logit_format format,
                       uint32_t *sums) {
    words running[PANEL_VECTORS];
    for (size_t v = 0; v < PANEL_VECTORS; v++) running[v] = (words){0};
    for (size_t i = 0; i < walk->count; i++) {
        size_t ahead = i + SPARSE_AHEAD_WORDS;
        if (ahead < walk->count) {
            fetch_word(walk, ahead);
        } else if (ahead - walk->count < next->count) {
            fetch_word(next, ahead - walk->count);
        }
        const words *weights =
            (const words *)(walk->panel + (size_t)walk->words[i].place * LOGIT_PANEL);
        for (size_t v = 0; v < PANEL_VECTORS; v++) {
            running[v] = step_word(format, running[v], weights[v], walk->words[i].inputs);
        }
    }
    memcpy(sums, running, sizeof running);
}

INLINE void walk_panels(const dense_work *work, const logit_sparse_row *rows, size_t row_count,
                        const logit_sparse_word *row_words, const logit_format format) {
    const size_t panel_words = work->words * LOGIT_PANEL;
    const uint32_t *panel = work->weights->panels + work->first_output * work->words;
    uint32_t sums[LOGIT_PANEL];
    panel_edge edge;
    for (size_t done = 0; done < work->output_count; done += LOGIT_PANEL) {
        set_edge(&edge, work, done);
        for (size_t r = 0; r < row_count; r++) {
            bool is_last = r + 1 == row_count;
            const logit_sparse_row *row = rows + r, *after = is_last ? rows : row + 1;
            sparse_walk walk = {row_words + row->first_word, row->word_count, panel};
            sparse_walk next = {row_words + after->first_word, after->word_count,
                                is_last ? panel + panel_words : panel};
            walk_panel(&walk, &next, format, sums);
            store_row(&edge, sums, row->scale, row->total,
                      work->output + row->output_row * work->stride + done);
        }
        panel += panel_words;
    }
}

static void sparse(const logit_sparse_row *rows, size_t row_count,
                   const logit_sparse_word *row_words, const logit_weights *weights,
                   size_t first_output, size_t output_count, const float *bias, float *output,
                   size_t stride) {
    dense_work work = {
        .weights = weights,
        .words = logit_words(weights->format, weights->input_count),
        .first_output = first_output,
        .output_count = output_count,
        .bias = bias ? bias + first_output : 0,
        .output = output + first_output,
        .stride = stride,
    };
    switch (weights->format) {
    case LOGIT_FLOAT32: walk_panels(&work, rows, row_count, row_words, LOGIT_FLOAT32); break;
    case LOGIT_BFLOAT16: walk_panels(&work, rows, row_count, row_words, LOGIT_BFLOAT16); break;
    case LOGIT_INT8: walk_panels(&work, rows, row_count, row_words, LOGIT_INT8); break;
    }
}

#endif
