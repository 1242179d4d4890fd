/* The arithmetic: one typedef per op, one struct of function pointers. Knows numbers, not models.
 *
 * Every tier gives the bits of kernels/reference/, which is the specification. Conventions:
 * - Kernels are stateless: no allocation, no threads, no I/O, no globals.
 * - Counts are elements unless a name says bytes. `stride` is the distance between rows.
 * - A "padded" row has room up to the next multiple of MINNOW_LANES elements; kernels may write
 *   the padding, and never read it unless the op says so.
 * - "Lanes": a sum over n elements is sixteen partial sums (element i goes to lane i % 16, each
 *   lane starting from +0 and in order of i), then one tree: lane i += lane i + 8, 4, 2, 1.
 *   A maximum is exact in any order.
 * - Any float may be NaN or infinite, but no NaN is a signalling one: arithmetic gives none.
 * - a fused multiply-add only where the reference says fmaf; division and sqrt are IEEE.
 */
#ifndef MINNOW_KERNELS_H
#define MINNOW_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MINNOW_LANES 16
#define MINNOW_PADDED(n) (((n) + (size_t)(MINNOW_LANES - 1)) / MINNOW_LANES * MINNOW_LANES)

/* Activations of one row are value = scale * (q - zero), q in [-127, 127]. */
struct minnow_row_quantization {
    float scale;
    int32_t zero;
};

/* v[c] = in[r][c] * multiplier[c]; then, in each run of `block` columns, for distance 8, 16, .. block / 2 and
 * every pair (i, i + distance) of a run's halves: (a, b) becomes (a + b, a - b). That is a Hadamard matrix over
 * columns 8 apart, which spreads an outlier over block / 8 of them. block: 0 (none), 16, 32, 64 or 128, dividing
 * columns. Padded rows in out, which is not in. */
typedef void minnow_rotate_rows_fn(const float *in, size_t in_stride, const float *multiplier, size_t block,
                                   size_t rows, size_t columns, float *out, size_t out_stride);
#define MINNOW_LARGEST_ROTATION 128

/* out[r][0..columns) = quantized in[r][c], zeros up to out_stride; every byte is XORed with `flip` (0 or 0x80),
 * as the matrix product that reads them wants it. lo = min(0, values), hi = max(0, values); scale = (hi - lo) / 254;
 * inverse = 254 / (hi - lo) (0 if not finite); zero = rint(clamp(-127 - lo * inverse));
 * q = clamp(rint(fmaf(value, inverse, zero))). NaN becomes -127. out_stride: multiple of 16. */
typedef void minnow_quantize_rows_fn(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                                     int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization);

/* One s8 matrix product: out[r][n] = fmaf((float)(sum_k a[r][k] w[n][k] - zero[r] * column_sum[n]),
 * row scale[r] * column scale[n], bias[n]). All per-output arrays hold MINNOW_PADDED(outputs). a is in
 * [-127, 127], w any s8, inputs <= 65536: every sum is exact. Rows may overlap: a 1-D convolution over tokens is the
 * product whose a_stride is one token and whose inputs are as many of them as its window is wide. */
struct minnow_gemm_s8_args {
    size_t rows, outputs, inputs;
    const int8_t *a;             /* [rows][a_stride], zeros from inputs to the next multiple of 16; XORed with flip */
    size_t a_stride;
    const struct minnow_row_quantization *quantization; /* [rows] */
    const void *weights;         /* packed */
    const float *scale;
    const int32_t *column_sum;   /* sum_k w[n][k]; only with other numbers may tiers differ */
    const float *bias;
    float *out;                  /* [rows][out_stride], padded rows */
    size_t out_stride;
};
typedef void minnow_gemm_s8_run_fn(const struct minnow_gemm_s8_args *args);

/* The geometry travels with the kernel: mr x nr outputs a tile, kr inputs side by side. `flip`: what the bytes
 * of `a` are XORed with; 0x80 (q + 128, no sign) suits products of unsigned with signed bytes. */
struct minnow_gemm_s8 {
    size_t mr, nr, kr;
    uint8_t flip;
    minnow_gemm_s8_run_fn *run;
};

/* Weights in the file's order: blocks of 16 outputs x 4 inputs, output-major in the block, blocks
 * of the same outputs following each other along the inputs; zeros beyond both ends, inputs padded
 * to a multiple of 16. w: [outputs][inputs]. */
size_t minnow_packed_s8_bytes(size_t outputs, size_t inputs);
size_t minnow_packed_s8_index(size_t output, size_t input, size_t inputs);
void minnow_pack_s8(const int8_t *w, size_t outputs, size_t inputs, int8_t *packed);

