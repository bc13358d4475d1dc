// Holds every table of kernels that this machine can run against double precision and against the
// baseline, in plain C, so that it can be cross-compiled and run under an emulator or valgrind.
// Names of sets as arguments restrict it to those. The Swift tests go deeper.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CLogitKernels.h"

static int failures;

static void expect(int holds, const char *set, const char *what, double found, double truth) {
    if (holds) return;
    failures++;
    fprintf(stderr, "%s: %s is %.9g, not %.9g\n", set, what, found, truth);
}

static uint64_t state = 1;

static float uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(state >> 40) * 0x1p-23f - 1.0f;
}

static float *uniforms(size_t count) {
    float *values = malloc((count + 1) * sizeof(float));
    for (size_t i = 0; i < count; i++) values[i] = uniform();
    return values;
}

typedef struct {
    size_t rows, outputs, inputs;
    float *x, *w, *bias;
} dense_case;

static logit_weights packed(logit_format format, const dense_case *data, uint32_t **panels,
                            float **scales) {
    size_t panel_count = (data->outputs + LOGIT_PANEL - 1) / LOGIT_PANEL;
    size_t bytes = panel_count * LOGIT_PANEL * logit_words(format, data->inputs) * 4;
    *panels = aligned_alloc(64, bytes + 64);
    memset(*panels, 0, bytes + 64);
    *scales = calloc(data->outputs, sizeof(float));
    logit_weights weights = {format, data->outputs, data->inputs, *panels, *scales};
    if (format == LOGIT_INT8) {
        logit_measure_rows(data->w, 0, data->outputs, true, data->outputs, data->inputs, *scales);
    }
    logit_pack_rows(data->w, 0, data->outputs, true, &weights, *panels);
    return weights;
}

/// The loss that a format allows: of float the roundings of the sum; of bfloat16 2^-7 of each
/// product; of int8 1/127 of the largest product, which is 1.
static double bound(logit_format format, size_t inputs, double size) {
    double loss = format == LOGIT_FLOAT32    ? 0
                  : format == LOGIT_BFLOAT16 ? size / 128
                                             : (double)inputs / 127;
    return loss + (double)(inputs + 2) * 0x1p-24 * (size + loss);
}

static void check_format(const logit_kernels *set, const logit_kernels *baseline,
                         logit_format format, const dense_case *data) {
    uint32_t *panels;
    float *scales;
    logit_weights weights = packed(format, data, &panels, &scales);
    size_t count = data->rows * data->outputs;
    float *found = uniforms(count), *portable = uniforms(count);
    set->products.dense(data->x, data->rows, &weights, 0, data->outputs, data->bias, found,
                        data->outputs);
    baseline->products.dense(data->x, data->rows, &weights, 0, data->outputs, data->bias, portable,
                             data->outputs);
    for (size_t i = 0; i < count; i++) {
        const float *x = data->x + i / data->outputs * data->inputs;
        const float *w = data->w + i % data->outputs * data->inputs;
        double sum = data->bias[i % data->outputs], size = fabs(sum);
        for (size_t d = 0; d < data->inputs; d++) {
            sum += (double)x[d] * w[d];
            size += fabs((double)x[d] * w[d]);
        }
        expect(fabs(found[i] - sum) <= bound(format, data->inputs, size), set->name, "a logit",
               found[i], sum);
        if (format == LOGIT_INT8) {
            expect(found[i] == portable[i], set->name, "an int8 logit", found[i], portable[i]);
        }
    }
    free(found), free(portable), free(panels), free(scales);
}

static void check_dense(const logit_kernels *set, const logit_kernels *baseline) {
    static const size_t rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 65};
    static const size_t widths[] = {1, 2, 3, 4, 5, 16, 33, 129};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        for (size_t d = 0; d < sizeof widths / sizeof widths[0]; d++) {
            for (size_t outputs = 1; outputs < 70; outputs += outputs % 16 < 2 ? 1 : 14) {
                dense_case data = {rows[r], outputs, widths[d], 0, 0, 0};
                data.x = uniforms(data.rows * data.inputs);
                data.w = uniforms(outputs * data.inputs);
                data.bias = uniforms(outputs);
                check_format(set, baseline, LOGIT_FLOAT32, &data);
                check_format(set, baseline, LOGIT_BFLOAT16, &data);
                check_format(set, baseline, LOGIT_INT8, &data);
                free(data.x), free(data.w), free(data.bias);
            }
        }
    }
}

