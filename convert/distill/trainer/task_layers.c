/* Labelled pairs to scores by drawn layers of both sides (LEAD, arXiv 2212.05225): the vectors of a layer make scores
 * of all candidates of the batch. The teacher is frozen. */
#include <string.h>

#include "convert/blas.h"
#include "convert/distill/trainer/candidates.h"
#include "convert/distill/trainer/layer_vectors.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teacher_layers.h"

enum { REDRAW_EVERY = 10 }; /* steps, as in the paper's code */

/* Vectors of one layer, queries' and passages', and their scores. */
struct side {
    uint32_t layer;
    size_t width;
    float *vectors[2], *lengths[2];
    float *scores, *gradient; /* [queries][passages] */
};

static struct minnow_lead_layers layers_of(const struct minnow_trainer *trainer) {
    uint32_t student = minnow_layer_vectors_blocks(minnow_route_of(&trainer->network.contents, MINNOW_QUERY), NULL);
    uint32_t teacher = trainer->teacher_layers.blocks, fewest = student < teacher ? student : teacher;
    return (struct minnow_lead_layers){.teacher = teacher,
                                       .student = student,
                                       .count = trainer->options.layer_pairs ? trainer->options.layer_pairs : fewest,
                                       .redraw_every = REDRAW_EVERY};
}

static enum minnow_status check_student(const struct minnow_trainer *trainer, struct minnow_error *error) {
    const struct minnow_route *query = minnow_route_of(&trainer->network.contents, MINNOW_QUERY);
    const struct minnow_route *document = minnow_route_of(&trainer->network.contents, MINNOW_DOCUMENT);
    if (!trainer->trains[MINNOW_QUERY] || !trainer->trains[MINNOW_DOCUMENT])
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "role: lead compares layers of queries and documents, expected --role both");
    if (query && document && minnow_layer_vectors_blocks(query, NULL) &&
        minnow_layer_vectors_blocks(query, NULL) == minnow_layer_vectors_blocks(document, NULL))
        return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "student: lead needs one with encoder blocks, as many for queries as for documents");
}

static enum minnow_status prepare(struct minnow_trainer *trainer, struct minnow_task *task,
                                  struct minnow_error *error) {
    struct minnow_lead_draw draw;
    enum minnow_status status = check_student(trainer, error);
    if (!status) status = minnow_candidates_prepare(trainer, false, error);
    if (!status) status = minnow_student_scores_prepare(trainer, error);
    if (!status) status = minnow_teacher_layers_make(trainer, error);
    if (status) return status;
    const struct minnow_lead_layers layers = layers_of(trainer);
    task->item_count = (uint32_t)trainer->data->texts.count;
    return minnow_lead_draw(&layers, trainer->options.seed, 0, &draw, error);
}

/* ---- Scores of a layer ---- */

static bool take_room(struct minnow_tape *tape, const size_t counts[2], struct side *side) {
    for (int role = 0; role < 2; role++) {
        side->vectors[role] = minnow_tape_floats(tape, counts[role] * side->width);
        side->lengths[role] = minnow_tape_floats(tape, counts[role]);
        if (!side->vectors[role] || !side->lengths[role]) return false;
    }
    side->scores = minnow_tape_floats(tape, counts[0] * counts[1]);
    side->gradient = minnow_tape_zeros(tape, counts[0] * counts[1]);
    return side->scores && side->gradient;
}

static void multiply(const struct side *side, const size_t counts[2], double temperature) {
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)counts[0], (int)counts[1], (int)side->width,
                         (float)(1 / temperature), side->vectors[0], (int)side->width, side->vectors[1],
                         (int)side->width, 0, side->scores, (int)counts[1]);
}

static bool score_teacher(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                          struct side *side) {
    const struct minnow_teacher_layers *layers = &trainer->teacher_layers;
    const uint32_t *of_role[2] = {texts->queries, texts->documents};
    const size_t counts[2] = {texts->query_count, texts->document_count};
    side->width = layers->width;
    if (!take_room(&trainer->tape, counts, side)) return false;
    for (int role = 0; role < 2; role++)
        for (size_t i = 0; i < counts[role]; i++)
            memcpy(side->vectors[role] + i * side->width,
                   layers->vectors[role] + ((size_t)of_role[role][i] * layers->blocks + side->layer) * side->width,
                   side->width * sizeof(float));
    multiply(side, counts, minnow_trainer_teacher_temperature(trainer));
    return true;
}

/* The place of the student's block in its role's route. */
static uint32_t place_of(const struct minnow_trainer *trainer, enum minnow_role role, uint32_t block) {
    uint32_t places[MINNOW_MAX_LAYERS];
    minnow_layer_vectors_blocks(minnow_route_of(&trainer->network.contents, role), places);
    return places[block];
}

