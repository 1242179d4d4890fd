/* checkkern: every tier's kernels against the reference, bit for bit.
 *
 * A trial is one op at one shape with one fill: prepare() makes the inputs, then the same run() is
 * given the reference's kernels and the tier's, each with outputs of its own, and the outputs are
 * compared. All memory lies between guard pages; inputs are read-only meanwhile. */
#ifndef CHECKKERN_CHECK_H
#define CHECKKERN_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"
#include "tests/checkkern/guard.h"

struct random {
    uint64_t state;
};
uint64_t random_next(struct random *random);
size_t random_below(struct random *random, size_t limit);
float random_unit(struct random *random); /* in [-1, 1) */

enum fill {
    FILL_RANDOM,
    FILL_EXTREMES,    /* +-127 */
    FILL_ALTERNATING, /* +127, -127, ... */
    FILL_SPIKES,      /* small, and a few large */
    FILL_DENORMALS,
    FILL_EQUAL,
    FILL_ZEROS,
    FILL_WIDE,     /* finite floats of every size */
    FILL_SPECIALS, /* NaN, infinities, -0 and -128 among others */
    FILL_BITS,     /* any bits at all */
    FILL_COUNT
};
extern const char *const fill_names[FILL_COUNT];
void fill_floats(struct random *random, enum fill fill, float *out, size_t count);
/* lowest: -127 or -128, what the op allows. */
void fill_bytes(struct random *random, enum fill fill, int lowest, int8_t *out, size_t count);

/* What the three mean is each op's to say; those of two dimensions ignore `inputs`. */
struct shape {
    size_t rows, outputs, inputs;
};

enum element { ELEMENT_FLOAT, ELEMENT_WORD, ELEMENT_BYTE };

/* Rows of `stride` elements: the first `compared` must be the reference's, those up to `writable` may
 * be anything, and those up to `stride` must stay. */
struct output {
    enum element element;
    size_t rows, stride, compared, writable;
    const void *initial; /* NULL: bytes that no kernel gives */
};

enum { MAX_OUTPUTS = 3, MAX_INPUTS = 8 };

struct trial {
    struct shape shape;
    enum fill fill;
    struct random random;
    struct guard *guard;
    const void *in[MAX_INPUTS];
    size_t stride[3];
    float scalar;
    unsigned variant;
    size_t inputs; /* of a product, where they are not the shape's */
    size_t output_count;
    struct output outputs[MAX_OUTPUTS];
};

const float *trial_floats(struct trial *trial, size_t count);
const int8_t *trial_bytes(struct trial *trial, size_t count, int lowest);
/* Memory between guard pages that prepare() fills itself. */
void *trial_take(struct trial *trial, size_t bytes);
/* A stride of at least `least`, sometimes more. */
size_t trial_stride(struct trial *trial, size_t least);
void trial_output(struct trial *trial, struct output output);
size_t rows_extent(size_t rows, size_t stride, size_t last);

struct operation {
    const char *name;
    int dimensions;   /* of its shapes: 2 or 3 */
    const char *unit; /* of work, for the benchmark */
    void (*prepare)(struct trial *trial);
    void (*run)(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
    const struct shape *bench; /* ends with rows == 0; NULL: the usual ones of its dimensions */
};
extern const struct operation operations[]; /* ends with name NULL */

void prepare_gemm_s8(struct trial *trial);
void run_gemm_s8(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_convolution(struct trial *trial);
void run_convolution(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_gemm_f32(struct trial *trial);
void run_gemm_f32(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_rotate_rows(struct trial *trial);
void run_rotate_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_quantize_rows(struct trial *trial);
void run_quantize_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_in_place(struct trial *trial);
void run_precise_gelu_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void run_gelu_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void run_relu_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void run_tanh_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void run_sigmoid_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void run_log_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_lstm_gates(struct trial *trial);
void run_lstm_gates(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_gaussian_sums(struct trial *trial);
void run_gaussian_sums(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_softmax_rows(struct trial *trial);
void run_softmax_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_softmax_quantize_rows(struct trial *trial);
void run_softmax_quantize_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_pack_rows(struct trial *trial);
void run_pack_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_pack_columns(struct trial *trial);
void run_pack_columns(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_layer_norm_rows(struct trial *trial);
void run_layer_norm_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_normalize(struct trial *trial);
void run_normalize(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_pool_rows(struct trial *trial);
void run_mean_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void run_max_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_gather_s8(struct trial *trial);
void run_gather_s8(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_unpack_s4(struct trial *trial);
void run_unpack_s4(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_gather_s4(struct trial *trial);
void run_gather_s4(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_gather_f32(struct trial *trial);
void run_gather_f32(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_dots_f32(struct trial *trial);
void run_dots_f32(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_dots_s8(struct trial *trial);
void run_dots_s8(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_dots_u1(struct trial *trial);
void run_dots_u1(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_dots_u2(struct trial *trial);
void run_dots_u2(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_dots_u4(struct trial *trial);
void run_dots_u4(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_hamming(struct trial *trial);
void run_hamming(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_select(struct trial *trial);
void run_select(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);
void prepare_maxsim_u1(struct trial *trial);
void run_maxsim_u1(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out);

/* One trial; false and a report when it fails. */
struct subject {
    const struct operation *operation;
    const struct minnow_kernels *kernels;
    struct guard *guard;
    uint64_t seed;
    bool quiet;       /* no report: the self-test expects failures */
    uint64_t *digest; /* of what the reference gave, or NULL */
};
bool trial_passes(const struct subject *subject, struct shape shape, enum fill fill);
/* Make the inputs and memory of the outputs, as for a trial; for the benchmark. */
void trial_prepare(struct trial *trial, const struct operation *operation);
void trial_take_outputs(const struct trial *trial, void **out);

struct tally {
    size_t passed, failed;
};
/* Every shape and fill of an op. */
struct tally sweep(const struct subject *subject, bool quick);

void bench_shape(const struct operation *operation, const struct minnow_kernels *kernels, struct guard *guard,
                 struct shape shape);
/* The op's usual shapes. */
void bench_operation(const struct operation *operation, const struct minnow_kernels *kernels, struct guard *guard);
int self_test(struct guard *guard, uint64_t seed);

#endif
