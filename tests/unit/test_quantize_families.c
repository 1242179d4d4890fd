/* From f32 to 8 bits and 4, every family: what is left of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "convert/quantize/front.h"
#include "convert/quantize/quantize.h"
#include "tests/unit/family_results.h"

enum { CALIBRATION_TEXTS = 96 };

/* Weights as f32, calibrated on texts of a few words; everything is taken from the model's memory. */
static struct minnow_contents quantize(struct small_model *model, enum minnow_weight_type weights) {
    static const struct minnow_progress silent;
    struct minnow_text texts[CALIBRATION_TEXTS];
    struct minnow_calibration calibration;
    struct minnow_contents out;
    struct minnow_model *opened = NULL;
    struct minnow_error error = {0};
    for (size_t i = 0; i < CALIBRATION_TEXTS; i++) texts[i] = random_text(model, 1 + i % MAX_TOKENS);
    must(minnow_model_open_contents(&model->contents, NULL, &opened, &error), &error);
    must(minnow_calibrate(opened, texts, CALIBRATION_TEXTS, 1, &silent, model->memory, &calibration, &error), &error);
    struct minnow_quantization quantization = {.weights = weights,
                                               .calibration = &calibration,
                                               .kernels = &opened->kernels,
                                               .texts = texts,
                                               .text_count = CALIBRATION_TEXTS,
                                               .progress = &silent};
    must(minnow_quantize_contents(&model->contents, &quantization, model->memory, &out, &error), &error);
    minnow_model_close(opened);
    return out;
}

static void compare(const struct small_model *model, const struct minnow_contents *rounded, const char *name,
                    double most) {
    static struct small_results expected, found;
    static const struct small_way way = {.at_once = SMALL_TEXTS};
    results_of(&model->contents, &way, &expected);
    results_of(rounded, &way, &found);
    double vectors = difference(expected.numbers, found.numbers, SMALL_SCORES);
    double scores =
        difference(expected.numbers + SMALL_SCORES, found.numbers + SMALL_SCORES, SMALL_TEXTS * SMALL_TEXTS);
    if (!(vectors <= most && scores <= most))
        fail_msg("%s: vectors differ by %g, scores by %g, expected at most %g", name, vectors, scores, most);
}

static void comes_near(enum small_family family, enum minnow_weight_type weights, double most) {
    struct small_model *model = small_family_make(family, MINNOW_WEIGHT_F32);
    struct minnow_contents rounded = quantize(model, weights);
    compare(model, &rounded, small_family_names[family], most);
    small_model_free(model);
}

static void every_family_keeps_its_vectors_and_scores(void **unused) {
    (void)unused;
    for (int family = 0; family < SMALL_FAMILIES; family++)
        comes_near((enum small_family)family, MINNOW_WEIGHT_S8, 0.02);
}

/* 4 bits are for words and encoder blocks; what has no blocks is rounded to 8. */
static void models_of_one_vector_take_4_bits(void **unused) {
    (void)unused;
    static const enum small_family families[] = {SMALL_BI_ENCODER, SMALL_LSTM, SMALL_CONVOLUTION, SMALL_STATIC,
                                                 SMALL_FACTORED};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        comes_near(families[i], MINNOW_WEIGHT_S4, 0.1);
}

/* What the runtime's first block gets of one text. */
static void keep_rows(void *context, const struct minnow_linear *linear, const float *rows, size_t row_count,
                      size_t stride) {
    float *kept = context;
    if (linear->outputs == 3 * HIDDEN && kept[0] == 0) memcpy(kept, rows, row_count * stride * sizeof *kept);
}

