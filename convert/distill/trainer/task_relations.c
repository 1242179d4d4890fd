/* Texts to relations between their tokens in the last encoder block, by queries, by keys and by values (MiniLMv2, arXiv
 * 2012.15828). Both sides have the same tokens; widths, heads and the number of blocks may differ. */
#include "convert/distill/layers/encoder_block.h"
#include "convert/distill/trainer/layer_vectors.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"
#include "convert/distill/trainer/text_items.h"

#include <string.h>

enum { PARTS = 3 }; /* queries, keys, values */

/* ---- What can be compared ---- */

/* The route of a role, if it has blocks. */
static const struct minnow_route *route_with_blocks(const struct minnow_contents *contents, enum minnow_role role) {
    const struct minnow_route *route = contents->similarity == MINNOW_JOINT ? NULL : minnow_route_of(contents, role);
    return route && minnow_layer_vectors_blocks(route, NULL) ? route : NULL;
}

static bool are_equal_tokens(const struct minnow_token_texts *a, const struct minnow_token_texts *b) {
    return a->count == b->count && memcmp(a->first, b->first, ((size_t)a->count + 1) * sizeof *a->first) == 0;
}

static enum minnow_status check(const struct minnow_trainer *trainer, enum minnow_role role,
                                struct minnow_error *error) {
    if (!route_with_blocks(&trainer->network.contents, role) ||
        !route_with_blocks(&trainer->teaching->network.contents, role))
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
    for (size_t t = 0; t < tokens; t++) memcpy(out + t * width, rows + (PARTS * t + part) * width, width * sizeof *out);
}

static void add_part(const float *part_rows, size_t tokens, size_t width, size_t part, float *rows) {
    for (size_t t = 0; t < tokens; t++)
        for (size_t c = 0; c < width; c++) rows[(PARTS * t + part) * width + c] += part_rows[t * width + c];
}

/* One worker's texts. share: of the batch, of one text. */
struct lane {
    const struct minnow_trainer *trainer;
    struct minnow_trace *teacher, *student;
    struct minnow_tape *tape;
    enum minnow_role role;
    double share, losses[MINNOW_MOST_LOSSES]; /* as measured */
    bool failed;
};

static bool compare_part(struct lane *lane, const struct text *text, uint32_t heads, size_t part) {
    const struct minnow_loss_list *losses = &lane->trainer->losses;
    double share = lane->share / PARTS, *scratch = minnow_tape_push(lane->tape, 2 * text->tokens * sizeof *scratch);
    float *teacher = minnow_tape_floats(lane->tape, text->tokens * text->teacher_width);
    float *student = minnow_tape_floats(lane->tape, text->tokens * text->student_width);
    float *gradient = minnow_tape_zeros(lane->tape, text->tokens * text->student_width);
    if (!teacher || !student || !gradient || !scratch) return false;
    copy_part(text->teacher, text->tokens, text->teacher_width, part, teacher);
    copy_part(text->student, text->tokens, text->student_width, part, student);
    const struct minnow_relations_seen seen = {
        {text->tokens, heads, (uint32_t)text->teacher_width, (uint32_t)text->student_width},
        teacher,
        student,
        gradient,
        scratch};
    for (size_t i = 0; i < losses->count; i++)
        if (losses->items[i].loss->relations)
            lane->losses[i] += share * losses->items[i].loss->relations(&seen, share * losses->items[i].weight);
    add_part(gradient, text->tokens, text->student_width, part, text->gradient);
    return true;
}

static bool compare_text(struct lane *lane, const struct text *text, uint32_t heads) {
    for (size_t part = 0; part < PARTS; part++) {
        struct minnow_tape_mark mark = minnow_tape_now(lane->tape);
        if (!compare_part(lane, text, heads, part)) return false;
        minnow_tape_release(lane->tape, mark);
    }
    return true;
}

static bool compare_texts(struct lane *lane) {
    const struct minnow_route *of_student = route_with_blocks(&lane->trainer->network.contents, lane->role);
    const struct minnow_route *of_teacher = route_with_blocks(&lane->trainer->teaching->network.contents, lane->role);
    uint32_t student = minnow_layer_vectors_last_block(of_student);
    uint32_t teacher = minnow_layer_vectors_last_block(of_teacher);
    struct text all = {.teacher = NULL}, text;
    all.teacher = minnow_train_query_key_value(lane->teacher, teacher, &all.teacher_width);
    all.student = minnow_train_query_key_value(lane->student, student, &all.student_width);
    all.gradient = minnow_train_query_key_value_gradient(lane->student, student);
    if (!all.gradient) return false;
    uint32_t heads =
        relation_heads(of_teacher->layers[teacher].encoder_block.heads, all.teacher_width, all.student_width);
    for (size_t i = 0; i < lane->student->batch.text_count; i++) {
        const struct minnow_span *span = &lane->student->batch.spans[i];
        text = all;
        text.tokens = span->count;
        text.teacher += span->first * PARTS * all.teacher_width;
        text.student += span->first * PARTS * all.student_width;
        text.gradient += span->first * PARTS * all.student_width;
        if (!compare_text(lane, &text, heads)) return false;
    }
    return true;
}

static void compare_mine(void *context, size_t index) {
    struct lane *lane = (struct lane *)context + index;
    lane->failed = !compare_texts(lane);
}

/* Equal tokens are divided among equal numbers of workers equally. */
static bool compare(struct minnow_trainer *trainer, enum minnow_role role, double share,
                    struct minnow_measured *measured) {
    struct minnow_team *team = &trainer->team;
    struct lane *lanes = minnow_tape_push(&trainer->tape, team->worker_count * sizeof *lanes);
    if (!lanes) return false;
    for (size_t w = 0; w < team->worker_count; w++)
        lanes[w] = (struct lane){.trainer = trainer,
                                 .teacher = &trainer->teaching->team.workers[w].roles[role],
                                 .student = &team->workers[w].roles[role],
                                 .tape = &team->workers[w].tape,
                                 .role = role,
                                 .share = share};
    minnow_threads_run(team->threads, compare_mine, lanes);
    for (size_t w = 0; w < team->worker_count; w++) {
        if (lanes[w].failed) return false;
        for (size_t i = 0; i < trainer->losses.count; i++) measured->losses[i] += lanes[w].losses[i];
    }
    return true;
}

static enum minnow_status run(struct minnow_trainer *trainer, enum minnow_role role, const uint32_t *texts,
                              uint32_t count, uint32_t all, struct minnow_measured *measured,
                              struct minnow_error *error) {
    struct minnow_teaching *teaching = trainer->teaching;
    enum minnow_status status =
        minnow_texts_encode(&trainer->team, &trainer->pool.tokens[role], texts, count, &trainer->tape, error);
    if (!status)
        status = minnow_texts_encode(&teaching->team, &teaching->tokens[role], texts, count, &trainer->tape, error);
    if (!status && !compare(trainer, role, 1.0 / all, measured))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "relations of %u texts", count);
    return status;
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    return minnow_text_items_run(trainer, items, count, run, measured, error);
}

const struct minnow_task_class minnow_relations_task = {"texts", prepare, minnow_text_items_length, forward, NULL};