/// The sparse kernel against the dense one, which must give the same bits. Products of tiny values
/// round to zeros of either sign.
static void check_sparse_row(const logit_kernels *set, logit_format format, dense_case *data,
                             size_t count) {
    uint32_t *panels, *columns = malloc((count + 1) * sizeof(uint32_t));
    float *scales, *values = uniforms(count), *found = uniforms(data->outputs);
    float *expected = uniforms(data->outputs);
    logit_sparse_word *words = malloc((count + 1) * sizeof(logit_sparse_word));
    logit_weights weights = packed(format, data, &panels, &scales);
    memset(data->x, 0, data->inputs * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        columns[i] = (uint32_t)(i * data->inputs / count);
        data->x[columns[i]] = values[i] = values[i] * data->w[0];
    }
    logit_sparse_row row = {0};
    logit_sparse_words(format, columns, values, count, words, &row);
    set->products.sparse(&row, 1, words, &weights, 0, data->outputs, data->bias, found,
                         data->outputs);
    set->products.dense(data->x, 1, &weights, 0, data->outputs, data->bias, expected,
                        data->outputs);
    for (size_t k = 0; k < data->outputs; k++) {
        expect(memcmp(found + k, expected + k, sizeof(float)) == 0, set->name, "a sparse logit",
               found[k], expected[k]);
    }
    free(columns), free(values), free(found), free(expected), free(words);
    free(panels), free(scales);
}

static void check_sparse(const logit_kernels *set) {
    for (size_t outputs = 1; outputs < 70; outputs += outputs % 16 < 2 ? 1 : 14) {
        for (size_t count = 0; count < 70; count += count < 9 ? 1 : 20) {
            dense_case data = {1, outputs, 70, uniforms(70), uniforms(outputs * 70), 0};
            data.bias = count % 2 ? uniforms(outputs) : 0;
            for (size_t i = 0; count % 3 == 0 && i < outputs * 70; i++) data.w[i] *= 0x1p-80f;
            check_sparse_row(set, LOGIT_FLOAT32, &data, count);
            check_sparse_row(set, LOGIT_BFLOAT16, &data, count);
            check_sparse_row(set, LOGIT_INT8, &data, count);
            free(data.x), free(data.w), free(data.bias);
        }
    }
}

static void check_rows(const logit_kernels *set) {
    enum { rows = 7, vectors = 5 };
    for (size_t width = 0; width < 70; width++) {
        float *table = uniforms(rows * width), *x = uniforms(vectors * width);
        float *found = uniforms(rows * vectors);
        set->products.row_scores(table, width, rows, x, vectors, found, rows);
        for (size_t i = 0; i < rows * vectors; i++) {
            double sum = 0, size = 0;
            for (size_t j = 0; j < width; j++) {
                double product = (double)table[i % rows * width + j] * x[i / rows * width + j];
                sum += product;
                size += fabs(product);
            }
            // A product, at most 5 additions in a lane, 4 levels of the tree.
            expect(fabs(found[i] - sum) <= 10 * 0x1p-24 * size, set->name, "a row score", found[i],
                   sum);
        }
        free(table), free(x), free(found);
    }
}

static double softplus(double x) { return fmax(x, 0) + log1p(exp(-fabs(x))); }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/// Every 40,009th bit pattern between two values: all exponents, many mantissas.
static double gelu(double x) { return 0.5 * x * erfc(-x * sqrt(0.5)); }

