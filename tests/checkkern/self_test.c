/* checkkern checks itself: kernels with one fault each must be caught. */
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/checkkern/check.h"

static struct minnow_kernels right(void) {
    struct minnow_kernels kernels;
    minnow_kernels_choose(&kernels, minnow_kernels_tier(0));
    return kernels;
}

static void slipping_gemm(const struct minnow_gemm_s8_args *args) {
    right().gemm_s8.run(args);
    if (args->rows > 3 && args->outputs > 40) args->out[3 * args->out_stride + 40] += 1.0f;
}

static volatile int8_t sink;

static void reading_gemm(const struct minnow_gemm_s8_args *args) {
    right().gemm_s8.run(args);
    sink = args->a[rows_extent(args->rows, args->a_stride, MINNOW_PADDED(args->inputs))];
}

static void unfused_gemm(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows, size_t columns,
                         size_t depth, float *c, size_t c_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t n = 0; n < columns; n++) {
            float sum = 0;
            for (size_t k = 0; k < depth; k++) sum += a[r * a_stride + k] * b[k * b_stride + n];
            c[r * c_stride + n] = sum;
        }
}

static void overwriting_gelu(float *x, size_t stride, size_t rows, size_t columns) {
    right().gelu_rows(x, stride, rows, columns);
    if (rows > 1 && stride > MINNOW_PADDED(columns)) x[MINNOW_PADDED(columns)] = 0;
}

static void underwriting_relu(float *x, size_t stride, size_t rows, size_t columns) {
    right().relu_rows(x, stride, rows, columns);
    x[-1] = 0;
}

static void spreading_max(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c++) {
        out[c] = in[c];
        for (size_t r = 1; r < rows; r++)
            if (!(in[r * stride + c] <= out[c])) out[c] = in[r * stride + c];
    }
}

static void flushing_mean(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    right().mean_rows(in, stride, rows, columns, out);
    for (size_t c = 0; c < columns; c++)
        if (fabsf(out[c]) < FLT_MIN) out[c] = 0;
}

static void rounding_softmax(float *x, size_t stride, size_t rows, size_t columns, float scale) {
    right().softmax_rows(x, stride, rows, columns, scale);
    if (columns % 16 == 15) x[columns - 1] = nextafterf(x[columns - 1], 2);
}

static void scribbling_dots(const float *query, const float *vectors, size_t stride, size_t count, size_t columns,
                            float *out) {
    right().dots_f32(query, vectors, stride, count, columns, out);
    ((float *)(uintptr_t)query)[0] = 0;
}

static void illegal_dots(const int8_t *query, const int8_t *vectors, size_t stride, size_t count, size_t columns,
                         int32_t *out) {
    right().dots_s8(query, vectors, stride, count, columns, out);
    if (columns == 33) raise(SIGILL);
}

/* As if no row began before the last one's end. */
static void separating_convolution(const struct minnow_gemm_s8_args *args) {
    struct minnow_gemm_s8_args row = *args;
    for (row.rows = 1; row.out < args->out + args->rows * args->out_stride; row.out += args->out_stride) {
        right().gemm_s8.run(&row);
        row.a += args->a_stride > args->inputs ? args->a_stride : args->inputs;
        row.quantization++;
    }
}

static void forgetting_lstm(const struct minnow_lstm_gates_args *args) {
    struct minnow_lstm_gates_args first = *args;
    if (args->hidden % 16 == 1) first.recurrent = NULL;
    right().lstm_gates(&first);
}

static const struct operation *find_operation(const char *name) {
    const struct operation *operation = operations;
    while (strcmp(operation->name, name) != 0) operation++;
    return operation;
}

struct defect {
    const char *what, *operation;
    struct minnow_kernels kernels;
};

static bool is_caught(const struct defect *defect, struct guard *guard, uint64_t seed) {
    struct subject subject = {find_operation(defect->operation), &defect->kernels, guard, seed, true, NULL};
    struct tally tally = sweep(&subject, true);
    printf("%s: %s\n", tally.failed ? "caught" : "NOT CAUGHT", defect->what);
    return tally.failed > 0;
}

int self_test(struct guard *guard, uint64_t seed) {
    struct defect defects[] = {
        {"one sum wrong in the last tile", "gemm_s8", right()},
        {"a byte read past the activations", "gemm_s8", right()},
        {"multiply and add apart", "gemm_f32", right()},
        {"a write between the rows", "gelu_rows", right()},
        {"a write before the rows", "relu_rows", right()},
        {"NaN taken for the largest", "max_rows", right()},
        {"denormals taken for zero", "mean_rows", right()},
        {"one unit in the last place", "softmax_rows", right()},
        {"a write to an input", "dots_f32", right()},
        {"an illegal instruction", "dots_s8", right()},
        {"rows that overlap taken apart", "convolution", right()},
        {"a step that forgets the last", "lstm_gates", right()},
    };
    size_t count = sizeof defects / sizeof *defects, caught = 0;
    defects[0].kernels.gemm_s8.run = slipping_gemm;
    defects[1].kernels.gemm_s8.run = reading_gemm;
    defects[2].kernels.gemm_f32 = unfused_gemm;
    defects[3].kernels.gelu_rows = overwriting_gelu;
    defects[4].kernels.relu_rows = underwriting_relu;
    defects[5].kernels.max_rows = spreading_max;
    defects[6].kernels.mean_rows = flushing_mean;
    defects[7].kernels.softmax_rows = rounding_softmax;
    defects[8].kernels.dots_f32 = scribbling_dots;
    defects[9].kernels.dots_s8 = illegal_dots;
    defects[10].kernels.gemm_s8.run = separating_convolution;
    defects[11].kernels.lstm_gates = forgetting_lstm;
    for (size_t i = 0; i < count; i++) caught += is_caught(&defects[i], guard, seed);
    printf("%zu of %zu defects caught\n", caught, count);
    return caught == count ? 0 : 1;
}
