/* What a SPEC does not say is the teacher's; what it says must fit the teacher. */
#include "convert/distill/student/parts.h"

enum { TK_BLOCKS = 2, CNN_OUTPUTS = 64, COLBERT_DIMENSIONS = 128 };

static enum minnow_status fail(const char *key, uint32_t found, uint32_t least, uint32_t most, const char *why,
                               struct minnow_error *error) {
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "student: %s is %u, expected %u to %u, %s", key, found, least,
                       most, why);
}

/* 0 becomes `otherwise`. */
static enum minnow_status choose(uint32_t *number, const char *key, uint32_t otherwise, uint32_t most, const char *why,
                                 struct minnow_error *error) {
    if (*number == 0) *number = otherwise;
    return *number >= 1 && *number <= most ? MINNOW_OK : fail(key, *number, 1, most, why, error);
}

static bool has_blocks(const struct minnow_student_spec *spec) { return spec->kind <= MINNOW_STUDENT_TK; }

/* ---- Which blocks ---------------------------------------------------------------------------- */

static enum minnow_status check_taken(const struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_student_spec *spec = &student->spec;
    uint32_t count = student->teacher.block_count;
    if (count == 0)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "student: layers names blocks of a teacher that has none behind its embedding, expected one "
                           "number: so many random ones");
    for (uint32_t i = 0; i < spec->layer_count; i++)
        if (spec->layers[i] >= count)
            return fail("layers", spec->layers[i], 0, count - 1, "the teacher's blocks", error);
    return MINNOW_OK;
}

static enum minnow_status take_all(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_student_spec *spec = &student->spec;
    spec->layer_count = student->teacher.block_count;
    spec->takes_blocks = true;
    if (spec->layer_count > MINNOW_STUDENT_LAYERS)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "student: layers is not said and the teacher has %u blocks, expected at most %d, or a list "
                           "of some",
                           spec->layer_count, MINNOW_STUDENT_LAYERS);
    for (uint32_t i = 0; i < spec->layer_count; i++) spec->layers[i] = i;
    return MINNOW_OK;
}

static void say_random(struct minnow_student_spec *spec, uint32_t count) {
    spec->layers[0] = count;
    spec->layer_count = 1;
}

static enum minnow_status choose_blocks(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_student_spec *spec = &student->spec;
    enum minnow_status status = MINNOW_OK;
    if (spec->layer_count == 0) {
        if (spec->kind == MINNOW_STUDENT_TK) say_random(spec, TK_BLOCKS);
        else if (spec->kind == MINNOW_STUDENT_LSTM) say_random(spec, 1);
        else if (has_blocks(spec)) status = take_all(student, error);
    }
    if (status || spec->layer_count == 0) return status;
    if (spec->takes_blocks) return check_taken(student, error);
    return choose(&spec->layers[0], "layers", 0, MINNOW_STUDENT_LAYERS, "so many random ones", error);
}

/* ---- Widths ---------------------------------------------------------------------------------- */

static enum minnow_status choose_hidden(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_student_spec *spec = &student->spec;
    uint32_t width = student->teacher.width;
    if (spec->kind == MINNOW_STUDENT_CNN)
        return choose(&spec->hidden, "hidden", CNN_OUTPUTS, 8192, "outputs of each of its windows", error);
    if (spec->kind == MINNOW_STUDENT_LSTM)
        return choose(&spec->hidden, "hidden", width / 2 ? width / 2 : 1, 8192, "the width of each direction", error);
    if (spec->takes_blocks && spec->hidden && spec->hidden != width)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "student: hidden is %u, expected %u, the teacher's, as its blocks are taken; layers=N makes "
                           "N random ones",
                           spec->hidden, width);
    return choose(&spec->hidden, "hidden", width, width, "the teacher's width", error);
}

static uint32_t largest_divisor(uint32_t number, uint32_t most) {
    while (number % most) most--;
    return most;
}