static void check_map(const char *set, const char *what, logit_map *map, double (*truth)(double),
                      double low, double high, double ulps) {
    for (uint64_t bits = 0; bits < 1ull << 32; bits += 40009) {
        uint32_t pattern = (uint32_t)bits;
        float x;
        memcpy(&x, &pattern, sizeof x);
        if (!(x >= low && x <= high)) continue;
        float y = x;
        map(&y, 1);
        double exact = truth(x);
        double unit = exp2(fmax(ilogb(exact == 0 ? 0x1p-126 : exact), -126) - 23);
        expect(fabs(y - exact) <= ulps * unit, set, what, y, exact);
    }
}

static void check_maps(const logit_kernels *set) {
    check_map(set->name, "exp", set->maps.exp, exp, -87.33, 88.72, 1);
    check_map(set->name, "log", set->maps.log, log, 0x1p-126, 3.4e38, 1);
    check_map(set->name, "tanh", set->maps.tanh, tanh, -3.4e38, 3.4e38, 3);
    check_map(set->name, "sigmoid", set->maps.sigmoid, sigmoid, -87.33, 3.4e38, 3);
    check_map(set->name, "softplus", set->maps.softplus, softplus, -87.33, 3.4e38, 3);
    check_map(set->name, "gelu", set->maps.gelu, gelu, -13.2, 3.4e38, 10);
}

/// The same words, and normals within the 5 ulp each set may be off, both ways.
static void check_draws(const logit_kernels *set, const logit_kernels *baseline) {
    uint32_t words[4 * LOGIT_LANES], portable[4 * LOGIT_LANES];
    for (int i = 0; i < 4 * LOGIT_LANES; i++) words[i] = portable[i] = (uint32_t)i * 0x9e3779b9u;
    set->sampling.philox(words, 0x123456789abcdefu);
    baseline->sampling.philox(portable, 0x123456789abcdefu);
    expect(memcmp(words, portable, sizeof words) == 0, set->name, "a random word", 0, 0);
    enum { samples = 97, dimensions = 51 };
    static float found[samples * dimensions], expected[samples * dimensions];
    set->sampling.normals(7, 3, samples, dimensions, found);
    baseline->sampling.normals(7, 3, samples, dimensions, expected);
    for (int i = 0; i < samples * dimensions; i++) {
        expect(fabsf(found[i] - expected[i]) <= 10 * 0x1p-23f * fabsf(expected[i]), set->name,
               "a normal", found[i], expected[i]);
    }
}

/// Coordinates of a net: twice the 2e-6 that each set may be off.
static void check_net(const logit_kernels *set, const logit_kernels *baseline) {
    enum { points = 64, bits = 6, dimensions = 37, stride = 40 };
    static uint32_t steps[bits * dimensions], shifts[dimensions];
    for (size_t j = 0; j < dimensions; j++) {
        uint32_t directions[LOGIT_SOBOL_BITS], step = 0;
        logit_sobol_directions(j, directions);
        shifts[j] = (uint32_t)j * 0x9e3779b9u;
        for (int bit = 0; bit < bits; bit++) {
            step ^= directions[bit];
            steps[bit * dimensions + j] = step;
        }
    }
    static float found[points * stride], expected[points * stride];
    for (uint64_t first = 0; first < points; first += 21) {
        set->sampling.net_normals(steps, shifts, dimensions, first, points - first, stride, found);
        baseline->sampling.net_normals(steps, shifts, dimensions, first, points - first, stride,
                                       expected);
        for (size_t s = 0; s < points - first; s++) {
            for (size_t j = 0; j < dimensions; j++) {
                const float value = found[s * stride + j], truth = expected[s * stride + j];
                expect(fabsf(value - truth) <= 4e-6f, set->name, "a point", value, truth);
            }
        }
    }
}

