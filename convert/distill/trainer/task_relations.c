/* Texts to relations between their tokens in the last encoder block, by queries, by keys and by values (MiniLMv2, arXiv
 * 2012.15828). Both sides have the same tokens; widths, heads and the number of blocks may differ. */
#include "convert/distill/layers/attention.h"
#include "convert/distill/trainer/layer_vectors.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"
#include "convert/distill/trainer/text_items.h"

#include <string.h>

enum { PARTS = 3 }; /* queries, keys, values */

/* ---- What can be compared ---- */

/* The route of a role, if it has blocks, of which *last is the last. */
static const struct minnow_route *route_with_blocks(const struct minnow_contents *contents, enum minnow_role role,
                                                    uint32_t *last) {
    uint32_t places[MINNOW_MAX_LAYERS];
    const struct minnow_route *route = contents->similarity == MINNOW_JOINT ? NULL : minnow_route_of(contents, role);
    uint32_t blocks = route ? minnow_layer_vectors_blocks(route, places) : 0;
    if (blocks) *last = places[blocks - 1];
    return blocks ? route : NULL;
}

static bool are_equal_tokens(const struct minnow_token_texts *a, const struct minnow_token_texts *b) {
    return a->count == b->count && memcmp(a->first, b->first, ((size_t)a->count + 1) * sizeof *a->first) == 0;
}

static enum minnow_status check(const struct minnow_trainer *trainer, enum minnow_role role,
                                struct minnow_error *error) {
    uint32_t last;
    if (!route_with_blocks(&trainer->network.contents, role, &last) ||
        !route_with_blocks(&trainer->teaching->network.contents, role, &last))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "loss: relation compares encoder blocks of a teacher and a student that encode texts one by "
                           "one");
    if (are_equal_tokens(&trainer->pool.tokens[role], &trainer->teaching->tokens[role])) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "student: relation compares token by token, expected the teacher's tokenizer, words and limit "
                       "(no vocab= or max-tokens=)");
}

static enum minnow_status prepare(struct minnow_trainer *trainer, struct minnow_task *task,
                                  struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++) {
        if (!trainer->trains[role]) continue;
        status = minnow_text_pool_tokenize(&trainer->pool, &trainer->network.contents, (enum minnow_role)role,
                                           &trainer->progress, error);
        if (!status) status = check(trainer, (enum minnow_role)role, error);
    }
    task->item_count = minnow_text_items_count(trainer);
    return status;
}

/* ---- One text ---- */

/* Both sides of a text: its rows of queries, keys and values, side by side. */
struct text {
    uint32_t tokens;
    size_t teacher_width, student_width;
    const float *teacher, *student;
    float *gradient;
};

/* As many heads as the teacher has, if both widths can be cut so; else fewer. */
static uint32_t relation_heads(uint32_t heads, size_t teacher_width, size_t student_width) {
    while (teacher_width % heads || student_width % heads) heads--;
    return heads;
}

static void copy_part(const float *rows, size_t tokens, size_t width, size_t part, float *out) {
    for (size_t t = 0; t < tokens; t++)
        memcpy(out + t * width, rows + (PARTS * t + part) * width, width * sizeof *out);
}

static void add_part(const float *part_rows, size_t tokens, size_t width, size_t part, float *rows) {
    for (size_t t = 0; t < tokens; t++)
        for (size_t c = 0; c < width; c++) rows[(PARTS * t + part) * width + c] += part_rows[t * width + c];
}

