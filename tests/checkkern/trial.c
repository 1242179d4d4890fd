#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/checkkern/check.h"

size_t rows_extent(size_t rows, size_t stride, size_t last) { return (rows - 1) * stride + last; }

void *trial_take(struct trial *trial, size_t bytes) {
    void *memory = guard_take(trial->guard, bytes);
    if (memory) return memory;
    fprintf(stderr, "checkkern: a trial wants more memory than guard.c has\n");
    exit(2);
}

const float *trial_floats(struct trial *trial, size_t count) {
    float *x = trial_take(trial, count * sizeof *x);
    fill_floats(&trial->random, trial->fill, x, count);
    return x;
}

const int8_t *trial_bytes(struct trial *trial, size_t count, int lowest) {
    int8_t *x = trial_take(trial, count);
    fill_bytes(&trial->random, trial->fill, lowest, x, count);
    return x;
}

size_t trial_stride(struct trial *trial, size_t least) {
    if (trial->guard->placement == PLACEMENT_SPREAD) return least;
    return least + (random_below(&trial->random, 2) ? 0 : random_below(&trial->random, 37));
}

void trial_output(struct trial *trial, struct output output) { trial->outputs[trial->output_count++] = output; }

static size_t element_bytes(enum element element) { return element == ELEMENT_BYTE ? 1 : 4; }

static size_t output_bytes(const struct output *output) {
    return rows_extent(output->rows, output->stride, output->writable) * element_bytes(output->element);
}

void trial_prepare(struct trial *trial, const struct operation *operation) {
    trial->output_count = 0;
    operation->prepare(trial);
    guard_freeze(trial->guard);
}

void trial_take_outputs(const struct trial *trial, void **out) {
    struct trial taker = *trial;
    for (size_t i = 0; i < trial->output_count; i++) {
        const struct output *output = &trial->outputs[i];
        out[i] = trial_take(&taker, output_bytes(output));
        if (output->initial) memcpy(out[i], output->initial, output_bytes(output));
    }
}

struct call {
    const struct trial *trial;
    const struct operation *operation;
    const struct minnow_kernels *kernels;
    void *const *out;
};

static void run_call(void *context) {
    const struct call *call = context;
    call->operation->run(call->trial, call->kernels, call->out);
}

static bool is_nan(uint32_t bits) { return (bits & 0x7FFFFFFFu) > 0x7F800000u; }

static bool elements_equal(enum element element, const uint8_t *a, const uint8_t *b) {
    if (memcmp(a, b, element_bytes(element)) == 0) return true;
    if (element != ELEMENT_FLOAT) return false;
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return is_nan(x) && is_nan(y);
}

static void print_element(char *text, size_t size, enum element element, const uint8_t *bytes) {
    int32_t word = (int8_t)bytes[0];
    float number = 0;
    if (element != ELEMENT_BYTE) memcpy(&word, bytes, sizeof word);
    if (element == ELEMENT_FLOAT) memcpy(&number, bytes, sizeof number);
    if (element == ELEMENT_FLOAT)
        snprintf(text, size, "%a (%.9g)", (double)number, (double)number);
    else
        snprintf(text, size, "%d", word);
}

/* Is the element at this place of a row checked? Beyond the row's room both buffers still hold what they began with. */
static bool is_checked(const struct output *output, size_t column) {
    return column < output->compared || column >= output->writable;
}

/* The first difference, in words; false when there is none. */
static bool find_difference(const struct output *output, const uint8_t *expected, const uint8_t *actual, char *text,
                            size_t size) {
    size_t width = element_bytes(output->element), count = output_bytes(output) / width;
    for (size_t i = 0; i < count; i++) {
        size_t column = i % output->stride;
        if (!is_checked(output, column) || elements_equal(output->element, expected + i * width, actual + i * width))
            continue;
        char wanted[64], found[64];
        print_element(wanted, sizeof wanted, output->element, expected + i * width);
        print_element(found, sizeof found, output->element, actual + i * width);
        snprintf(text, size, "row %zu, column %zu%s: expected %s, got %s", i / output->stride, column,
                 column < output->compared ? "" : " (beyond the row)", wanted, found);
        return true;
    }
    return false;
}