/// Points of small nets: in every coordinate one in each interval.
static void check_small_nets(void) {
    for (int bits = LOGIT_NET_LEAST_BITS; bits <= LOGIT_NET_MOST_BITS; bits++) {
        for (size_t j = 0; j < LOGIT_SOBOL_DIMENSIONS; j++) {
            uint32_t directions[LOGIT_SOBOL_BITS], seen = 0;
            logit_net_directions(j, bits, directions);
            for (uint32_t point = 0; point >> bits == 0; point++) {
                uint32_t word = 0;
                for (int bit = 0; bit < bits; bit++) {
                    if (point >> bit & 1) word ^= directions[bit];
                }
                seen |= 1u << (word >> (32 - bits));
            }
            expect(seen == (1u << (1 << bits)) - 1, "all", "a small net", seen, 0);
        }
    }
}

/// Weighted products against double: a float rounding for each of two products, and one for each of
/// 512 sums of at most half of all.
static void check_axes(const logit_kernels *set) {
    enum { classes = 1100, max_rank = LOGIT_AXES_MAX_RANK };
    float *loadings = uniforms(classes * max_rank), *weights = uniforms(classes);
    float *logits = uniforms(classes), *location = uniforms(classes);
    static double sums[max_rank], products[max_rank * max_rank];
    for (size_t rank = 1; rank <= max_rank; rank = rank < 6 ? rank + 1 : rank + 29) {
        memset(sums, 0, sizeof sums);
        memset(products, 0, sizeof products);
        set->sampling.weigh_loadings(loadings, classes, rank, classes, weights, sums, products);
        set->sampling.shrink_logits(loadings, classes, rank, classes, 0.5f, location, logits);
        for (size_t r = 0; r < rank; r++) {
            for (size_t q = r; q < rank; q++) {
                double truth = 0, size = 0;
                for (size_t k = 0; k < classes; k++) {
                    const double product = (double)weights[k] * loadings[r * classes + k] *
                                           loadings[q * classes + k];
                    truth += product;
                    size += fabs(product);
                }
                const double value = products[r * rank + q];
                expect(fabs(value - truth) <= 514 * 0x1p-24 * size, set->name, "a product of axes",
                       value, truth);
            }
        }
        for (size_t k = 0; k < classes; k++) {
            double square = 0;
            for (size_t r = 0; r < rank; r++) {
                square += 0.25 * loadings[r * classes + k] * loadings[r * classes + k];
            }
            const double truth = location[k] * log(2) / sqrt(1 + 3.14159265358979324 / 8 * square);
            expect(fabs(logits[k] - truth) <= 40 * 0x1p-24 * fabs(truth), set->name,
                   "a logit that noise leaves", logits[k], truth);
        }
    }
    free(loadings);
    free(weights);
    free(logits);
    free(location);
}

static void check_softmax(const logit_kernels *set) {
    for (size_t count = 1; count < 1100; count += count < 40 ? 1 : 157) {
        float *row = uniforms(count);
        double total = 0, mass = 0;
        for (size_t k = 0; k < count; k++) total += exp(row[k] = row[k] * 20);
        logit_row_sums sums;
        set->links.exponentiate(row, 1, count, &sums);
        for (size_t k = 0; k < count; k++) mass += row[k] * sums.scale;
        // |l - max| ≤ 40 is rounded once: each e is off by 2^-24 · 40 of itself, and one ulp.
        expect(fabs(sums.log_sum_exp - log(total)) <= 0x1p-18, set->name, "log-sum-exp",
               sums.log_sum_exp, log(total));
        expect(fabs(mass - 1) <= 0x1p-40, set->name, "a total", mass, 1);
        free(row);
    }
}