/* The rows with which rounding to 4 bits begins, before and after rounding to 8. */
static void rows_of_the_front_are_the_runtimes(void **unused) {
    (void)unused;
    static const uint32_t ids[] = {2, 9, 6, 10, 5, 3};
    enum { COUNT = sizeof ids / sizeof *ids, WIDE = 80, STRIDE = 32 };
    struct small_model *model = small_family_make(SMALL_FACTORED, MINNOW_WEIGHT_F32);
    struct minnow_contents rounded = quantize(model, MINNOW_WEIGHT_S8), *both[] = {&model->contents, &rounded};
    for (size_t i = 0; i < 2; i++) {
        static const struct minnow_text text = {"river of fish", 13}; /* behind "a " */
        float expected[STRIDE * COUNT] = {0}, found[STRIDE * COUNT], between[2][WIDE * COUNT], vector[HIDDEN];
        struct minnow_model *opened;
        struct minnow_session *session;
        struct minnow_front front;
        struct minnow_stream_room room;
        struct minnow_error error = {0};
        must(minnow_model_open_contents(both[i], NULL, &opened, &error), &error);
        must(minnow_session_create(opened, NULL, &session, &error), &error);
        minnow_session_observe(session, keep_rows, expected);
        must(minnow_encode(session, MINNOW_QUERY, &text, 1, vector, NULL, &error), &error);
        must(minnow_front_create(both[i]->routes->layers, minnow_front_count(both[i]->routes), model->memory, &front,
                                 &error),
             &error);
        assert_int_equal(front.count, 4);
        assert_int_equal(minnow_front_widest(front.layers, front.count), HIDDEN);
        assert_true(minnow_stream_room_take(&opened->kernels, COUNT, WIDE, COUNT, model->memory, &room));
        minnow_front_run(&front, &room, ids, COUNT, (float *const[2]){between[0], between[1]}, found);
        for (size_t r = 0; r < COUNT; r++)
            assert_true(difference(expected + r * STRIDE, found + r * STRIDE, HIDDEN) < 1e-5);
        minnow_session_close(session);
        minnow_model_close(opened);
    }
    small_model_free(model);
}

static void what_no_stream_runs_takes_no_4_bits(void **unused) {
    (void)unused;
    struct small_model *model = small_family_make(SMALL_FACTORED, MINNOW_WEIGHT_F32);
    struct minnow_front front;
    struct minnow_error error = {0};
    model->layers[0][3].kind = MINNOW_LAYER_NORMALIZE;
    assert_int_equal(minnow_front_create(model->layers[0], 4, model->memory, &front, &error), MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "layers.3: before encoder blocks, 4-bit weights allow an embedding"));
    small_model_free(model);
}

/* Numbers a hundred times as large as the others, which small weights meet: rounded as they are, they would drown the
 * text that shares their scale. */
static void windows_are_equalized(void **unused) {
    (void)unused;
    struct small_model *model = small_family_make(SMALL_CONVOLUTION, MINNOW_WEIGHT_F32);
    struct minnow_table *words = &model->layers[0][0].embedding.words;
    struct minnow_convolution *convolution = &model->layers[0][1].convolution;
    for (size_t r = 0; r < words->rows; r++) ((float *)(uintptr_t)words->data)[r * HIDDEN + 7] *= 100;
    for (size_t b = 0; b < BRANCHES; b++) {
        const struct minnow_linear *linear = &convolution->branches[b].linear;
        for (size_t i = 7; i < (size_t)linear->outputs * linear->inputs; i += MINNOW_PADDED(HIDDEN))
            ((float *)(uintptr_t)linear->weight)[i] /= 100;
    }
    struct minnow_contents rounded = quantize(model, MINNOW_WEIGHT_S8);
    /* rows of the table have but one scale, which is not the point here */
    ((struct minnow_layer *)(uintptr_t)rounded.routes[0].layers)[0] = model->layers[0][0];
    compare(model, &rounded, "outliers", 0.02);
    small_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_keeps_its_vectors_and_scores),
        cmocka_unit_test(models_of_one_vector_take_4_bits),
        cmocka_unit_test(rows_of_the_front_are_the_runtimes),
        cmocka_unit_test(what_no_stream_runs_takes_no_4_bits),
        cmocka_unit_test(windows_are_equalized),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