static bool compare_part(struct minnow_trainer *trainer, const struct text *text, uint32_t heads, size_t part,
                         double share, struct minnow_measured *measured) {
    struct minnow_tape *tape = &trainer->tape;
    float *teacher = minnow_tape_floats(tape, text->tokens * text->teacher_width);
    float *student = minnow_tape_floats(tape, text->tokens * text->student_width);
    float *gradient = minnow_tape_zeros(tape, text->tokens * text->student_width);
    double *scratch = minnow_tape_push(tape, 2 * text->tokens * sizeof *scratch);
    if (!teacher || !student || !gradient || !scratch) return false;
    copy_part(text->teacher, text->tokens, text->teacher_width, part, teacher);
    copy_part(text->student, text->tokens, text->student_width, part, student);
    const struct minnow_relations_seen seen = {
        {text->tokens, heads, (uint32_t)text->teacher_width, (uint32_t)text->student_width},
        teacher, student, gradient, scratch};
    for (size_t i = 0; i < trainer->losses.count; i++) {
        const struct minnow_weighted_loss *item = &trainer->losses.items[i];
        if (item->loss->relations) measured->losses[i] += share * item->loss->relations(&seen, share * item->weight);
    }
    add_part(gradient, text->tokens, text->student_width, part, text->gradient);
    return true;
}

static bool compare_text(struct minnow_trainer *trainer, const struct text *text, uint32_t heads, double share,
                         struct minnow_measured *measured) {
    for (size_t part = 0; part < PARTS; part++) {
        struct minnow_tape_mark mark = minnow_tape_now(&trainer->tape);
        if (!compare_part(trainer, text, heads, part, share / PARTS, measured)) return false;
        minnow_tape_release(&trainer->tape, mark);
    }
    return true;
}

/* ---- Forward ---- */

/* Equal tokens are divided among equal numbers of workers equally. share: of the batch, of one text. */
static bool compare(struct minnow_trainer *trainer, enum minnow_role role, double share,
                    struct minnow_measured *measured) {
    uint32_t student_block = 0, teacher_block = 0;
    const struct minnow_team *teacher = &trainer->teaching->team;
    route_with_blocks(&trainer->network.contents, role, &student_block);
    const struct minnow_route *route = route_with_blocks(&teacher->network->contents, role, &teacher_block);
    uint32_t heads = route->layers[teacher_block].encoder_block.heads;
    for (size_t w = 0; w < teacher->worker_count; w++) {
        struct minnow_trace *trace = &trainer->team.workers[w].roles[role];
        struct text text;
        const float *of_teacher =
            minnow_block_query_key_value(&teacher->workers[w].roles[role], teacher_block, &text.teacher_width);
        const float *of_student = minnow_block_query_key_value(trace, student_block, &text.student_width);
        float *gradient = minnow_block_query_key_value_gradient(trace, student_block);
        if (!gradient) return false;
        for (size_t i = 0; i < trace->batch.text_count; i++) {
            size_t first = trace->batch.spans[i].first;
            text.tokens = trace->batch.spans[i].count;
            text.teacher = of_teacher + first * PARTS * text.teacher_width;
            text.student = of_student + first * PARTS * text.student_width;
            text.gradient = gradient + first * PARTS * text.student_width;
            if (!compare_text(trainer, &text, relation_heads(heads, text.teacher_width, text.student_width), share,
                              measured))
                return false;
        }
    }
    return true;
}

static enum minnow_status run(struct minnow_trainer *trainer, enum minnow_role role, const uint32_t *texts,
                              uint32_t count, double share, struct minnow_measured *measured,
                              struct minnow_error *error) {
    struct minnow_teaching *teaching = trainer->teaching;
    enum minnow_status status = minnow_texts_encode(&trainer->team, &trainer->pool.tokens[role], texts, count,
                                                    &trainer->tape, error);
    if (!status)
        status = minnow_texts_encode(&teaching->team, &teaching->tokens[role], texts, count, &trainer->tape, error);
    if (!status && !compare(trainer, role, share, measured))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "relations of %u texts", count);
    return status;
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    struct minnow_texts_by_role roles;
    enum minnow_status status = MINNOW_OK;
    if (!minnow_text_items_divide(trainer, items, count, &roles))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u texts", count);
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++)
        if (roles.counts[role])
            status = run(trainer, (enum minnow_role)role, roles.texts[role], roles.counts[role], 1.0 / count, measured,
                         error);
    return status;
}

const struct minnow_task_class minnow_relations_task = {"texts", prepare, minnow_text_items_length, forward, NULL};