/// A row that is only read leaves the same sums and probabilities as one that is overwritten.
static void check_row_sums(const logit_kernels *set) {
    for (size_t count = 1; count < 1100; count += count < 70 ? 1 : 157) {
        float *row = uniforms(count), *copy = malloc(count * sizeof(float));
        float *maxima = malloc((count + 31) / 32 * sizeof(float)), largest = row[0];
        float *probabilities = malloc(count * sizeof(float));
        for (size_t k = 0; k < count; k++) largest = fmaxf(largest, row[k]);
        memcpy(copy, row, count * sizeof(float));
        set->links.panel_maxima(row, count, maxima);
        float found = maxima[0];
        for (size_t i = 1; i < (count + 31) / 32; i++) found = fmaxf(found, maxima[i]);
        expect(found == largest, set->name, "a maximum", found, largest);
        for (int link = 0; link < 2; link++) {
            logit_row_sums read, written;
            memcpy(copy, row, count * sizeof(float));
            bool is_finite = set->links.sum_row(row, count, (logit_link)link, 1, largest, &read);
            set->links.probabilities(row, count, (logit_link)link, 1, largest, read.scale,
                                     probabilities);
            if (link == LOGIT_SOFTMAX) {
                set->links.exponentiate(copy, 1, count, &written);
                set->links.rescale(copy, count, written.scale);
            } else {
                set->links.sigmoid_rows(copy, 1, count, &written);
            }
            expect(is_finite && read.entropy == written.entropy, set->name, "an entropy",
                   read.entropy, written.entropy);
            for (size_t k = 0; k < count; k++) {
                expect(probabilities[k] == copy[k], set->name, "a probability", probabilities[k],
                       copy[k]);
            }
        }
        row[count / 2] = NAN;
        logit_row_sums none;
        expect(!set->links.sum_row(row, count, LOGIT_SOFTMAX, 1, largest, &none), set->name,
               "a row with NaN", 1, 0);
        free(row), free(copy), free(maxima), free(probabilities);
    }
}

typedef struct {
    size_t classes, rank, samples;
    float *location, *loadings, *draws;
} noise_case;

/// The mean probabilities of the samples and the mean squares of what class `leader` is ahead of
/// each, in double, from the terms as they were before packing.
static void expected_means(const noise_case *data, bool is_sigmoid, size_t leader, double *means,
                           double *leads) {
    double *logits = malloc(data->classes * sizeof(double));
    memset(means, 0, data->classes * sizeof(double));
    memset(leads, 0, data->classes * sizeof(double));
    for (size_t s = 0; s < data->samples; s++) {
        double total = 0;
        for (size_t k = 0; k < data->classes; k++) {
            double logit = data->location[k];
            for (size_t r = 0; r < data->rank; r++) {
                logit += (double)data->draws[s * data->rank + r] *
                         data->loadings[r * data->classes + k];
            }
            total += logits[k] = exp2(logit);
        }
        for (size_t k = 0; k < data->classes; k++) {
            logits[k] = is_sigmoid ? logits[k] / (1 + logits[k]) : logits[k] / total;
            means[k] += logits[k] / (double)data->samples;
        }
        for (size_t k = 0; k < data->classes; k++) {
            const double lead = logits[leader] - logits[k];
            leads[k] += lead * lead / (double)data->samples;
        }
    }
    free(logits);
}

static logit_noise_chunk new_chunk(size_t padded, size_t samples) {
    const logit_noise_chunk chunk = {uniforms(padded), uniforms(padded), uniforms(padded),
                                     malloc(samples * sizeof(double)), .leads = uniforms(padded),
                                     .sample_count = samples};
    return chunk;
}

static void free_chunk(const logit_noise_chunk *chunk) {
    free(chunk->centers), free(chunk->deviations), free(chunk->squares), free(chunk->entropies);
    free(chunk->leads);
}

/// One call leaves the same moments as a call for every block.
static void check_calls(const logit_kernels *set, const logit_noise *noise, bool is_sigmoid,
                        float *values, const logit_noise_chunk *chunk) {
    const size_t panels = (noise->class_count + LOGIT_PANEL - 1) / LOGIT_PANEL;
    logit_noise_chunk whole = new_chunk(panels * LOGIT_PANEL, chunk->sample_count);
    set->sampling.sample(noise, 0, 0, whole.sample_count, is_sigmoid, values, &whole);
    for (size_t k = 0; k < noise->class_count; k++) {
        expect(whole.deviations[k] == chunk->deviations[k], set->name, "a deviation of one call",
               whole.deviations[k], chunk->deviations[k]);
        expect(whole.squares[k] == chunk->squares[k], set->name, "a square of one call",
               whole.squares[k], chunk->squares[k]);
        expect(whole.leads[k] == chunk->leads[k], set->name, "a lead of one call", whole.leads[k],
               chunk->leads[k]);
    }
    expect(whole.leads[noise->reference] == 0, set->name, "the leader's lead",
           whole.leads[noise->reference], 0);
    free_chunk(&whole);
}

