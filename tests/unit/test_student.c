/* What a student begins as: of every kind, out of a small teacher, ready to run and to be trained. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "convert/distill/student/student.h"
#include "tests/unit/training_fixture.h"

static struct training training;
static struct small_results results, expected;
static struct minnow_error error;

/* ---- The teacher ---- */

/* ColBERT's markers stand in for two tokens that no text has. */
static void put_markers(struct small_model *model) {
    static const char *const markers[] = {"[unused0]", "[unused1]"};
    struct minnow_tokenizer *tokenizer = &model->contents.tokenizers[0];
    uint32_t *offsets = take(model, (tokenizer->vocabulary + 1) * sizeof *offsets), kept = tokenizer->vocabulary - 2;
    uint32_t *slots = take(model, tokenizer->slot_count * sizeof *slots);
    char *text = take(model, tokenizer->text_bytes + 32);
    memcpy(offsets, tokenizer->offsets, (kept + 1) * sizeof *offsets);
    memcpy(text, tokenizer->text, offsets[kept]);
    for (uint32_t i = 0; i < 2; i++) {
        memcpy(text + offsets[kept + i], markers[i], strlen(markers[i]));
        offsets[kept + i + 1] = offsets[kept + i] + (uint32_t)strlen(markers[i]);
    }
    tokenizer->text = text;
    tokenizer->offsets = offsets;
    tokenizer->text_bytes = offsets[kept + 2];
    minnow_tokenizer_fill_slots(tokenizer, slots);
}

static struct small_model *make_teacher(void) {
    struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 1);
    put_markers(model);
    return model;
}

static struct minnow_token_counts count_texts(const struct small_model *model) {
    struct minnow_token_counts counts;
    must(minnow_token_counts_begin(&model->contents.tokenizers[0], &counts, &error), &error);
    for (size_t i = 0; i < SMALL_TEXTS; i++) must(minnow_token_counts_add(&counts, small_texts[i], &error), &error);
    return counts;
}

static enum minnow_status try_student(struct small_model *model, const char *spec, uint64_t seed,
                                      struct minnow_contents *student) {
    struct minnow_token_counts counts = count_texts(model);
    const struct minnow_student_options options = {
        .spec = spec, .teacher = &model->contents, .counts = &counts, .seed = seed};
    enum minnow_status status = minnow_student_make(&options, model->memory, student, &error);
    minnow_token_counts_free(&counts);
    return status;
}

static struct minnow_contents make_student(struct small_model *model, const char *spec) {
    struct minnow_contents student;
    if (try_student(model, spec, 1, &student)) fail_msg("%s: %s", spec, error.message);
    return student;
}

/* ---- Every kind runs and learns ---- */

static const char *const specs[] = {
    "",
    "layers=2",
    "layers=1,0,rank=7,heads=1,ffn=9",
    "layers=1,hidden=16,heads=2,rank=5,pooling=max",
    "layers=1,hidden=12",
    "vocab=13,dimensions=9",
    "layers=1,pooling=cls,similarity=dot",
    "teacher-layers=1,max-tokens=9,rank=24",
    "kind=colbert,dimensions=32",
    "kind=colbert,layers=1,dimensions=8,vocab=14,rank=6",
    "kind=cross-encoder",
    "kind=cross-encoder,layers=0,1,heads=2",
    "kind=prettr",
    "kind=prettr,layers=1,0,1,join=2,rank=6",
    "kind=tk",
    "kind=tk,layers=1,hidden=12,heads=2,ffn=10,vocab=14,max-tokens=16",
    "kind=lstm",
    "kind=lstm,rank=6,hidden=5,layers=2,dimensions=7,pooling=mean",
    "kind=cnn",
    "kind=cnn,rank=6,hidden=4,dimensions=10,vocab=13",
    "kind=static",
    "kind=static,rank=5,dimensions=6",
};
enum { SPECS = sizeof specs / sizeof *specs };

