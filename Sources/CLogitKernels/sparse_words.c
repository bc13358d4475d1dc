#include "CLogitKernels.h"
#include "formats.h"

/// The input in a word whose other places are zero. For int8, adds it to the row's total.
static inline uint32_t word_of(logit_format format, uint32_t column, float value,
                               logit_sparse_row *row) {
    if (format == LOGIT_FLOAT32) {
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        return bits;
    }
    if (format == LOGIT_BFLOAT16) return (uint32_t)bfloat16_of(value) << column % 2 * 16;
    int8_t integer = quantized(value, row->scale);
    row->total += (uint32_t)(int32_t)integer;
    return (uint32_t)(uint8_t)integer << column % 4 * 8;
}

void logit_sparse_words(logit_format format, const uint32_t *columns, const float *values,
                        size_t count, logit_sparse_word *words, logit_sparse_row *row) {
    const uint32_t inputs = (uint32_t)logit_inputs_per_word(format);
    row->scale = format == LOGIT_INT8 ? scale_of(values, count) : 0.0f;
    row->total = 0;
    row->word_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t place = columns[i] / inputs;
        uint32_t word = word_of(format, columns[i], values[i], row);
        if (row->word_count > 0 && words[row->word_count - 1].place == place) {
            words[row->word_count - 1].inputs |= word;
        } else {
            words[row->word_count++] = (logit_sparse_word){place, word};
        }
    }
}
