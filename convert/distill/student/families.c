/* The kinds of students, one function each. */
#include "convert/checkpoint/colbert_stanford.h"
#include "convert/checkpoint/fingerprint.h"
#include "convert/checkpoint/joined.h"
#include "convert/distill/student/parts.h"

enum minnow_status minnow_student_no_memory(const struct minnow_student *student, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "student: no memory for kind=%s",
                       minnow_student_kind_name(student->spec.kind));
}

/* ---- Of blocks ------------------------------------------------------------------------------- */

static enum minnow_status add_encoder(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = minnow_student_add_embedding(student, error);
    return status ? status : minnow_student_add_blocks(student, error);
}

/* As said, or as the teacher does it, or else `otherwise`. */
static enum minnow_pooling choose_pooling(const struct minnow_student *student, enum minnow_pooling otherwise) {
    const struct minnow_teacher *teacher = &student->teacher;
    if (student->spec.pools) return student->spec.pooling;
    for (uint32_t i = 0; i < teacher->head_count && !teacher->pairs; i++)
        if (teacher->head[i].kind == MINNOW_LAYER_POOL) return teacher->head[i].pool.pooling;
    return otherwise;
}

static enum minnow_status make_transformer(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = add_encoder(student, error);
    if (!status) status = minnow_student_add_pool(student, choose_pooling(student, MINNOW_POOL_MEAN), error);
    if (!status) status = minnow_student_add_tail(student, error);
    if (!status) status = minnow_student_take_inputs(student, error);
    return status ? status : minnow_reading_share_route(&student->reading, &student->transformer.list, error);
}

static enum minnow_status make_colbert(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_stanford_settings settings = minnow_stanford_defaults();
    const struct minnow_contents *teacher = student->teacher.contents;
    settings.lengths[MINNOW_DOCUMENT] = teacher->inputs[MINNOW_DOCUMENT].max_tokens;
    student->reading.contents->similarity = MINNOW_MAXSIM;
    enum minnow_status status = add_encoder(student, error);
    if (!status) status = minnow_student_add_dense(student, student->spec.dimensions, false, MINNOW_IDENTITY, error);
    if (!status) status = minnow_transformer_normalize(&student->reading, &student->transformer, error);
    if (!status) status = minnow_stanford_set_inputs(&student->reading, &student->transformer, &settings, error);
    return status ? status : minnow_reading_share_route(&student->reading, &student->transformer.list, error);
}

/* BERT's pooler and a classifier, or what a teacher of the same width has in their place. */
static enum minnow_status add_classifier(struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_teacher *teacher = &student->teacher;
    bool takes = teacher->pairs && student->spec.hidden == teacher->width && teacher->head_count == 3 &&
                 teacher->head[1].kind == MINNOW_LAYER_DENSE && teacher->head[2].kind == MINNOW_LAYER_DENSE;
    enum minnow_status status = minnow_student_add_pool(student, MINNOW_POOL_CLS, error);
    for (uint32_t i = 1; takes && i < 3 && !status; i++) {
        struct minnow_layer *layer;
        status =
            minnow_reading_add_layer(&student->reading, &student->transformer.list, MINNOW_LAYER_DENSE, &layer, error);
        if (!status) *layer = teacher->head[i];
        student->transformer.list.width = teacher->head[i].dense.linear.outputs;
    }
    if (status || takes) return status;
    status = minnow_student_add_dense(student, student->spec.hidden, true, MINNOW_TANH, error);
    return status ? status : minnow_student_add_dense(student, 1, true, MINNOW_IDENTITY, error);
}

static enum minnow_status make_cross_encoder(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = add_encoder(student, error);
    if (!status) status = add_classifier(student, error);
    return status ? status : minnow_joined_finish(&student->reading, &student->transformer, 0, error);
}

/* ---- Of words -------------------------------------------------------------------------------- */

