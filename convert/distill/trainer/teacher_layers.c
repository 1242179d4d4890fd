#include "convert/distill/trainer/teacher_layers.h"

#include "convert/distill/trainer/layer_vectors.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS_AT_ONCE = 32 };

/* The texts of one role, divided among the workers. */
struct job {
    const struct minnow_trainer *trainer;
    enum minnow_role role;
    struct minnow_token_texts tokens;
    struct minnow_teacher_layers *layers;
    uint32_t places[MINNOW_MAX_LAYERS];
    size_t lanes;
    enum minnow_status *statuses; /* [lanes] */
};

/* A worker's batch at hand. */
struct lane {
    struct minnow_trace trace;
    struct minnow_tape tape;
    float *vectors, lengths[TEXTS_AT_ONCE]; /* vectors: [TEXTS_AT_ONCE][width] */
};

static void store(const struct job *job, const struct lane *lane, uint32_t block, uint32_t first, uint32_t count) {
    size_t width = job->layers->width;
    for (uint32_t i = 0; i < count; i++)
        memcpy(job->layers->vectors[job->role] + ((size_t)(first + i) * job->layers->blocks + block) * width,
               lane->vectors + i * width, width * sizeof(float));
}

static enum minnow_status encode(const struct job *job, struct lane *lane, uint32_t first, uint32_t count) {
    const struct minnow_contents *teacher = job->trainer->teacher.contents;
    const struct minnow_route *route = minnow_route_of(teacher, job->role);
    uint32_t texts[TEXTS_AT_ONCE];
    struct minnow_batch batch;
    for (uint32_t i = 0; i < count; i++) texts[i] = first + i;
    minnow_tape_clear(&lane->tape);
    if (!minnow_token_texts_batch(&job->tokens, texts, count, &lane->tape, &batch)) return MINNOW_OUT_OF_MEMORY;
    minnow_trace_begin(&lane->trace, batch);
    enum minnow_status status = minnow_trace_forward(&lane->trace, route, 0, route->layer_count, NULL);
    for (uint32_t b = 0; !status && b < job->layers->blocks; b++) {
        minnow_layer_vectors_take(&lane->trace, job->places[b], minnow_layer_pooling_of(teacher, job->role),
                                  lane->vectors, lane->lengths);
        store(job, lane, b, first, count);
    }
    return status;
}

static void encode_share(void *context, size_t index) {
    struct job *job = context;
    struct minnow_range mine = minnow_share(job->tokens.count, 1, index, job->lanes);
    struct lane lane = {.trace.kernels = &job->trainer->team.kernels};
    enum minnow_status status = MINNOW_OK;
    lane.vectors = malloc(TEXTS_AT_ONCE * (size_t)job->layers->width * sizeof *lane.vectors);
    if (!lane.vectors) status = MINNOW_OUT_OF_MEMORY;
    for (size_t first = mine.first; !status && first < mine.end; first += TEXTS_AT_ONCE) {
        size_t count = mine.end - first < TEXTS_AT_ONCE ? mine.end - first : TEXTS_AT_ONCE;
        status = encode(job, &lane, (uint32_t)first, (uint32_t)count);
    }
    minnow_trace_free(&lane.trace);
    minnow_tape_free(&lane.tape);
    free(lane.vectors);
    job->statuses[index] = status;
}

static enum minnow_status make_role(struct minnow_trainer *trainer, struct job *job, struct minnow_error *error) {
    struct minnow_teacher_layers *layers = job->layers;
    enum minnow_status status = minnow_token_texts_make(trainer->teacher.contents, job->role,
                                                        trainer->pool.sets[job->role], &trainer->progress, &job->tokens,
                                                        error);
    if (status) return status;
    job->lanes = minnow_threads_count(trainer->team.threads);
    job->statuses = calloc(job->lanes, sizeof *job->statuses);
    layers->vectors[job->role] =
        malloc((size_t)job->tokens.count * layers->blocks * layers->width * sizeof(float) + 1);
    if (!job->statuses || !layers->vectors[job->role])
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the teacher's layers of %u texts", job->tokens.count);
    if (trainer->progress.report)
        trainer->progress.report(trainer->progress.context, "asking the teacher's layers", 0, 0);
    minnow_threads_run(trainer->team.threads, encode_share, job);
    for (size_t i = 0; i < job->lanes && !status; i++)
        if (job->statuses[i]) status = minnow_fail(error, job->statuses[i], "the teacher's layers");
    return status;
}

static enum minnow_status measure(const struct minnow_trainer *trainer, struct minnow_teacher_layers *layers,
                                  struct minnow_error *error) {
    uint32_t places[MINNOW_MAX_LAYERS], blocks[2] = {0, 0};
    const struct minnow_contents *teacher = trainer->teacher.contents;
    for (int role = MINNOW_QUERY; teacher && role <= MINNOW_DOCUMENT; role++) {
        const struct minnow_route *route = minnow_route_of(teacher, (enum minnow_role)role);
        if (!route || !(blocks[role] = minnow_layer_vectors_blocks(route, places))) break;
        layers->width = route->layers[places[0]].encoder_block.hidden;
    }
    layers->blocks = blocks[MINNOW_QUERY];
    if (blocks[MINNOW_QUERY] && blocks[MINNOW_QUERY] == blocks[MINNOW_DOCUMENT]) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "teacher: has %u encoder blocks for queries and %u for documents, lead needs as many for both",
                       blocks[MINNOW_QUERY], blocks[MINNOW_DOCUMENT]);
}

enum minnow_status minnow_teacher_layers_make(struct minnow_trainer *trainer, struct minnow_error *error) {
    struct minnow_teacher_layers *layers = &trainer->teacher_layers;
    enum minnow_status status = measure(trainer, layers, error);
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++) {
        struct job job = {.trainer = trainer, .role = (enum minnow_role)role, .layers = layers};
        minnow_layer_vectors_blocks(minnow_route_of(trainer->teacher.contents, job.role), job.places);
        status = make_role(trainer, &job, error);
        minnow_token_texts_free(&job.tokens);
        free(job.statuses);
    }
    return status;
}

void minnow_teacher_layers_free(struct minnow_teacher_layers *layers) {
    free(layers->vectors[0]);
    free(layers->vectors[1]);
    *layers = (struct minnow_teacher_layers){.blocks = 0};
}
