/* Labelled pairs to vectors of each side, which are drawn to a cross-encoder's: what the last block of the teacher,
 * which sees both texts at once, makes of the query's tokens and of the document's, each pooled apart to their mean
 * (dual pooling, EmbedDistill, arXiv 2301.12005). Items are pairs; the student encodes their sides apart. */
#include "convert/distill/layers/lanes.h"
#include "convert/distill/trainer/candidates.h"
#include "convert/distill/trainer/layer_vectors.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"

#include <math.h>

static enum minnow_status prepare(struct minnow_trainer *trainer, struct minnow_task *task,
                                  struct minnow_error *error) {
    const struct minnow_route *joint = minnow_joint_route(&trainer->teaching->network.contents);
    size_t width = joint->layers[minnow_layer_vectors_last_block(joint)].encoder_block.hidden;
    enum minnow_status status = MINNOW_OK;
    if (!trainer->data->texts.count)
        return minnow_fail(error, MINNOW_BAD_INPUT,
                           "%.200s: holds no pairs of a query and a passage, which a cross-encoder sees together",
                           trainer->options.data);
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++) {
        status = minnow_vectors_check_width(trainer, (enum minnow_role)role, width, error);
        if (!status)
            status = minnow_text_pool_tokenize(&trainer->pool, &trainer->network.contents, (enum minnow_role)role,
                                               &trainer->progress, error);
    }
    task->item_count = (uint32_t)trainer->data->texts.count;
    return status;
}

/* ---- The teacher's two vectors of a pair ---- */

static void make_unit(float *vector, size_t width) {
    float size = sqrtf(minnow_row_dot(vector, vector, width));
    for (size_t c = 0; c < width && size > 0; c++) vector[c] /= size;
}

static void pool(const struct minnow_step *after, struct minnow_span span, enum minnow_role role, float *vector) {
    uint32_t first = role == MINNOW_QUERY ? 0 : span.query, end = role == MINNOW_QUERY ? span.query : span.count;
    for (uint32_t r = first; r < end; r++)
        minnow_row_add(1 / (float)(end - first), after->rows + (span.first + r) * after->width, after->width, vector);
}

/* [pairs][width] of a role; of unit length where the student's are compared by cosine. */
static const float *teacher_vectors(struct minnow_trainer *trainer, enum minnow_role role, uint32_t count,
                                    size_t width) {
    const struct minnow_team *team = &trainer->teaching->team;
    uint32_t place = minnow_layer_vectors_last_block(minnow_joint_route(&team->network->contents));
    float *vectors = minnow_tape_zeros(&trainer->tape, count * width), *vector = vectors;
    for (size_t w = 0; vectors && w < team->worker_count; w++) {
        const struct minnow_trace *trace = &team->workers[w].joint;
        for (size_t i = 0; i < trace->batch.text_count; i++, vector += width) {
            pool(&trace->steps[place + 1], trace->batch.spans[i], role, vector);
            if (trainer->network.contents.similarity == MINNOW_COSINE) make_unit(vector, width);
        }
    }
    return vectors;
}

/* ---- Forward ---- */

static bool put_texts(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                      struct minnow_texts_to_score *texts) {
    uint32_t *queries = minnow_tape_push(&trainer->tape, count * sizeof *queries);
    uint32_t *documents = minnow_tape_push(&trainer->tape, count * sizeof *documents);
    struct minnow_text_pair *pairs = minnow_tape_push(&trainer->tape, count * sizeof *pairs);
    if (!queries || !documents || !pairs) return false;
    for (uint32_t i = 0; i < count; i++) {
        struct minnow_training_pair pair = trainer->data->texts.items[items[i]];
        queries[i] = pair.query;
        documents[i] = pair.passage;
        pairs[i] = (struct minnow_text_pair){i, i};
    }
    *texts = (struct minnow_texts_to_score){queries, documents, count, count, pairs, count};
    return true;
}

static enum minnow_status compare(struct minnow_trainer *trainer, enum minnow_role role,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    const struct minnow_vectors *vectors = &trainer->team.vectors[role];
    const struct minnow_vectors_seen seen = {
        .teacher = teacher_vectors(trainer, role, (uint32_t)vectors->text_count, vectors->width),
        .student = vectors->rows,
        .gradient = vectors->gradient,
        .count = vectors->text_count,
        .width = vectors->width};
    if (!seen.teacher) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %zu pairs", vectors->text_count);
    minnow_vectors_take_losses(trainer, &seen, 0.5, measured);
    return MINNOW_OK;
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    struct minnow_texts_to_score texts;
    if (!put_texts(trainer, items, count, &texts))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u pairs", count);
    enum minnow_status status = minnow_student_encode(trainer, &texts, error);
    if (!status) status = minnow_teaching_encode(trainer, &texts, error);
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++)
        status = compare(trainer, (enum minnow_role)role, measured, error);
    return status;
}

const struct minnow_task_class minnow_dual_vectors_task = {"pairs", prepare, minnow_candidates_length, forward, NULL};