static struct minnow_layer_pooling pooling_of(const struct minnow_trainer *trainer, enum minnow_role role) {
    return minnow_layer_pooling_of(&trainer->network.contents, role);
}

static bool score_student(struct minnow_trainer *trainer, const size_t counts[2], struct side *side) {
    const struct minnow_team *team = &trainer->team;
    side->width = team->workers[0].roles[0].steps[place_of(trainer, MINNOW_QUERY, side->layer) + 1].width;
    if (!take_room(&trainer->tape, counts, side)) return false;
    for (int role = 0; role < 2; role++) {
        uint32_t place = place_of(trainer, (enum minnow_role)role, side->layer);
        struct minnow_layer_pooling pooling = pooling_of(trainer, (enum minnow_role)role);
        for (size_t w = 0, text = 0; w < team->worker_count; w++) {
            const struct minnow_trace *trace = &team->workers[w].roles[role];
            minnow_layer_vectors_take(trace, place, pooling, side->vectors[role] + text * side->width,
                                      side->lengths[role] + text);
            text += trace->batch.text_count;
        }
    }
    multiply(side, counts, trainer->options.temperature);
    return true;
}

/* ---- Back to the traces ---- */

static bool student_back(struct minnow_trainer *trainer, const size_t counts[2], const struct side *side) {
    int queries = (int)counts[0], passages = (int)counts[1], width = (int)side->width;
    float scale = (float)(1 / trainer->options.temperature);
    float *gradients[2] = {minnow_tape_floats(&trainer->tape, counts[0] * side->width),
                           minnow_tape_floats(&trainer->tape, counts[1] * side->width)};
    if (!gradients[0] || !gradients[1]) return false;
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, queries, width, passages, scale, side->gradient,
                         passages, side->vectors[1], width, 0, gradients[0], width);
    minnow_blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, passages, width, queries, scale, side->gradient,
                         passages, side->vectors[0], width, 0, gradients[1], width);
    for (int role = 0; role < 2; role++) {
        uint32_t place = place_of(trainer, (enum minnow_role)role, side->layer);
        struct minnow_layer_pooling pooling = pooling_of(trainer, (enum minnow_role)role);
        for (size_t w = 0, text = 0; w < trainer->team.worker_count; w++) {
            struct minnow_trace *trace = &trainer->team.workers[w].roles[role];
            size_t at = text * side->width;
            if (!minnow_layer_vectors_back(trace, place, pooling, side->vectors[role] + at, side->lengths[role] + text,
                                           gradients[role] + at))
                return false;
            text += trace->batch.text_count;
        }
    }
    return true;
}

/* ---- Forward ---- */

static void take_losses(const struct minnow_trainer *trainer, const struct minnow_layers_seen *seen,
                        struct minnow_measured *measured) {
    for (size_t i = 0; i < trainer->losses.count; i++) {
        const struct minnow_weighted_loss *item = &trainer->losses.items[i];
        if (item->loss->layers) measured->losses[i] = item->loss->layers(seen, item->weight);
    }
}

static bool compare(struct minnow_trainer *trainer, const struct minnow_candidates *candidates,
                    const struct minnow_lead_draw *draw, struct minnow_measured *measured) {
    struct minnow_lead_pair pairs[MINNOW_LEAD_PAIRS];
    struct side students[MINNOW_LEAD_PAIRS];
    const size_t counts[2] = {candidates->texts.query_count, candidates->texts.document_count};
    for (uint32_t i = 0; i < draw->count; i++) {
        struct side teacher = {.layer = draw->teacher[i]};
        students[i] = (struct side){.layer = draw->student[i]};
        if (!score_teacher(trainer, &candidates->texts, &teacher) || !score_student(trainer, counts, &students[i]))
            return false;
        pairs[i] = (struct minnow_lead_pair){{teacher.scores, 1, NULL}, {students[i].scores, 1, students[i].gradient}};
    }
    const struct minnow_layers_seen seen = {{candidates->lists, candidates->positives}, pairs, draw->count};
    take_losses(trainer, &seen, measured);
    for (uint32_t i = 0; i < draw->count; i++)
        if (!student_back(trainer, counts, &students[i])) return false;
    return true;
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    const struct minnow_lead_layers layers = layers_of(trainer);
    struct minnow_candidates candidates;
    struct minnow_lead_draw draw;
    enum minnow_status status = minnow_lead_draw(&layers, trainer->options.seed, trainer->step, &draw, error);
    if (!status && !minnow_candidates_collect(trainer, items, count, false, &candidates))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u queries", count);
    if (!status) status = minnow_student_encode(trainer, &candidates.texts, error);
    if (!status && !compare(trainer, &candidates, &draw, measured))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u queries", count);
    return status;
}

const struct minnow_task_class minnow_layers_task = {"pairs", prepare, minnow_candidates_length, forward, NULL};