/* s4 weights. A group, MINNOW_GROUP inputs of one output (fewer at the end), has one step: a byte that says with bit 4
 * whether its levels are -8..7 (1) or -7..8 (0), and with bits 0 to 3 what they are multiplied by. A weight is a code of
 * 4 bits: w = (code - 7 - (step >> 4 & 1)) * (step & 15), an s8 in [-120, 120]. Any bytes are codes and steps.
 * Codes lie as the s8 blocks do, two blocks of 16 outputs x 4 inputs in 64 bytes: the first in the low halves of the
 * bytes, the second in the high ones. Steps: 16 outputs side by side, group after group, then the next 16 outputs. */
#define MINNOW_GROUP 32
#define MINNOW_GROUPS(inputs) (((inputs) + (size_t)(MINNOW_GROUP - 1)) / MINNOW_GROUP)
size_t minnow_packed_s4_bytes(size_t outputs, size_t inputs);
size_t minnow_packed_s4_step_bytes(size_t outputs, size_t inputs);
/* codes: [outputs][inputs], a byte each; steps: [outputs][MINNOW_GROUPS(inputs)]. All weights beyond both ends are 0. */
void minnow_pack_s4(const uint8_t *codes, const uint8_t *steps, size_t outputs, size_t inputs, uint8_t *packed,
                    uint8_t *packed_steps);
/* Sixteen outputs' weights as s8 blocks, from where their codes and steps begin. out: [16 * MINNOW_PADDED(inputs)]. */
typedef void minnow_unpack_s4_fn(const uint8_t *codes, const uint8_t *steps, size_t inputs, int8_t *out);

/* Numbers that become weights on the spot (keys and values of attention): quantized symmetrically, each output by its
 * own scale, and packed as above. highest = max |value| over the output's inputs; scale = highest / 127;
 * inverse = 127 / highest (0 if not finite); q = clamp(rint(value * inverse)), NaN becomes -127; NaN is no highest.
 * rows: output r is row r of `in`. columns: output c is column c. scale and column_sum: [MINNOW_PADDED(outputs)],
 * zeros beyond the outputs. packed: minnow_packed_s8_bytes(outputs, inputs). */
typedef void minnow_pack_fn(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed, float *scale,
                            int32_t *column_sum);

/* c[r][n] = sum over k, in order, c = fmaf(a[r][k], b[k][n], c) from 0. Padded rows in c; b's rows
 * are readable up to MINNOW_PADDED(columns). */
typedef void minnow_gemm_f32_fn(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows,
                                size_t columns, size_t depth, float *c, size_t c_stride);

/* In place on each row: exp(scale * (x - max)) / sum (lanes). Zeros in the padding. */
typedef void minnow_softmax_rows_fn(float *x, size_t stride, size_t rows, size_t columns, float scale);

/* Softmax to bytes. With highest the row's maximum: e = 2^(clamped factor * (x - highest)), see elementary.h;
 * v = fmaf(e, 254, carry), code = rint(v), carry = v - code: each lane passes its rounding error on to its next
 * column, so that many small weights do not all vanish. out = (code - 127) ^ flip, zero = -127, scale = 1 / sum of
 * codes: the row's values sum to one. Zeros (^ flip) from columns to out_stride, a multiple of 16. */
typedef void minnow_softmax_quantize_rows_fn(const float *x, size_t stride, size_t rows, size_t columns, float factor,
                                             uint8_t flip, int8_t *out, size_t out_stride,
                                             struct minnow_row_quantization *quantization);

/* out = (v - mean) / sqrt(variance + epsilon) * gamma + beta with v = in + residual (residual may
 * be NULL; out may be in or residual). mean and variance are sums in lanes divided by columns;
 * out[c] = fmaf((v - mean) * (1 / sqrt(...)), gamma[c], beta[c]). */
typedef void minnow_layer_norm_rows_fn(const float *in, const float *residual, size_t stride, size_t rows,
                                       size_t columns, const float *gamma, const float *beta, float epsilon,
                                       float *out);

/* In place: x = activation(x), padded rows. */
typedef void minnow_activation_rows_fn(float *x, size_t stride, size_t rows, size_t columns);

/* One step in time of an LSTM, for some sequences. With a = input + recurrent (input alone where that is NULL), whose
 * rows hold what the gates i, f, g and o are made from, `hidden` columns each and no gap between them:
 * cell = fmaf(sigmoid(a_f), cell, sigmoid(a_i) * tanh(a_g)); out = sigmoid(a_o) * tanh(cell). */
