/* Damaged model files: each is refused, and the message names the place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/built_model.h"
#include "tests/unit/model_bytes.h"

static void refused(const struct built *built, enum minnow_status status, const char *message) {
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    assert_int_equal(minnow_model_open_memory(built->bytes, built->size, NULL, &model, &error), status);
    assert_string_equal(error.message, message);
    assert_int_equal(minnow_model_open_memory(built->bytes, built->size, NULL, &model, NULL), status);
}

/* ---- The file as a whole ---- */

static void every_truncation_is_refused(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    struct minnow_model *model = NULL;
    for (size_t size = 0; size < built.size; size += size < 300 ? 1 : 97) {
        uint8_t *cut = aligned_alloc(64, (size + 64) / 64 * 64); /* the end is a guard for the sanitizer */
        assert_non_null(cut);
        memcpy(cut, built.bytes, size);
        assert_int_equal(minnow_model_open_memory(cut, size, NULL, &model, NULL), MINNOW_BAD_MODEL);
        free(cut);
    }
    release(&built);
}

static void names_what_is_no_model(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    char expected[200];
    built.size -= 64;
    snprintf(expected, sizeof expected, "file: %zu bytes, expected %zu; truncated or damaged", built.size,
             built.size + 64);
    refused(&built, MINNOW_BAD_MODEL, expected);
    size_t whole = built.size;
    built.size = 63;
    refused(&built, MINNOW_BAD_MODEL, "file: 63 bytes, too short for a model");
    built.size = whole + 64;
    put_word(built.bytes, field(built.bytes, model_table(built.bytes), MODEL_VERSION), 1);
    refused(&built, MINNOW_UNSUPPORTED, "file: version 1, expected 2; convert the checkpoint again");
    built.bytes[11] = '2';
    refused(&built, MINNOW_UNSUPPORTED, "file: format MNW2, this version reads MNW1; a newer Minnow is needed");
    memcpy(built.bytes + 8, "GGUF", 4);
    refused(&built, MINNOW_BAD_MODEL, "file: not a Minnow model (no MNW1 at byte 8); `minnow convert` makes one");
    release(&built);
}

/* The FlatBuffer may not lead into the tensor region, nor beyond itself. */
static void flatbuffer_stays_inside(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    char expected[200];
    snprintf(expected, sizeof expected, "file: the first %u bytes are not a valid FlatBuffer; damaged",
             word_at(built.bytes, 0) + 4);
    size_t name = field(built.bytes, model_table(built.bytes), MODEL_NAME);
    put_word(built.bytes, name, 16384 - (uint32_t)name);
    refused(&built, MINNOW_BAD_MODEL, expected);
    release(&built);
}

/* ---- Tensors ---- */

static size_t weight_of(const struct built *built) {
    size_t linear = follow(built->bytes, field(built->bytes, body_table(built->bytes, 0, 1), BLOCK_FFN_UP));
    return field(built->bytes, linear, LINEAR_WEIGHT);
}