/* Of random blocks, as many heads of the teacher's as divide the width, and as many neurons for its size. */
static enum minnow_status choose_block(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_student_spec *spec = &student->spec;
    const struct minnow_encoder_block *first =
        student->teacher.block_count ? &student->teacher.blocks->encoder_block : NULL;
    uint32_t heads = first ? first->heads : 1, ffn = first ? first->intermediate : 4 * student->teacher.width;
    uint32_t scaled = (uint32_t)((uint64_t)ffn * spec->hidden / student->teacher.width);
    if (!spec->takes_blocks) heads = largest_divisor(spec->hidden, heads < spec->hidden ? heads : spec->hidden);
    enum minnow_status status =
        choose(&spec->heads, "heads", heads, spec->takes_blocks ? heads : spec->hidden,
               spec->takes_blocks ? "the teacher's" : "the width", error);
    if (!status)
        status = choose(&spec->ffn, "ffn", spec->takes_blocks ? ffn : scaled ? scaled : 1,
                        spec->takes_blocks ? ffn : MINNOW_MAX_INPUTS, spec->takes_blocks ? "the teacher's" : "neurons",
                        error);
    if (status || spec->takes_blocks || spec->hidden % spec->heads == 0) return status;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "student: heads is %u, expected a divisor of hidden, which is %u", spec->heads, spec->hidden);
}

static enum minnow_status choose_rank(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_student_spec *spec = &student->spec;
    bool words_alone = spec->kind >= MINNOW_STUDENT_LSTM;
    if (spec->rank == 0 && !words_alone) return MINNOW_OK;
    uint32_t width = words_alone ? student->teacher.width : spec->hidden;
    return choose(&spec->rank, "rank", width, width, words_alone ? "the teacher's width" : "the width of rows", error);
}

/* ---- The rest -------------------------------------------------------------------------------- */

static enum minnow_status choose_vocabulary(struct minnow_student *student, struct minnow_error *error) {
    uint32_t vocabulary = student->teacher.tokenizer->vocabulary;
    return choose(&student->spec.vocabulary, "vocab", vocabulary, vocabulary, "the teacher's tokens", error);
}

/* A position table is cut, never made longer. */
static enum minnow_status check_tokens(const struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_table *positions = &student->teacher.embedding->positions;
    bool placed = student->spec.kind < MINNOW_STUDENT_TK;
    uint32_t most = placed ? positions->rows : MINNOW_MAX_TOKENS, tokens = student->spec.max_tokens;
    if (placed && positions->rows == 0)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "student: kind is %s, and the teacher has no positions to give, expected kind=tk, lstm, cnn "
                           "or static",
                           minnow_student_kind_name(student->spec.kind));
    if (tokens == 0 || (tokens >= 3 && tokens <= most)) return MINNOW_OK;
    return fail("max-tokens", tokens, 3, most, placed ? "the teacher's positions" : "the most of any text", error);
}

/* Blocks that PreTTR's texts pass apart. */
static enum minnow_status choose_join(struct minnow_student_spec *spec, struct minnow_error *error) {
    uint32_t blocks = spec->takes_blocks ? spec->layer_count : spec->layers[0];
    if (spec->kind != MINNOW_STUDENT_PRETTR) return MINNOW_OK;
    return choose(&spec->join, "join", blocks / 2 ? blocks / 2 : 1, blocks, "the blocks", error);
}

enum minnow_status minnow_student_choose_sizes(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_student_spec *spec = &student->spec;
    enum minnow_status status = choose_blocks(student, error);
    if (!status) status = choose_hidden(student, error);
    if (!status && has_blocks(spec)) status = choose_block(student, error);
    if (!status) status = choose_rank(student, error);
    if (!status) status = choose_vocabulary(student, error);
    if (!status) status = check_tokens(student, error);
    if (!status) status = choose_join(spec, error);
    if (spec->kind == MINNOW_STUDENT_COLBERT && spec->dimensions == 0) spec->dimensions = COLBERT_DIMENSIONS;
    return status;
}
