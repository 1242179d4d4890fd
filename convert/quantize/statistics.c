#include "convert/quantize/statistics.h"

#include <cblas.h>
#include <string.h>

static struct minnow_linear_statistics *find(const struct minnow_watch *watch, const struct minnow_linear *linear) {
    for (size_t i = 0; i < watch->calibration->count; i++)
        if (watch->calibration->linears[i].linear == linear) return &watch->calibration->linears[i];
    return NULL;
}

static struct minnow_linear_statistics *begin(struct minnow_watch *watch, const struct minnow_linear *linear) {
    struct minnow_calibration *calibration = watch->calibration;
    size_t inputs = linear->inputs;
    if (calibration->count == calibration->capacity) return NULL;
    struct minnow_linear_statistics *statistics = &calibration->linears[calibration->count];
    *statistics = (struct minnow_linear_statistics){
        .linear = linear,
        .sample = {linear, minnow_memory_take(watch->memory, MINNOW_SAMPLE_ROWS * inputs * sizeof(float)), 0},
        .moment = minnow_memory_take(watch->memory, inputs * inputs * sizeof(float)),
        .input_sum = minnow_memory_take(watch->memory, inputs * sizeof(double)),
        .rounded_sum = minnow_memory_take(watch->memory, inputs * sizeof(double)),
    };
    if (!statistics->sample.rows || !statistics->moment || !statistics->input_sum || !statistics->rounded_sum)
        return NULL;
    calibration->count++;
    return statistics;
}

/* Reservoir sampling: every row is as likely to be kept, whatever the order of the texts. */
static void keep_row(struct minnow_linear_statistics *statistics, const float *row, uint64_t *random) {
    struct minnow_input_sample *sample = &statistics->sample;
    size_t place = sample->row_count, inputs = statistics->linear->inputs;
    statistics->seen++;
    if (place < MINNOW_SAMPLE_ROWS)
        sample->row_count++;
    else {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        place = (size_t)(*random >> 33) % statistics->seen;
        if (place >= MINNOW_SAMPLE_ROWS) return;
    }
    memcpy(sample->rows + place * inputs, row, inputs * sizeof *row);
}

void minnow_watch_sample(void *context, const struct minnow_linear *linear, const float *rows, size_t row_count,
                         size_t stride) {
    struct minnow_watch *watch = context;
    struct minnow_linear_statistics *statistics = find(watch, linear);
    if (!statistics) statistics = begin(watch, linear);
    if (!statistics) {
        watch->out_of_memory = true;
        return;
    }
    uint64_t random = statistics->seen;
    for (size_t r = 0; r < row_count; r++) keep_row(statistics, rows + r * stride, &random);
}

/* Round a chunk as the s8 kernels will, and put it back on its scale. */
static void round_chunk(const struct minnow_watch *watch, const struct minnow_linear_statistics *statistics,
                        const float *rows, size_t row_count, size_t stride) {
    struct minnow_row_quantization quantization[MINNOW_WATCH_ROWS];
    size_t inputs = statistics->linear->inputs, padded = MINNOW_PADDED(inputs);
    watch->kernels->quantize_rows(rows, stride, statistics->multiplier, row_count, inputs, watch->rounded, padded,
                                  quantization);
    for (size_t r = 0; r < row_count; r++)
        for (size_t i = 0; i < inputs; i++)
            watch->restored[r * inputs + i] =
                quantization[r].scale * (float)(watch->rounded[r * padded + i] - quantization[r].zero);
}

static void add_sums(struct minnow_linear_statistics *statistics, const float *rows, const float *restored,
                     size_t row_count, size_t stride) {
    size_t inputs = statistics->linear->inputs;
    for (size_t r = 0; r < row_count; r++)
        for (size_t i = 0; i < inputs; i++) {
            statistics->input_sum[i] += (double)rows[r * stride + i] * (double)statistics->multiplier[i];
            statistics->rounded_sum[i] += (double)restored[r * inputs + i];
        }
    statistics->rows += row_count;
}

void minnow_watch_moments(void *context, const struct minnow_linear *linear, const float *rows, size_t row_count,
                          size_t stride) {
    struct minnow_watch *watch = context;
    struct minnow_linear_statistics *statistics = find(watch, linear);
    int inputs = (int)linear->inputs;
    if (!statistics) return;
    for (size_t first = 0; first < row_count; first += MINNOW_WATCH_ROWS) {
        size_t some = row_count - first < MINNOW_WATCH_ROWS ? row_count - first : MINNOW_WATCH_ROWS;
        round_chunk(watch, statistics, rows + first * stride, some, stride);
        add_sums(statistics, rows + first * stride, watch->restored, some, stride);
        cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, inputs, (int)some, 1, watch->restored, inputs, 1,
                    statistics->moment, inputs);
    }
}