static void names_a_bad_tensor(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    size_t tensor = weight_of(&built);
    uint64_t offset;
    char expected[200];
    memcpy(&offset, built.bytes + tensor, sizeof offset);
    put_long(built.bytes, tensor + 8, 1537);
    refused(&built, MINNOW_BAD_MODEL, "routes.0.layers.1.ffn_up.weight: 1537 bytes, expected 1536");
    put_long(built.bytes, tensor + 8, 0);
    refused(&built, MINNOW_BAD_MODEL, "routes.0.layers.1.ffn_up.weight: missing, expected 1536 bytes");
    put_long(built.bytes, tensor + 8, 1536);
    put_long(built.bytes, tensor, offset + 32);
    snprintf(expected, sizeof expected, "routes.0.layers.1.ffn_up.weight: offset %llu is not a multiple of 64",
             (unsigned long long)offset + 32);
    refused(&built, MINNOW_BAD_MODEL, expected);
    static const uint64_t outside[] = {0, 64, UINT64_MAX - 63, UINT64_C(1) << 63};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        put_long(built.bytes, tensor, outside[i]);
        snprintf(expected, sizeof expected,
                 "routes.0.layers.1.ffn_up.weight: 1536 bytes from offset %llu are not inside the tensor region, "
                 "%u to %zu",
                 (unsigned long long)outside[i], word_at(built.bytes, 0) + 4, built.size);
        refused(&built, MINNOW_BAD_MODEL, expected);
    }
    put_long(built.bytes, tensor, built.size - 1536 + 64);
    refused(
        &built, MINNOW_BAD_MODEL,
        (snprintf(
             expected, sizeof expected,
             "routes.0.layers.1.ffn_up.weight: 1536 bytes from offset %zu are not inside the tensor region, %u to %zu",
             built.size - 1536 + 64, word_at(built.bytes, 0) + 4, built.size),
         expected));
    put_long(built.bytes, tensor, offset);
    minnow_model_close(open_built(&built));
    release(&built);
}

static void names_a_bad_shape(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    size_t linear = follow(built.bytes, field(built.bytes, body_table(built.bytes, 0, 1), BLOCK_FFN_UP));
    put_word(built.bytes, field(built.bytes, linear, LINEAR_INPUTS), UINT32_MAX);
    refused(&built, MINNOW_BAD_MODEL,
            "routes.0.layers.1.ffn_up: 4294967295 inputs and 40 outputs, limits are 32768 and 65536");
    release(&built);
}

/* ---- What a later version may bring ---- */

static void names_what_is_unknown(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    size_t kind = field(built.bytes, layer_table(built.bytes, 0, 3), LAYER_BODY_TYPE);
    size_t activation = field(built.bytes, body_table(built.bytes, 0, 1), BLOCK_ACTIVATION);
    size_t similarity = field(built.bytes, model_table(built.bytes), MODEL_SIMILARITY);
    built.bytes[kind] = 14;
    refused(&built, MINNOW_UNSUPPORTED, "routes.0.layers.3: layer kind 14 is not known to this version");
    built.bytes[kind] = 0;
    refused(&built, MINNOW_UNSUPPORTED, "routes.0.layers.3: layer kind 0 is not known to this version");
    built.bytes[activation] = 200;
    refused(&built, MINNOW_UNSUPPORTED, "routes.0.layers.1: activation 200 is not known to this version");
    built.bytes[similarity] = 4;
    refused(&built, MINNOW_UNSUPPORTED, "similarity: 4 is not known to this version");
    release(&built);
}

static void texts_hold_no_zero(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    size_t name = follow(built.bytes, field(built.bytes, model_table(built.bytes), MODEL_NAME));
    built.bytes[name + 4 + 2] = 0;
    refused(&built, MINNOW_BAD_MODEL, "name: holds a zero byte");
    release(&built);
}

static void golden_needs_a_role(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    size_t golden = element(built.bytes, model_table(built.bytes), MODEL_GOLDEN, 1);
    built.bytes[field(built.bytes, golden, GOLDEN_ROLE)] = 2;
    refused(&built, MINNOW_BAD_MODEL, "golden.1: role is 2, expected 0 or 1");
    release(&built);
}

/* ---- Families ---- */

/* Vectors longer than what they are read into, or than each other. */
static void counts_are_bounded(void **state) {
    (void)state;
    struct built built = build_family(SMALL_LSTM, MINNOW_WEIGHT_S8);
    put_word(built.bytes, follow(built.bytes, field(built.bytes, body_table(built.bytes, 0, 1), LSTM_DIRECTIONS)), 0);
    refused(&built, MINNOW_BAD_MODEL, "routes.0.layers.1: 0 directions, expected 1 to 2");
    release(&built);
    built = build_family(SMALL_CONVOLUTION, MINNOW_WEIGHT_S8);
    put_word(built.bytes, follow(built.bytes, field(built.bytes, body_table(built.bytes, 0, 1), CONVOLUTION_BRANCHES)),
             0);
    refused(&built, MINNOW_BAD_MODEL, "routes.0.layers.1: 0 branches, expected 1 to 8");
    release(&built);
    built = build_family(SMALL_KERNEL_POOLING, MINNOW_WEIGHT_S8);
    put_word(built.bytes, follow(built.bytes, field(built.bytes, body_table(built.bytes, 1, 0), KERNELS_FACTOR)), 4);
    refused(&built, MINNOW_BAD_MODEL,
            "routes.1.layers.0: 5 mu, 4 factors, 5 alpha, 5 weights, expected as many of each");
    release(&built);
}

