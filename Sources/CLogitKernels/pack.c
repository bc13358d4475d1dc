#include "formats.h"
#include "set.h"

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// The offset in bytes of an input's weight in its panel.
static inline size_t place_of(logit_format format, size_t d) {
    switch (format) {
    case LOGIT_FLOAT32: return d * LOGIT_PANEL * 4;
    case LOGIT_BFLOAT16: return d / 2 * LOGIT_PANEL * 4 + d % 2 * 2;
    default: return d / 4 * LOGIT_PANEL * 4 + d % 4;
    }
}

static inline void put(logit_format format, float weight, float scale, char *place) {
    if (format == LOGIT_FLOAT32) {
        memcpy(place, &weight, sizeof weight);
    } else if (format == LOGIT_BFLOAT16) {
        uint16_t bits = bfloat16_of(weight);
        memcpy(place, &bits, sizeof bits);
    } else {
        *place = (char)(quantized(weight, scale) + 128);
    }
}

/// Packs rows of [K, D]: each is one lane of one panel; lanes of a panel are written together.
INLINE void pack_outputs(const logit_format format, const float *rows, size_t first,
                         size_t row_count, const logit_weights *weights, char *panels) {
    size_t input_count = weights->input_count;
    size_t panel_bytes = logit_words(format, input_count) * LOGIT_PANEL * 4;
    for (size_t done = 0; done < row_count;) {
        size_t output = first + done;
        size_t lane = output % LOGIT_PANEL;
        size_t lanes = smaller(LOGIT_PANEL - lane, row_count - done);
        const float *source = rows + done * input_count;
        char *panel = panels + output / LOGIT_PANEL * panel_bytes + lane * 4;
        for (size_t d = 0; d < input_count; d++) {
            char *place = panel + place_of(format, d);
            for (size_t l = 0; l < lanes; l++) {
                float scale = format == LOGIT_INT8 ? weights->scales[output + l] : 1.0f;
                put(format, source[l * input_count + d], scale, place + l * 4);
            }
        }
        done += lanes;
    }
}

/// Packs rows of [D, K]: each is cut into the lanes of all panels; all rows go to one panel before
/// the next.
INLINE void pack_inputs(const logit_format format, const float *rows, size_t first,
                        size_t row_count, const logit_weights *weights, char *panels) {
    size_t output_count = weights->output_count;
    size_t panel_bytes = logit_words(format, weights->input_count) * LOGIT_PANEL * 4;
    for (size_t output = 0; output < output_count; output += LOGIT_PANEL) {
        size_t lanes = smaller(LOGIT_PANEL, output_count - output);
        char *panel = panels + output / LOGIT_PANEL * panel_bytes;
        for (size_t row = 0; row < row_count; row++) {
            const float *source = rows + row * output_count + output;
            char *place = panel + place_of(format, first + row);
            for (size_t l = 0; l < lanes; l++) {
                float scale = format == LOGIT_INT8 ? weights->scales[output + l] : 1.0f;
                put(format, source[l], scale, place + l * 4);
            }
        }
    }
}

INLINE void pack(const logit_format format, const float *rows, size_t first, size_t row_count,
                 bool output_major, const logit_weights *weights, char *panels) {
    if (output_major) {
        pack_outputs(format, rows, first, row_count, weights, panels);
    } else {
        pack_inputs(format, rows, first, row_count, weights, panels);
    }
}

void logit_pack_rows(const float *rows, size_t first, size_t row_count, bool output_major,
                     const logit_weights *weights, uint32_t *panels) {
    char *bytes = (char *)panels;
    switch (weights->format) {
    case LOGIT_FLOAT32:
        pack(LOGIT_FLOAT32, rows, first, row_count, output_major, weights, bytes);
        break;
    case LOGIT_BFLOAT16:
        pack(LOGIT_BFLOAT16, rows, first, row_count, output_major, weights, bytes);
        break;
    case LOGIT_INT8:
        pack(LOGIT_INT8, rows, first, row_count, output_major, weights, bytes);
        break;
    }
}

void logit_measure_rows(const float *rows, size_t first, size_t row_count, bool output_major,
                        size_t output_count, size_t input_count, float *scales) {
    for (size_t row = 0; row < row_count && output_major; row++) {
        scales[first + row] = scale_of(rows + row * input_count, input_count);
    }
    for (size_t row = 0; row < row_count && !output_major; row++) {
        for (size_t k = 0; k < output_count; k++) {
            float scale = fabsf(rows[row * output_count + k]) / 127.0f;
            scales[k] = scale > scales[k] ? scale : scales[k];
        }
    }
}