struct minnow_lstm_gates_args {
    size_t rows, hidden;
    const float *input;     /* [rows][input_stride], 4 * hidden columns: of this step's input, both biases added */
    size_t input_stride;
    const float *recurrent; /* [rows][recurrent_stride], 4 * hidden columns: of `out` a step ago; or NULL */
    size_t recurrent_stride;
    float *cell;            /* [rows][cell_stride], padded rows: from a step ago to this step */
    size_t cell_stride;
    float *out;             /* [rows][out_stride], padded rows */
    size_t out_stride;
};
typedef void minnow_lstm_gates_fn(const struct minnow_lstm_gates_args *args);

/* sums[r][k] = sum in lanes over columns of 2^(factor[k] * (d * d)) by the precise exp2, d = x[r][c] - center[k];
 * k < count. factor <= 0 (or NaN): for a Gaussian, -log2(e) / (2 sigma^2). Kernel pooling is this on cosines, then
 * log_rows. Rows of sums are not padded. */
typedef void minnow_gaussian_sums_fn(const float *x, size_t stride, size_t rows, size_t columns, const float *center,
                                     const float *factor, size_t count, float *sums, size_t sums_stride);

/* out[r][c] = scale[id] * table[id][c] (s8) added to what out holds. ids are in range. */
typedef void minnow_gather_s8_fn(const int8_t *table, size_t table_stride, const float *scale, const uint32_t *ids,
                                 size_t rows, size_t columns, float *out, size_t stride);
/* The same from s4: each id has MINNOW_GROUPS(columns) steps and as many times 16 bytes of codes, a group's first 16
 * columns in their low halves and its other 16 in the high ones. */
typedef void minnow_gather_s4_fn(const uint8_t *codes, const uint8_t *steps, const float *scale, const uint32_t *ids,
                                 size_t rows, size_t columns, float *out, size_t stride);
typedef void minnow_gather_f32_fn(const float *table, size_t table_stride, const uint32_t *ids, size_t rows,
                                  size_t columns, float *out, size_t stride);

/* out[c] = (sum over rows, in order) / rows, or the maximum over rows. rows >= 1. */
typedef void minnow_pool_rows_fn(const float *in, size_t stride, size_t rows, size_t columns, float *out);

/* In place: x / max(sqrt(sum of squares in lanes), 1e-12). */
typedef void minnow_normalize_fn(float *x, size_t columns);

/* Dots of one query with `count` vectors. f32: lanes with fmaf, and zeros up to MINNOW_PADDED(columns). s8: exact, for
 * columns <= 65536. */
typedef void minnow_dots_f32_fn(const float *query, const float *vectors, size_t stride, size_t count,
                                size_t columns, float *out);
typedef void minnow_dots_s8_fn(const int8_t *query, const int8_t *vectors, size_t stride, size_t count,
                               size_t columns, int32_t *out);

/* Bit planes: digits of the numbers of sixteen vectors side by side (a group), 32 columns at a time (a block). A line
 * has a word of four bytes for each of the sixteen. u1: one line a block; bit j of a word's byte i is column 4 j + i.
 * u2: two lines a block, for its first and its last 16 columns; bits 2 j and 2 j + 1 of byte i are column 4 j + i of
 * them. u4 is not interleaved: a row of 16 bytes a block, byte i holds column i in its low half, 16 + i in its high. */
#define MINNOW_PLANE_VECTORS 16
#define MINNOW_PLANE_COLUMNS 32
#define MINNOW_PLANE_LINE 64

/* out[i] = 2^bits * out[i] + sum of query[c] * digit[i][c], for groups * 16 vectors: the next plane of a number adds
 * its digits to the dot. Exact (wraps as uint32_t does), for blocks <= 2048. query: [blocks * 32]. */
typedef void minnow_dots_plane_fn(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks,
                                  int32_t *out);
/* out[i] = sum of query[c] * digit[c] of the u4 row rows[indices[i]]. */
typedef void minnow_dots_u4_fn(const int8_t *query, const uint8_t *rows, size_t blocks, const uint32_t *indices,
                               size_t count, int32_t *out);
/* out[i] = bits in which vector i of a u1 plane and the query differ. query: [blocks][4], words as in the plane. */
typedef void minnow_hamming_fn(const uint8_t *query, const uint8_t *plane, size_t groups, size_t blocks,
                               int32_t *out);

/* The indices, ascending, at which a dot can reach the threshold; returns how many; those beyond them, up to
 * indices[count], may be written too. A bound is two bfloat16: slope
 * (the low half) and rest. Selected if fmaf(slope, (float)(2 * dots[i] + offset), norm * rest) >= threshold. */