static void results_are_finite(const char *spec, const struct minnow_contents *student) {
    const struct small_way way = {.threads = 1, .batch_tokens = 64, .at_once = SMALL_TEXTS};
    bool differ = false;
    assert_true(results_of(student, &way, &results));
    for (size_t i = 0; i < SMALL_NUMBERS; i++)
        if (!isfinite(results.numbers[i])) fail_msg("%s: number %zu is not finite", spec, i);
    for (size_t i = 1; i < SMALL_TEXTS; i++)
        differ |= results.numbers[SMALL_SCORES + i] != results.numbers[SMALL_SCORES];
    if (!differ) fail_msg("%s: all texts have the same score", spec);
}

/* The first document of each query is to score higher than the others. */
static double add_gradient(void) {
    const struct minnow_scoring *scoring = &training.team.scoring;
    double sum = 0;
    for (size_t i = 0; i < training.pair_count; i++) {
        double sign = training.pairs[i].document == 0 ? -1 : 1.0 / SMALL_TEXTS;
        sum += sign * (double)scoring->scores[i];
        scoring->gradient[i] = (float)sign;
    }
    return sum;
}

/* Pairs of texts are put together as they are. */
static void shorten_pairs(struct minnow_contents *contents) {
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && minnow_joint_takes_tokens(contents); role++)
        contents->inputs[role].max_tokens = MAX_TOKENS / 2;
}

static void learns(const char *spec, const struct minnow_contents *student) {
    struct minnow_optimizer_settings settings = minnow_optimizer_defaults();
    struct minnow_optimizer *optimizer;
    struct small_model *model = small_model_begin(MINNOW_WEIGHT_F32);
    double first = 0, last = 0;
    model->contents = *student;
    shorten_pairs(&model->contents);
    begin_training(&training, model, 1, 1);
    settings.schedule = (struct minnow_schedule){.rate = 1e-3f, .warm_up_steps = 1, .total_steps = 6, .floor = 1};
    must(minnow_optimizer_create(&training.network, &settings, model->memory, &optimizer, &error), &error);
    for (int step = 0; step < 6; step++) {
        train_forward(&training);
        last = add_gradient();
        if (step == 0) first = last;
        train_back(&training);
        if (minnow_optimizer_step(optimizer, training.team.gradients, 1, NULL, &error))
            fail_msg("%s: %s", spec, error.message);
    }
    if (!(last < first)) fail_msg("%s: %g becomes %g, expected less", spec, first, last);
    end_training(&training);
}

static void every_kind(void **state) {
    (void)state;
    for (int i = 0; i < SPECS; i++) {
        struct small_model *teacher = make_teacher();
        struct minnow_contents student = make_student(teacher, specs[i]);
        must(minnow_contents_check(&student, &error), &error);
        results_are_finite(specs[i], &student);
        learns(specs[i], &student);
        small_model_free(teacher);
    }
}

/* ---- What is the teacher's ---- */

static void vectors_of(const struct minnow_contents *contents, struct small_results *out) {
    const struct small_way way = {.threads = 1, .batch_tokens = 64, .at_once = SMALL_TEXTS};
    assert_true(results_of(contents, &way, out));
}

static void same_as_the_teacher(const char *spec, double most) {
    struct small_model *teacher = make_teacher();
    struct minnow_contents student = make_student(teacher, spec);
    vectors_of(&teacher->contents, &expected);
    vectors_of(&student, &results);
    double apart = difference(expected.numbers, results.numbers, SMALL_COUNTS);
    if (!(apart <= most)) fail_msg("\"%s\" is %g from the teacher, expected at most %g", spec, apart, most);
    small_model_free(teacher);
}

static void whole_is_the_teacher(void **state) {
    (void)state;
    same_as_the_teacher("", 0);
    same_as_the_teacher("layers=0,1,heads=3,ffn=40", 0);
    same_as_the_teacher("rank=24", 1e-5);
    same_as_the_teacher("vocab=16", 0);
}

/* A student of a teacher whose words are a product of two factors. */
static void factors_are_multiplied_out(void **state) {
    (void)state;
    static const char *const same[] = {"", "layers=0,1", "rank=12"};
    struct small_model *model = make_teacher();
    struct minnow_contents factored = make_student(model, "rank=12"), student;
    struct minnow_token_counts counts = count_texts(model);
    vectors_of(&factored, &expected);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const struct minnow_student_options options = {
            .spec = same[i], .teacher = &factored, .counts = &counts, .seed = 1};
        must(minnow_student_make(&options, model->memory, &student, &error), &error);
        vectors_of(&student, &results);
        double apart = difference(expected.numbers, results.numbers, SMALL_COUNTS);
        if (!(apart <= 1e-5)) fail_msg("\"%s\" is %g from the teacher", same[i], apart);
    }
    minnow_token_counts_free(&counts);
    small_model_free(model);
}