static void check_noise(const logit_kernels *set, const noise_case *data, bool is_sigmoid,
                        bool is_bfloat16) {
    const size_t panels = (data->classes + LOGIT_PANEL - 1) / LOGIT_PANEL;
    const size_t padded = panels * LOGIT_PANEL, tiles = data->samples / LOGIT_NOISE_TILE + 1;
    float *location = uniforms(padded);
    void *loadings = malloc(panels * logit_noise_bytes(data->rank, LOGIT_PANEL, is_bfloat16) + 1);
    void *draws = malloc(tiles * logit_noise_bytes(data->rank, LOGIT_NOISE_TILE, is_bfloat16) + 1);
    set->sampling.pack_location(data->location, 0, data->classes, 1, location);
    set->sampling.pack_loadings(data->loadings, data->classes, data->rank, data->classes, 1,
                                is_bfloat16, loadings);
    set->sampling.pack_draws(data->draws, data->samples, data->rank, is_bfloat16, draws);
    logit_noise noise = {location, loadings, draws, data->classes, data->rank, 0, is_bfloat16};
    for (size_t k = 0; k < data->classes; k++) {
        if (location[k] > location[noise.reference]) noise.reference = k;
    }
    float *values = uniforms(padded * logit_noise_block_samples(data->classes));
    logit_noise_chunk chunk = new_chunk(padded, data->samples);
    double *sums = calloc(data->classes, sizeof(double));
    double *leads = calloc(data->classes, sizeof(double));
    double *expected_leads = malloc(data->classes * sizeof(double));
    double *squares = calloc(data->classes, sizeof(double));
    double *means = malloc(data->classes * sizeof(double));
    const size_t block = logit_noise_block_samples(data->classes);
    for (size_t from = 0; from < data->samples; from += block) {
        const size_t to = from + block < data->samples ? from + block : data->samples;
        set->sampling.sample(&noise, 0, from, to, is_sigmoid, values, &chunk);
    }
    check_calls(set, &noise, is_sigmoid, values, &chunk);
    set->sampling.join_chunk(&chunk, data->samples, data->classes, sums, squares);
    set->sampling.join_leads(&chunk, data->samples, data->classes, noise.reference, leads);
    expected_means(data, is_sigmoid, noise.reference, means, expected_leads);
    // |logit| < 8 + 7 rank: its roundings are 2^-24 (rank + 2) of that, twice for the sum's;
    // bfloat16 rounds each term by 2^-8.
    const double size = 8 + 7 * (double)data->rank;
    const double loss = is_bfloat16 ? size / 128 : (double)(data->rank + 4) * size * 0x1p-23;
    for (size_t k = 0; k < data->classes; k++) {
        const double mean = sums[k] / (double)data->samples;
        expect(fabs(mean - means[k]) <= (loss + 0x1p-16) * means[k], set->name, "a mean", mean,
               means[k]);
        // A lead is off by as much of either probability, its square by twice that of itself, and
        // |lead| ≤ 1.
        const double lead = leads[k] / (double)data->samples;
        expect(fabs(lead - expected_leads[k]) <=
                   2 * (loss + 0x1p-16) * (means[noise.reference] + means[k]),
               set->name, "a lead", lead, expected_leads[k]);
    }
    free(leads), free(expected_leads);
    free(location), free(loadings), free(draws), free(values), free(sums), free(squares);
    free(means);
    free_chunk(&chunk);
}