struct minnow_limit {
    int32_t offset;
    float norm, threshold;
};
typedef size_t minnow_select_fn(const int32_t *dots, const uint32_t *bounds, size_t count,
                                const struct minnow_limit *limit, uint32_t *indices);

/* Late interaction (MaxSim) is a gemm_s8 of a document's tokens, as rows, with the query's, as weights, and max_rows
 * over what it gives. Its first pass wants but the signs of document tokens.
 *
 * Signs of vectors, a bit a column (1: not negative), sixteen vectors side by side: [groups of 16 vectors]
 * [MINNOW_PADDED(columns) / 8][16] bytes, of which each holds columns 8 i to 8 i + 7 of a vector, the first in its
 * lowest bit. Zeros beyond the columns; the last group is filled up with the last vector. count >= 1. */
size_t minnow_packed_signs_bytes(size_t count, size_t columns);
void minnow_pack_signs(const int8_t *vectors, size_t stride, size_t count, size_t columns, uint8_t *packed);

/* A vector that meets signs. Its numbers are quantized: highest = max |value|, q = clamp(rint(value * 15 / highest)) in
 * [-15, 15] (15 / highest is 0 if not finite; NaN becomes -15, and is no highest). Every four columns have a table of
 * 16 bytes, whose entry m is the sum of the q at the bits of m minus that of the negative q: at most 60, so that four
 * of them fit a byte. The entries that a vector's signs select add up to half of (the dot of q with the signs, each as
 * 1 or -1, plus size); size = sum of |q|. Returns the scale, highest / 15. */
#define MINNOW_SIGN_TABLE_BYTES(columns) (4 * MINNOW_PADDED(columns))
float minnow_sign_tables(const float *query, size_t columns, uint8_t *tables, int32_t *size);

/* The sum over query tokens, in order from +0, of scale * (float)(2 * (the largest sum of entries that the signs of
 * any token select) - size). columns <= 4096, token_count >= 1. */
struct minnow_maxsim_u1_args {
    size_t query_count, token_count, columns;
    const uint8_t *tables; /* [query_count][MINNOW_SIGN_TABLE_BYTES(columns)] */
    const float *scale;    /* [query_count] */
    const int32_t *size;   /* [query_count] */
    const uint8_t *tokens; /* minnow_pack_signs */
};
typedef float minnow_maxsim_u1_fn(const struct minnow_maxsim_u1_args *args);

struct minnow_kernels {
    const char *isa;
    minnow_rotate_rows_fn *rotate_rows;
    minnow_quantize_rows_fn *quantize_rows;
    struct minnow_gemm_s8 gemm_s8;
    minnow_pack_fn *pack_rows;
    minnow_pack_fn *pack_columns;
    minnow_gemm_f32_fn *gemm_f32;
    minnow_softmax_rows_fn *softmax_rows;
    minnow_softmax_quantize_rows_fn *softmax_quantize_rows;
    minnow_layer_norm_rows_fn *layer_norm_rows;
    minnow_activation_rows_fn *gelu_rows;
    minnow_activation_rows_fn *precise_gelu_rows;
    minnow_activation_rows_fn *relu_rows;
    minnow_activation_rows_fn *tanh_rows;
    minnow_activation_rows_fn *sigmoid_rows;
    minnow_activation_rows_fn *log_rows;
    minnow_lstm_gates_fn *lstm_gates;
    minnow_gaussian_sums_fn *gaussian_sums;
    minnow_unpack_s4_fn *unpack_s4;
    minnow_gather_s8_fn *gather_s8;
    minnow_gather_s4_fn *gather_s4;
    minnow_gather_f32_fn *gather_f32;
    minnow_pool_rows_fn *mean_rows;
    minnow_pool_rows_fn *max_rows;
    minnow_normalize_fn *normalize;
    minnow_dots_f32_fn *dots_f32;
    minnow_dots_s8_fn *dots_s8;
    minnow_dots_plane_fn *dots_u1;
    minnow_dots_plane_fn *dots_u2;
    minnow_dots_u4_fn *dots_u4;
    minnow_hamming_fn *hamming;
    minnow_select_fn *select;
    minnow_maxsim_u1_fn *maxsim_u1;
};

/* The best tier of this CPU, or the best up to the named one (NULL: no limit). False when the name
 * is unknown to this build or the CPU lacks it. */
bool minnow_kernels_choose(struct minnow_kernels *kernels, const char *isa);

/* The names of the tiers this build knows, from the reference (0) up; NULL past the last. */
const char *minnow_kernels_tier(size_t index);

#endif