static void inputs_hold_few_leading_tokens(void **state) {
    (void)state;
    struct built built = build_family(SMALL_LATE_INTERACTION, MINNOW_WEIGHT_S8);
    size_t input = follow(built.bytes, field(built.bytes, model_table(built.bytes), MODEL_QUERY_INPUT));
    put_word(built.bytes, follow(built.bytes, field(built.bytes, input, INPUT_LEADING)), 3);
    refused(&built, MINNOW_BAD_MODEL, "query_input: 3 leading tokens, expected at most 2");
    release(&built);
}

/* ---- Verification ---- */

static struct minnow_error verify_fails(const struct minnow_model *model) {
    struct minnow_error error = {0};
    assert_int_equal(minnow_model_verify(model, &error), MINNOW_MISMATCH);
    assert_int_equal(error.status, MINNOW_MISMATCH);
    return error;
}

static void any_changed_byte_is_found(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    size_t digest = field(built.bytes, model_table(built.bytes), MODEL_DIGEST);
    const size_t places[] = {digest, digest + 31, built.size - 1, 16384, 16384 + 5000};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        built.bytes[places[i]] ^= 1;
        assert_int_equal(minnow_file_check_digest(built.bytes, built.size, NULL), MINNOW_MISMATCH);
        built.bytes[places[i]] ^= 1;
    }
    assert_int_equal(minnow_file_check_digest(built.bytes, built.size, NULL), MINNOW_OK);
    built.bytes[digest] ^= 1;
    struct minnow_model *model = open_built(&built);
    struct minnow_error error = verify_fails(model);
    assert_non_null(strstr(error.message, "file: its SHA-256 begins "));
    minnow_model_close(model);
    release(&built);
}

/* Contents in memory have no digest: what their golden texts say is compared. */
static struct minnow_error contents_fail(const struct built *built) {
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    if (minnow_model_open_contents(&built->model->contents, NULL, &model, &error) != MINNOW_OK)
        fail_msg("%s", error.message);
    error = verify_fails(model);
    minnow_model_close(model);
    return error;
}

static struct minnow_golden *golden_of(const struct built *built, size_t index) {
    return (struct minnow_golden *)(uintptr_t)&built->model->contents.golden[index];
}

static void golden_tokens_are_compared(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    uint32_t *ids = (uint32_t *)(uintptr_t)golden_of(&built, 4)->ids;
    uint32_t before = ids[3];
    char expected[100];
    ids[3] = before + 1;
    snprintf(expected, sizeof expected, "golden.4: token 3 is %u, expected %u", before, before + 1);
    assert_string_equal(contents_fail(&built).message, expected);
    ids[3] = before;
    golden_of(&built, 2)->id_count--;
    assert_non_null(strstr(contents_fail(&built).message, "golden.2: "));
    release(&built);
}

static void golden_bits_are_compared(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    uint32_t bits;
    uint8_t *element = (uint8_t *)(uintptr_t)(golden_of(&built, 7)->vector + 13);
    memcpy(&bits, element, sizeof bits);
    bits ^= 1; /* the least that can differ */
    memcpy(element, &bits, sizeof bits);
    assert_non_null(strstr(contents_fail(&built).message, "golden.7: element 13 of the vector is "));
    release(&built);
}

