#include "convert/quantize/statistics.h"

#include "convert/blas.h"

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
        .input_square = minnow_memory_take(watch->memory, inputs * sizeof(double)),
        .input_mean = minnow_memory_take(watch->memory, inputs * sizeof(double)),
        .multiplier = minnow_memory_take(watch->memory, inputs * sizeof(float)),
        .moment = minnow_memory_take(watch->memory, inputs * inputs * sizeof(float)),
        .rounded_mean = minnow_memory_take(watch->memory, inputs * sizeof(double)),
    };
    if (!statistics->input_square || !statistics->input_mean || !statistics->multiplier || !statistics->moment ||
        !statistics->rounded_mean)
        return NULL;
    calibration->count++;
    return statistics;
}

/* mean += (value - mean) / count, for each column. */
static void update_mean(double *mean, const float *row, size_t columns, size_t count) {
    for (size_t i = 0; i < columns; i++) mean[i] += ((double)row[i] - mean[i]) / (double)count;
}

static void update_square(double *mean, const float *row, size_t columns, size_t count) {
    for (size_t i = 0; i < columns; i++) mean[i] += ((double)row[i] * (double)row[i] - mean[i]) / (double)count;
}

void minnow_watch_sizes(void *context, const struct minnow_linear *linear, const float *rows, size_t row_count,
                        size_t stride) {
    struct minnow_watch *watch = context;
    struct minnow_linear_statistics *statistics = find(watch, linear);
    if (!statistics) statistics = begin(watch, linear);
    if (!statistics) {
        watch->out_of_memory = true;
        return;
    }
    for (size_t r = 0; r < row_count; r++) {
        statistics->rows++;
        update_square(statistics->input_square, rows + r * stride, linear->inputs, statistics->rows);
        update_mean(statistics->input_mean, rows + r * stride, linear->inputs, statistics->rows);
    }
}

/* Rotate and round a chunk as the s8 kernels will, and put it back on its scale. */
static void round_chunk(const struct minnow_watch *watch, const struct minnow_linear_statistics *statistics,
                        const float *rows, size_t row_count, size_t stride) {
    struct minnow_row_quantization quantization[MINNOW_WATCH_ROWS];
    size_t inputs = statistics->linear->inputs, padded = MINNOW_PADDED(inputs);
    watch->kernels->rotate_rows(rows, stride, statistics->multiplier, statistics->rotation, row_count, inputs,
                                watch->rotated, padded);
    watch->kernels->quantize_rows(watch->rotated, padded, row_count, inputs, 0, watch->rounded, padded, quantization);
    for (size_t r = 0; r < row_count; r++)
        for (size_t i = 0; i < inputs; i++)
            watch->restored[r * inputs + i] =
                quantization[r].scale * (float)(watch->rounded[r * padded + i] - quantization[r].zero);
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
        for (size_t r = 0; r < some; r++)
            update_mean(statistics->rounded_mean, watch->restored + r * linear->inputs, linear->inputs,
                        ++statistics->rows);
        minnow_blas()->ssyrk(CblasRowMajor, CblasUpper, CblasTrans, inputs, (int)some, 1, watch->restored, inputs, 1,
                             statistics->moment, inputs);
    }
}