/* The reference's bits, every NaN as one: the same for every compiler and machine. */
static void add_to_digest(uint64_t *digest, const struct output *output, const uint8_t *bytes) {
    size_t width = element_bytes(output->element), count = output_bytes(output) / width;
    for (size_t i = 0; i < count; i++) {
        if (i % output->stride >= output->compared) continue;
        uint32_t bits = 0;
        memcpy(&bits, bytes + i * width, width);
        if (output->element == ELEMENT_FLOAT && is_nan(bits)) bits = 0x7FC00000u;
        *digest = (*digest ^ bits) * 0x100000001B3u;
    }
}

static void report(const struct subject *subject, const struct trial *trial, const char *what) {
    if (subject->quiet) return;
    printf("FAILED %s %s, fill %s, buffers %s: %s\n", subject->operation->name, subject->kernels->isa,
           fill_names[trial->fill],
           trial->guard->placement == PLACEMENT_END ? "before a guard page" : "after a guard page", what);
    printf("  again: checkkern --op %s --tier %s --shape %zux%zux%zu --fill %s --seed %llu\n", subject->operation->name,
           subject->kernels->isa, trial->shape.rows, trial->shape.outputs, trial->shape.inputs, fill_names[trial->fill],
           (unsigned long long)subject->seed);
}

static bool call_passes(const struct subject *subject, const struct trial *trial, const struct minnow_kernels *kernels,
                        void *const *out) {
    struct call call = {trial, subject->operation, kernels, out};
    struct fault fault = run_caught(run_call, &call);
    if (fault.signal == 0) return true;
    char where[120], what[200];
    guard_describe(trial->guard, fault.address, where, sizeof where);
    snprintf(what, sizeof what, "%s (%s kernel), %s", strsignal(fault.signal), kernels->isa, where);
    report(subject, trial, what);
    return false;
}

static bool outputs_agree(const struct subject *subject, const struct trial *trial, void *const *expected,
                          void *const *actual) {
    char what[300];
    for (size_t i = 0; i < trial->output_count; i++)
        if (find_difference(&trial->outputs[i], expected[i], actual[i], what, sizeof what)) {
            report(subject, trial, what);
            return false;
        }
    if (guard_intact(trial->guard)) return true;
    report(subject, trial, "bytes outside of the buffers were written");
    return false;
}

static uint64_t trial_seed(uint64_t seed, struct shape shape, enum fill fill) {
    struct random random = {seed};
    random.state ^= random_next(&random) + shape.rows;
    random.state ^= random_next(&random) + shape.outputs;
    random.state ^= random_next(&random) + shape.inputs;
    random.state ^= random_next(&random) + (uint64_t)fill;
    return random_next(&random);
}

static bool placement_passes(const struct subject *subject, struct shape shape, enum fill fill,
                             enum placement placement) {
    struct minnow_kernels reference;
    minnow_kernels_choose(&reference, minnow_kernels_tier(0));
    guard_reset(subject->guard, placement);
    struct trial trial = {.shape = shape, .fill = fill, .guard = subject->guard};
    trial.random.state = trial_seed(subject->seed, shape, fill);
    trial_prepare(&trial, subject->operation);
    void *expected[MAX_OUTPUTS], *actual[MAX_OUTPUTS];
    trial_take_outputs(&trial, expected);
    trial_take_outputs(&trial, actual);
    if (!call_passes(subject, &trial, &reference, expected)) return false;
    for (size_t i = 0; subject->digest && i < trial.output_count; i++)
        add_to_digest(subject->digest, &trial.outputs[i], expected[i]);
    return call_passes(subject, &trial, subject->kernels, actual) && outputs_agree(subject, &trial, expected, actual);
}

bool trial_passes(const struct subject *subject, struct shape shape, enum fill fill) {
    return placement_passes(subject, shape, fill, PLACEMENT_END) &&
           placement_passes(subject, shape, fill, PLACEMENT_START);
}