static void f32_vectors_may_differ_a_little(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_F32, 1);
    struct minnow_model *model = NULL;
    float *vector = (float *)(uintptr_t)golden_of(&built, 7)->vector;
    vector[13] += 1e-4f;
    assert_int_equal(minnow_model_open_contents(&built.model->contents, NULL, &model, NULL), MINNOW_OK);
    assert_int_equal(minnow_model_verify(model, NULL), MINNOW_OK);
    minnow_model_close(model);
    vector[13] += 0.5f;
    assert_non_null(strstr(contents_fail(&built).message, "golden.7: the vector's cosine to the stored one is 0."));
    release(&built);
}

static void vectors_of_all_tokens_are_compared(void **state) {
    (void)state;
    struct built built = build_family(SMALL_LATE_INTERACTION, MINNOW_WEIGHT_S8);
    struct minnow_golden *golden = golden_of(&built, 2); /* an empty query: all [MASK] */
    assert_int_equal(golden->vector_size, 12 * DIMENSIONS);
    float *last = (float *)(uintptr_t)golden->vector + golden->vector_size - 1;
    *last += 1;
    assert_non_null(strstr(contents_fail(&built).message, "golden.2: element 239 of the vector is "));
    *last -= 1;
    golden->vector_size -= DIMENSIONS;
    assert_string_equal(contents_fail(&built).message, "golden.2: 240 numbers, expected 220");
    release(&built);
}

static void scores_are_compared(void **state) {
    (void)state;
    struct built built = build_family(SMALL_KERNEL_POOLING, MINNOW_WEIGHT_F32);
    struct minnow_model *model = NULL;
    float *score = (float *)(uintptr_t)golden_of(&built, 5)->vector;
    *score += 1e-4f;
    assert_int_equal(minnow_model_open_contents(&built.model->contents, NULL, &model, NULL), MINNOW_OK);
    assert_int_equal(minnow_model_verify(model, NULL), MINNOW_OK);
    minnow_model_close(model);
    *score += 1;
    assert_non_null(strstr(contents_fail(&built).message, "golden.5: the score is "));
    release(&built);
}

static void recurrent_weights_are_scanned(void **state) {
    (void)state;
    struct built built = build_family(SMALL_LSTM, MINNOW_WEIGHT_S8);
    int8_t *weights = (int8_t *)(uintptr_t)built.model->layers[0][1].lstm.directions[1].recurrent.weight;
    weights[5] = -128;
    assert_string_equal(contents_fail(&built).message,
                        "routes.0.layers.1: a weight of 40 x 10 is -128 at byte 5, expected -127 or more");
    release(&built);
}

static void no_weight_is_below_127(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    int8_t *weights = (int8_t *)(uintptr_t)built.model->layers[0][2].encoder_block.ffn_down.weight;
    weights[77] = -128;
    assert_string_equal(contents_fail(&built).message,
                        "routes.0.layers.2: a weight of 24 x 40 is -128 at byte 77, expected -127 or more");
    release(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_is_refused), cmocka_unit_test(names_what_is_no_model),
        cmocka_unit_test(flatbuffer_stays_inside),     cmocka_unit_test(names_a_bad_tensor),
        cmocka_unit_test(names_a_bad_shape),           cmocka_unit_test(names_what_is_unknown),
        cmocka_unit_test(texts_hold_no_zero),          cmocka_unit_test(golden_needs_a_role),
        cmocka_unit_test(counts_are_bounded),          cmocka_unit_test(inputs_hold_few_leading_tokens),
        cmocka_unit_test(vectors_of_all_tokens_are_compared),
        cmocka_unit_test(scores_are_compared),         cmocka_unit_test(recurrent_weights_are_scanned),
        cmocka_unit_test(any_changed_byte_is_found),   cmocka_unit_test(golden_tokens_are_compared),
        cmocka_unit_test(golden_bits_are_compared),    cmocka_unit_test(f32_vectors_may_differ_a_little),
        cmocka_unit_test(no_weight_is_below_127),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
