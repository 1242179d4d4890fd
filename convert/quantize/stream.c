#include "convert/quantize/stream.h"

#include <math.h>
#include <string.h>

#include "convert/blas.h"

bool minnow_stream_room_take(const struct minnow_kernels *kernels, size_t rows, size_t widest, size_t longest,
                             struct minnow_memory *memory, struct minnow_stream_room *room) {
    size_t padded = MINNOW_PADDED(widest);
    *room = (struct minnow_stream_room){
        .kernels = kernels,
        .rotated = minnow_memory_take(memory, rows * padded * sizeof(float)),
        .dense = minnow_memory_take(memory, rows * padded * sizeof(float)),
        .scores = minnow_memory_take(memory, longest * MINNOW_PADDED(longest) * sizeof(float)),
        .rounded = minnow_memory_take(memory, rows * padded),
        .quantization = minnow_memory_take(memory, rows * sizeof(struct minnow_row_quantization)),
    };
    return room->rotated && room->dense && room->scores && room->rounded && room->quantization;
}

/* ---- Linears ---- */

static void copy_dense(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    for (size_t r = 0; r < rows; r++) memcpy(out + r * columns, in + r * stride, columns * sizeof *out);
}

static void round_rows(const struct minnow_stream_room *room, const float *in, size_t rows, size_t columns,
                       float *out) {
    size_t stride = MINNOW_PADDED(columns);
    room->kernels->quantize_rows(in, stride, rows, columns, 0, room->rounded, stride, room->quantization);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            out[r * columns + c] =
                room->quantization[r].scale * (float)(room->rounded[r * stride + c] - room->quantization[r].zero);
}

void minnow_stream_meet(const struct minnow_stream_room *room, const struct minnow_effective *linear, bool round,
                        const float *in, size_t rows, float *out) {
    size_t stride = MINNOW_PADDED(linear->inputs);
    if (linear->multiplier)
        room->kernels->rotate_rows(in, stride, linear->multiplier, linear->rotation, rows, linear->inputs,
                                   room->rotated, stride);
    const float *rotated = linear->multiplier ? room->rotated : in;
    if (round)
        round_rows(room, rotated, rows, linear->inputs, out);
    else
        copy_dense(rotated, stride, rows, linear->inputs, out);
}

void minnow_stream_linear(const struct minnow_stream_room *room, const struct minnow_effective *linear, const float *in,
                          size_t rows, float *out) {
    size_t stride = MINNOW_PADDED(linear->outputs);
    int n = (int)linear->inputs;
    minnow_stream_meet(room, linear, linear->multiplier != NULL, in, rows, room->dense);
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)linear->outputs, n, 1, room->dense, n,
                         linear->weight, n, 0, out, (int)stride);
    for (size_t r = 0; linear->bias && r < rows; r++)
        for (size_t o = 0; o < linear->outputs; o++) out[r * stride + o] += linear->bias[o];
}

/* ---- Attention ---- */

void minnow_stream_attention(const struct minnow_stream_room *room, const float *query_key_value, size_t tokens,
                             size_t all, size_t heads, float *out) {
    size_t width = all / heads;
    int in = (int)MINNOW_PADDED(3 * all), between = (int)MINNOW_PADDED(tokens), n = (int)tokens, w = (int)width;
    for (size_t h = 0; h < heads; h++) {
        const float *query = query_key_value + h * width, *key = query + all, *value = key + all;
        minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, w, 1, query, in, key, in, 0, room->scores,
                             between);
        room->kernels->softmax_rows(room->scores, MINNOW_PADDED(tokens), tokens, tokens, 1.0f / sqrtf((float)width));
        minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, w, n, 1, room->scores, between, value, in, 0,
                             out + h * width, (int)MINNOW_PADDED(all));
    }
}
