#include <string.h>

#include "CLogitKernels.h"

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// Rows of [K, D]: each is one lane of one panel; lanes of a panel are written together.
static void pack_outputs(const float *rows, size_t first, size_t row_count, size_t input_count,
                         float *panels) {
    for (size_t done = 0; done < row_count;) {
        size_t output = first + done;
        size_t lane = output % LOGIT_LANES;
        size_t lanes = smaller(LOGIT_LANES - lane, row_count - done);
        const float *source = rows + done * input_count;
        float *panel = panels + (output - lane) * input_count + lane;
        for (size_t d = 0; d < input_count; d++) {
            for (size_t l = 0; l < lanes; l++) {
                panel[d * LOGIT_LANES + l] = source[l * input_count + d];
            }
        }
        done += lanes;
    }
}

/// Rows of [D, K]: each is cut into the lanes of all panels; a panel takes all rows in one go.
static void pack_inputs(const float *rows, size_t first, size_t row_count, size_t output_count,
                        size_t input_count, float *panels) {
    for (size_t output = 0; output < output_count; output += LOGIT_LANES) {
        size_t lanes = smaller(LOGIT_LANES, output_count - output);
        float *panel = panels + output * input_count + first * LOGIT_LANES;
        for (size_t row = 0; row < row_count; row++) {
            memcpy(panel + row * LOGIT_LANES, rows + row * output_count + output,
                   lanes * sizeof(float));
        }
    }
}

void logit_pack_rows(const float *rows, size_t first, size_t row_count, size_t output_count,
                     size_t input_count, bool output_major, float *panels) {
    if (output_major) {
        pack_outputs(rows, first, row_count, input_count, panels);
    } else {
        pack_inputs(rows, first, row_count, output_count, input_count, panels);
    }
}