static void some_layers_are_not(void **state) {
    (void)state;
    static const char *const other[] = {"layers=1,0", "rank=12", "heads=2", "ffn=20", "layers=2", "pooling=mean"};
    struct small_model *teacher = make_teacher();
    vectors_of(&teacher->contents, &expected);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        struct minnow_contents student = make_student(teacher, other[i]);
        vectors_of(&student, &results);
        if (difference(expected.numbers, results.numbers, SMALL_COUNTS) < 1e-4) fail_msg("%s", other[i]);
    }
    small_model_free(teacher);
}

/* Rows of kept tokens are the teacher's, and so are the vectors of texts that have no other token. */
static void pruning_keeps_rows(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    struct minnow_contents student = make_student(teacher, "vocab=13");
    const struct minnow_tokenizer *old = &teacher->contents.tokenizers[0], *new = &student.tokenizers[0];
    const struct minnow_table *from = &teacher->layers[0][0].embedding.words;
    const struct minnow_table *words = &student.routes[0].layers[0].embedding.words;
    assert_int_equal(new->vocabulary, 13);
    assert_int_equal(words->rows, 13);
    for (uint32_t id = 0; id < new->vocabulary; id++) {
        uint32_t size = new->offsets[id + 1] - new->offsets[id];
        uint32_t before = minnow_tokenizer_find(old, new->text + new->offsets[id], size);
        assert_memory_equal((const float *)words->data + (size_t)id * HIDDEN,
                            (const float *)from->data + (size_t)before * HIDDEN, HIDDEN * sizeof(float));
    }
    vectors_of(&teacher->contents, &expected);
    vectors_of(&student, &results);
    assert_memory_equal(results.numbers + 2 * SMALL_ROW, expected.numbers + 2 * SMALL_ROW, DIMENSIONS * sizeof(float));
    small_model_free(teacher);
}

/* Of the factors of one rank those are best that counted texts would choose. */
static void frequent_words_are_kept(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    struct minnow_contents student = make_student(teacher, "rank=8");
    const struct minnow_layer *layers = student.routes[0].layers;
    const float *words = layers[0].embedding.words.data, *back = layers[1].dense.linear.weight;
    const float *from = teacher->layers[0][0].embedding.words.data;
    double lost[2] = {0, 0};
    for (uint32_t id = 0; id < 16; id++)
        for (size_t i = 0; i < HIDDEN; i++) {
            double sum = 0;
            for (size_t k = 0; k < 8; k++) sum += (double)words[id * 8 + k] * (double)back[i * 8 + k];
            bool frequent = id == 6 || id == 8 || id == 10 || id == 11; /* river, water, of, the */
            if (frequent || id > 13) lost[frequent] += pow(sum - (double)from[id * HIDDEN + i], 2);
        }
    if (!(lost[1] / 4 < lost[0] / 2 / 3))
        fail_msg("frequent words lose %g, others %g, expected a third at most", lost[1] / 4, lost[0] / 2);
    small_model_free(teacher);
}