/* Modules of sentence-transformers: a text too long loses [SEP] first. */
static enum minnow_status finish_words(struct minnow_student *student, enum minnow_pooling pooling, bool bare,
                                       struct minnow_error *error) {
    struct minnow_input *inputs = student->reading.contents->inputs;
    enum minnow_status status = minnow_student_add_pool(student, pooling, error);
    if (!status) status = minnow_student_add_tail(student, error);
    if (!status) status = minnow_student_set_inputs(student, bare, error);
    inputs[MINNOW_QUERY].cuts_trailing = inputs[MINNOW_DOCUMENT].cuts_trailing = !bare;
    return status ? status : minnow_reading_share_route(&student->reading, &student->transformer.list, error);
}

/* What follows pools the strongest of each feature, unless it is said otherwise. */
static enum minnow_pooling pooling_of(const struct minnow_student *student) {
    return student->spec.pools ? student->spec.pooling : MINNOW_POOL_MAX;
}

static enum minnow_status make_lstm(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = minnow_student_add_words(student, student->spec.rank, error);
    for (uint32_t i = 0; i < student->spec.layers[0] && !status; i++) status = minnow_student_add_lstm(student, error);
    return status ? status : finish_words(student, pooling_of(student), false, error);
}

static enum minnow_status make_cnn(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = minnow_student_add_words(student, student->spec.rank, error);
    if (!status) status = minnow_student_add_convolution(student, error);
    return status ? status : finish_words(student, pooling_of(student), false, error);
}

static enum minnow_status make_static(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = minnow_student_add_words(student, student->spec.rank, error);
    return status ? status : finish_words(student, MINNOW_POOL_MEAN, true, error);
}

/* ---- Any ------------------------------------------------------------------------------------- */

static enum minnow_status (*const makers[])(struct minnow_student *student, struct minnow_error *error) = {
    [MINNOW_STUDENT_TRANSFORMER] = make_transformer,
    [MINNOW_STUDENT_COLBERT] = make_colbert,
    [MINNOW_STUDENT_CROSS_ENCODER] = make_cross_encoder,
    [MINNOW_STUDENT_PRETTR] = minnow_student_make_prettr,
    [MINNOW_STUDENT_TK] = minnow_student_make_tk,
    [MINNOW_STUDENT_LSTM] = make_lstm,
    [MINNOW_STUDENT_CNN] = make_cnn,
    [MINNOW_STUDENT_STATIC] = make_static,
};

/* It is made of the teacher, whose license goes with it. */
static void describe(const struct minnow_student *student) {
    struct minnow_contents *contents = student->reading.contents;
    const struct minnow_contents *teacher = student->teacher.contents;
    contents->name = minnow_student_kind_name(student->spec.kind);
    contents->license = teacher->license;
    contents->source = teacher->name;
    contents->source_sha256 = teacher->source_sha256;
    contents->converter = contents->quantization = "";
    minnow_fingerprint_space(contents, contents->space);
}

static enum minnow_status make(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = minnow_student_choose_sizes(student, error);
    if (!status) status = minnow_student_choose_words(student, error);
    if (!status) status = makers[student->spec.kind](student, error);
    if (status) return status;
    describe(student);
    return minnow_contents_check(student->reading.contents, error);
}

enum minnow_status minnow_student_make(const struct minnow_student_options *options, struct minnow_memory *memory,
                                       struct minnow_contents *contents, struct minnow_error *error) {
    static const struct minnow_checkpoint_options nothing = {0};
    struct minnow_student student = {.counts = options->counts,
                                     .random = minnow_random_of(options->seed, 0),
                                     .transformer = {.config = {.file = "student"}}};
    *contents = (struct minnow_contents){.joint_route = MINNOW_NO_ROUTE};
    student.reading =
        (struct minnow_reading){.folder = "student", .options = &nothing, .memory = memory, .contents = contents};
    enum minnow_status status = minnow_student_spec_parse(options->spec, &student.spec, error);
    if (!status) status = minnow_teacher_open(options->teacher, memory, &student.teacher, error);
    return status ? status : make(&student, error);
}