static void check_sampling(const logit_kernels *set) {
    static const size_t samples[] = {1, 5, 12, 13, 97}, ranks[] = {0, 1, 4, 7};
    for (size_t classes = 1; classes < 420; classes += classes % 32 < 2 ? 1 : 30) {
        for (size_t s = 0; s < sizeof samples / sizeof samples[0]; s++) {
            noise_case data = {classes, ranks[s % 4], samples[s], uniforms(classes), 0, 0};
            data.loadings = uniforms(data.rank * classes);
            data.draws = uniforms(data.rank * data.samples);
            for (size_t k = 0; k < classes; k++) data.location[k] *= 8;
            for (size_t i = 0; i < data.rank * data.samples; i++) data.draws[i] *= 7;
            for (int link = 0; link < 2; link++) {
                check_noise(set, &data, link == 1, false);
                if (set->sampling.has_bfloat16_noise) check_noise(set, &data, link == 1, true);
            }
            free(data.location), free(data.loadings), free(data.draws);
        }
    }
}

/// The law of sigmoid(m + s z) by Simpson's rule with steps far below those of the kernel: the mean
/// of p, of p² and of its entropy.
static void expected_law(double m, double s, double law[3]) {
    const int half = 200 * (1 + (int)s);
    law[0] = law[1] = law[2] = 0;
    for (int i = -half; i <= half; i++) {
        double z = 9.0 * i / half, u = m + s * z, e = exp(-fabs(u)), small = e / (1 + e);
        double share = abs(i) == half ? 1 : (i + half) % 2 ? 4 : 2;
        double weight = share * 3 / half * exp(-z * z / 2) * 0.39894228040143267794;
        double p = u < 0 ? small : 1 / (1 + e);
        law[0] += weight * p;
        law[1] += weight * p * p;
        law[2] += weight * (log1p(e) + fabs(u) * small);
    }
}

static void check_laws(const logit_kernels *set) {
    for (size_t count = 1; count < 70; count += count < 20 ? 1 : 12) {
        float *means = uniforms(count), *deviations = uniforms(count), entropies[70];
        double probabilities[70], variances[70], law[3];
        for (size_t k = 0; k < count; k++) {
            means[k] *= 8;
            deviations[k] = fabsf(deviations[k]) * (count % 3 ? 3 : 40);
        }
        set->quadrature.label_laws(means, deviations, count, probabilities, variances, entropies);
        for (size_t k = 0; k < count; k++) {
            expected_law(means[k], deviations[k], law);
            double deviation = sqrt(fmax(0, law[1] - law[0] * law[0]));
            expect(fabs(probabilities[k] - law[0]) <= 0x1p-21, set->name, "a mean",
                   probabilities[k], law[0]);
            expect(fabs(sqrt(variances[k]) - deviation) <= 0x1p-21, set->name, "a deviation",
                   sqrt(variances[k]), deviation);
            expect(fabs(entropies[k] - law[2]) <= 0x1p-21, set->name, "a mean entropy",
                   entropies[k], law[2]);
        }
        free(means), free(deviations);
    }
}

static void check_squares(const logit_kernels *set) {
    static const logit_format formats[] = {LOGIT_FLOAT32, LOGIT_BFLOAT16, LOGIT_INT8};
    for (size_t outputs = 1; outputs < 70; outputs += outputs % 16 < 2 ? 1 : 14) {
        dense_case data = {1, outputs, 1 + outputs % 9, 0, uniforms(outputs * 9), 0};
        float *factors = uniforms(data.inputs), *found = uniforms(outputs);
        for (size_t i = 0; i < 3; i++) {
            uint32_t *panels;
            float *scales;
            logit_weights weights = packed(formats[i], &data, &panels, &scales);
            set->quadrature.squared_weights(factors, &weights, 0, outputs, found);
            for (size_t k = 0; k < outputs; k++) {
                double sum = 0, size = 0;
                for (size_t d = 0; d < data.inputs; d++) {
                    double square = pow(data.w[k * data.inputs + d], 2) * factors[d];
                    sum += square;
                    size += fabs(square);
                }
                expect(fabs(found[k] - sum) <= 2 * bound(formats[i], data.inputs, size), set->name,
                       "a sum of squares", found[k], sum);
            }
            free(panels), free(scales);
        }
        float *lengths = uniforms(outputs);
        set->quadrature.deviations(data.w, outputs, 9, 0, outputs, 2, lengths);
        for (size_t k = 0; k < outputs; k++) {
            double sum = 0;
            for (size_t r = 0; r < 9; r++) sum += pow(data.w[r * outputs + k], 2);
            expect(fabs(lengths[k] - 2 * sqrt(sum)) <= 0x1p-22 * sqrt(sum), set->name, "a length",
                   lengths[k], 2 * sqrt(sum));
        }
        free(data.w), free(factors), free(found), free(lengths);
    }
}