/* The heaviest heads and neurons stay, in their order. */
static void important_parts_stay(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    struct minnow_encoder_block *block = &teacher->layers[0][1].encoder_block;
    float *values = minnow_writable(block->query_key_value.weight), *up = minnow_writable(block->ffn_up.weight);
    for (size_t i = 0; i < 8 * HIDDEN; i++) values[(2 * HIDDEN + 8) * HIDDEN + i] = 0; /* the second of three heads */
    for (size_t n = 0; n < INTERMEDIATE; n += 2)
        for (size_t i = 0; i < HIDDEN; i++) up[n * HIDDEN + i] *= 1e-3f;
    struct minnow_contents student = make_student(teacher, "heads=2,ffn=20");
    const struct minnow_encoder_block *cut = &student.routes[0].layers[1].encoder_block;
    const float *cut_values = cut->query_key_value.weight, *cut_up = cut->ffn_up.weight;
    assert_int_equal(cut->query_key_value.outputs, 3 * 16);
    assert_int_equal(cut->attention_output.inputs, 16);
    assert_memory_equal(cut_values + 2 * 16 * HIDDEN, values + 2 * HIDDEN * HIDDEN, 8 * HIDDEN * sizeof *values);
    assert_memory_equal(cut_values + (2 * 16 + 8) * HIDDEN, values + (2 * HIDDEN + 16) * HIDDEN,
                        8 * HIDDEN * sizeof *values);
    for (size_t n = 0; n < 20; n++)
        assert_memory_equal(cut_up + n * HIDDEN, up + (2 * n + 1) * HIDDEN, HIDDEN * sizeof *up);
    small_model_free(teacher);
}

/* ---- What is not ---- */

static double deviation(const float *numbers, size_t count) {
    double square = 0;
    for (size_t i = 0; i < count; i++) square += (double)numbers[i] * (double)numbers[i];
    return sqrt(square / (double)count);
}

static float largest(const float *numbers, size_t count) {
    float most = 0;
    for (size_t i = 0; i < count; i++) most = fmaxf(most, fabsf(numbers[i]));
    return most;
}

static void random_weights_begin_as_published(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    struct minnow_contents student = make_student(teacher, "layers=2");
    const struct minnow_encoder_block *block = &student.routes[0].layers[2].encoder_block;
    double normal = deviation(block->query_key_value.weight, 3 * HIDDEN * HIDDEN);
    assert_true(normal > 0.018 && normal < 0.022);
    assert_true(largest(block->query_key_value.bias, 3 * HIDDEN) == 0);
    assert_true(block->output_norm.gamma[HIDDEN - 1] == 1 && largest(block->output_norm.beta, HIDDEN) == 0);
    student = make_student(teacher, "kind=lstm,hidden=9");
    const struct minnow_lstm *lstm = &student.routes[0].layers[1].lstm;
    float most = largest(lstm->directions[1].recurrent.weight, 4 * 9 * 9);
    assert_true(most <= 1 / 3.0f && most > 0.3f);
    small_model_free(teacher);
}

/* A projection that is as wide as what comes in changes nothing at first. */
static void projections_begin_as_nothing(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    struct minnow_contents student = make_student(teacher, "dimensions=24");
    const struct minnow_dense *dense = &student.routes[0].layers[4].dense;
    const float *weight = dense->linear.weight;
    for (size_t i = 0; i < HIDDEN * HIDDEN; i++) assert_true(weight[i] == (i % (HIDDEN + 1) == 0));
    assert_true(largest(dense->linear.bias, HIDDEN) == 0);
    assert_int_equal(student.routes[0].dimensions, 24);
    small_model_free(teacher);
}

static void colbert_is_stanfords(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    struct minnow_contents student = make_student(teacher, "kind=colbert");
    const struct minnow_input *query = &student.inputs[MINNOW_QUERY], *document = &student.inputs[MINNOW_DOCUMENT];
    assert_int_equal(student.similarity, MINNOW_MAXSIM);
    assert_int_equal(student.routes[0].dimensions, 128);
    assert_int_equal(query->leading[1], 14);
    assert_int_equal(document->leading[1], 15);
    assert_int_equal(query->fill_to, MAX_TOKENS); /* 32 where there are so many positions */
    assert_true(query->masks_unseen && !document->fill_to);
    assert_int_equal(document->skipped_count, 2);
    assert_int_equal(document->skipped[1], 12); /* "?"; the other one is [UNK] */
    small_model_free(teacher);
}