static void check_weighted_sums(const logit_kernels *set) {
    enum { nodes = 5 };
    const double weights[nodes] = {0.25, 1, 2, 1, 0.5};
    for (size_t classes = 1; classes < 1100; classes += classes < 40 ? 1 : 157) {
        float *values = uniforms(nodes * classes);
        double *sums = calloc(classes, sizeof(double)), *squares = calloc(classes, sizeof(double));
        logit_row_sums rows[nodes];
        for (size_t s = 0; s < nodes; s++) rows[s].scale = 1 / (double)(s + 3);
        set->quadrature.accumulate_weighted(values, classes, nodes, classes, rows, weights, sums,
                                            squares);
        for (size_t k = 0; k < classes; k++) {
            double sum = 0, square = 0;
            for (size_t s = 0; s < nodes; s++) {
                double p = values[s * classes + k] * rows[s].scale;
                sum += weights[s] * p;
                square += weights[s] * p * p;
            }
            expect(fabs(sums[k] - sum) <= 0x1p-50, set->name, "a weighted sum", sums[k], sum);
            expect(fabs(squares[k] - square) <= 0x1p-50, set->name, "a weighted square",
                   squares[k], square);
        }
        free(values), free(sums), free(squares);
    }
}

/// The loops that peaks are measured with: as many operations as rounds ask for, and no byte read
/// beyond the end.
static void check_peaks(const logit_kernels *set) {
    static const logit_format formats[] = {LOGIT_FLOAT32, LOGIT_BFLOAT16, LOGIT_INT8};
    for (size_t i = 0; i < 3; i++) {
        double three = set->measuring.multiply_adds(formats[i], 3);
        double six = set->measuring.multiply_adds(formats[i], 6);
        expect(three > 0 && six == 2 * three, set->name, "multiply-adds", six, 2 * three);
        double words = three / (double)logit_inputs_per_word(formats[i]);
        double floats = set->measuring.multiply_adds(LOGIT_FLOAT32, 3);
        expect(words == floats, set->name, "words of a round", words, floats);
    }
    for (size_t size = 0; size <= 1024; size += 128) {
        void *memory = aligned_alloc(64, size > 0 ? size : 64);
        memset(memory, 1, size > 0 ? size : 64);
        set->measuring.read_memory(memory, size);
        free(memory);
    }
}

int main(int argc, char **argv) {
    static const char *const all[] = {"baseline", "avx2", "avx512", "avx512-bf16", "neon",
                                      "neon-dotprod"};
    const logit_kernels *baseline = logit_kernels_named("baseline");
    int count = argc > 1 ? argc - 1 : (int)(sizeof all / sizeof all[0]);
    int checked = 0;
    check_small_nets();
    for (int i = 0; i < count; i++) {
        const logit_kernels *set = logit_kernels_named(argc > 1 ? argv[i + 1] : all[i]);
        if (!set) continue;
        check_dense(set, baseline);
        check_sparse(set);
        check_rows(set);
        check_maps(set);
        check_draws(set, baseline);
        check_net(set, baseline);
        check_axes(set);
        check_softmax(set);
        check_row_sums(set);
        check_sampling(set);
        check_laws(set);
        check_squares(set);
        check_weighted_sums(set);
        check_peaks(set);
        printf("%s: checked\n", set->name);
        checked++;
    }
    if (argc > 1 && checked != count) fprintf(stderr, "a set is missing\n");
    return failures > 0 || checked == 0 || (argc > 1 && checked != count);
}