static void tk_is_matchmakers(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    struct minnow_contents student = make_student(teacher, "kind=tk");
    const struct minnow_layer *layers = student.routes[0].layers;
    const struct minnow_kernel_pooling *kernels = &student.routes[1].layers[0].kernel_pooling;
    const float *positions = layers[2].positions.table.data;
    assert_int_equal(student.inputs[MINNOW_DOCUMENT].first_position, 30);
    assert_true(fabs((double)positions[30 * HIDDEN] - sin(500)) < 1e-6);
    assert_true(fabs((double)positions[31 * HIDDEN + HIDDEN / 2] - cos(501)) < 1e-6);
    assert_true(positions[HIDDEN / 2] == 1 && positions[0] == 0);
    assert_int_equal(layers[3].encoder_block.activation, MINNOW_RELU);
    assert_int_equal(kernels->count, 11);
    assert_true(kernels->mu[0] == 1 && kernels->mu[1] == 0.9f && kernels->mu[10] == -0.9f);
    assert_true(fabsf(kernels->factor[3] + 50) < 1e-4f && kernels->alpha[10] == 1);
    assert_true(layers[5].mix.alpha == 0.5f);
    small_model_free(teacher);
}

/* ---- Seeds ---- */

static void seeds_decide(void **state) {
    (void)state;
    for (int i = 0; i < SPECS; i++) {
        struct small_model *teacher = make_teacher();
        struct minnow_contents same, again, other;
        must(try_student(teacher, specs[i], 5, &same), &error);
        must(try_student(teacher, specs[i], 5, &again), &error);
        must(try_student(teacher, specs[i], 6, &other), &error);
        assert_memory_equal(same.space, again.space, sizeof same.space);
        if (i == 1) assert_memory_not_equal(same.space, other.space, sizeof same.space);
        small_model_free(teacher);
    }
}

/* ---- Errors ---- */

static const struct {
    const char *spec, *parts[3]; /* of the message: key, found, expected */
} wrong[] = {
    {"layers=x", {"layers", "\"x\"", "number of blocks"}},
    {"layers=0,2", {"layers is 2", "0 to 1", "teacher's blocks"}},
    {"layers=0", {"layers is 0", "1 to 64", "random"}},
    {"teacher-layers=7", {"layers is 7", "0 to 1", ""}},
    {"layers=1,layers=2", {"layers", "second time", "once"}},
    {"layers=1,teacher-layers=1", {"teacher-layers", "second time", "once"}},
    {"ffn=1,7", {"\"7\" stands alone", "KEY=VALUE", "layers="}},
    {"depth=2", {"\"depth\" is no key", "expected kind", "join"}},
    {"kind=rnn", {"kind is \"rnn\"", "transformer", "static"}},
    {"pooling=first", {"pooling is \"first\"", "cls, mean or max", ""}},
    {"similarity=l2", {"similarity is \"l2\"", "cosine or dot", ""}},
    {"rank=0", {"rank is \"0\"", "1 to 65536", ""}},
    {"rank=25", {"rank is 25", "1 to 24", ""}},
    {"hidden=12", {"hidden is 12", "expected 24", "layers=N"}},
    {"layers=1,hidden=48", {"hidden is 48", "1 to 24", ""}},
    {"layers=1,hidden=16,heads=3", {"heads is 3", "divisor", "16"}},
    {"heads=4", {"heads is 4", "1 to 3", "teacher's"}},
    {"ffn=41", {"ffn is 41", "1 to 40", "teacher's"}},
    {"vocab=17", {"vocab is 17", "1 to 16", "tokens"}},
    {"vocab=70000", {"vocab is 70000", "1 to 16", "tokens"}},
    {"vocab=99999999999999999999", {"vocab is \"9999", "1 to 16777216", ""}},
    {"ffn=65537", {"ffn is \"65537\"", "1 to 65536", ""}},
    {"vocab=3", {"vocab", "3 tokens", "at least"}},
    {"max-tokens=19", {"max-tokens is 19", "3 to 18", "positions"}},
    {"max-tokens=2", {"max-tokens is 2", "3 to 18", ""}},
    {"kind=prettr,join=3", {"join is 3", "1 to 2", "blocks"}},
    {"kind=cross-encoder,rank=8", {"rank", "no use", "kind=cross-encoder"}},
    {"kind=cnn,heads=2", {"heads", "no use", "kind=cnn"}},
    {"kind=tk,layers=0,1", {"layers lists 2", "one number", "kind=tk"}},
    {"kind=static,pooling=max", {"pooling", "no use", "kind=static"}},
};

static void errors_name_the_key(void **state) {
    (void)state;
    struct small_model *teacher = make_teacher();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct minnow_contents student;
        enum minnow_status status = try_student(teacher, wrong[i].spec, 1, &student);
        if (status != MINNOW_INVALID_ARGUMENT) fail_msg("%s: status %d", wrong[i].spec, (int)status);
        for (int k = 0; k < 3; k++)
            if (!strstr(error.message, wrong[i].parts[k]))
                fail_msg("%s: \"%s\" is not in \"%s\"", wrong[i].spec, wrong[i].parts[k], error.message);
    }
    small_model_free(teacher);
}

/* Teachers without blocks, in 8 bits, or that score pairs. */
static void other_teachers(void **state) {
    (void)state;
    struct minnow_contents student;
    struct small_model *teacher = small_family_make(SMALL_STATIC, MINNOW_WEIGHT_F32);
    assert_int_equal(try_student(teacher, "", 1, &student), MINNOW_INVALID_ARGUMENT);
    must(try_student(teacher, "kind=lstm", 1, &student), &error);
    small_model_free(teacher);
    teacher = small_model_make(MINNOW_WEIGHT_S8, 1);
    assert_int_equal(try_student(teacher, "", 1, &student), MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "f32"));
    small_model_free(teacher);
    teacher = small_family_make(SMALL_CROSS_ENCODER, MINNOW_WEIGHT_F32);
    must(try_student(teacher, "kind=cross-encoder", 1, &student), &error);
    vectors_of(&teacher->contents, &expected);
    vectors_of(&student, &results);
    must(try_student(teacher, "layers=1", 1, &student), &error);
    results_are_finite("layers=1", &student);
    small_model_free(teacher);
}

/* A document's positions hold its type, one row stands for pooler and classifier. */
static void prettr_takes_after_a_cross_encoder(void **state) {
    (void)state;
    struct minnow_contents student;
    struct small_model *teacher = small_family_make(SMALL_CROSS_ENCODER, MINNOW_WEIGHT_F32);
    must(try_student(teacher, "kind=prettr,join=1", 1, &student), &error);
    const struct minnow_layer *from = teacher->contents.routes[0].layers, *to = student.routes[0].layers;
    const struct minnow_route *joint = &student.routes[student.joint_route];
    const float *row = joint->layers[joint->layer_count - 1].dense.linear.weight;
    const struct minnow_linear *pooler = &from[4].dense.linear, *classifier = &from[5].dense.linear;
    uint32_t first = student.inputs[MINNOW_DOCUMENT].first_position;
    assert_in_range(first, 1, to->embedding.positions.rows - 1);
    for (size_t i = 0; i < (size_t)to->embedding.positions.rows * HIDDEN; i++) {
        const float *types = from->embedding.types.data, *positions = from->embedding.positions.data;
        float type = i < first * HIDDEN ? 0 : types[HIDDEN + i % HIDDEN] - types[i % HIDDEN];
        const float *now = to->embedding.positions.data;
        assert_true(now[i] == positions[i] + type);
    }
    for (size_t i = 0; i < HIDDEN; i++) {
        const float *rows = pooler->weight, *weights = classifier->weight;
        float sum = 0;
        for (size_t o = 0; o < HIDDEN; o++) sum += weights[o] * rows[o * HIDDEN + i];
        assert_true(row[i] == sum);
    }
    small_model_free(teacher);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(whole_is_the_teacher),
        cmocka_unit_test(factors_are_multiplied_out),
        cmocka_unit_test(some_layers_are_not),
        cmocka_unit_test(pruning_keeps_rows),
        cmocka_unit_test(frequent_words_are_kept),
        cmocka_unit_test(important_parts_stay),
        cmocka_unit_test(random_weights_begin_as_published),
        cmocka_unit_test(projections_begin_as_nothing),
        cmocka_unit_test(colbert_is_stanfords),
        cmocka_unit_test(tk_is_matchmakers),
        cmocka_unit_test(seeds_decide),
        cmocka_unit_test(errors_name_the_key),
        cmocka_unit_test(other_teachers),
        cmocka_unit_test(prettr_takes_after_a_cross_encoder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
