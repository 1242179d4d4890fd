#include "convert/distill/trainer/layer_scores.h"

#include <string.h>

uint32_t minnow_layer_scores_blocks(const struct minnow_contents *contents) {
    if (contents->similarity == MINNOW_JOINT)
        return minnow_joint_takes_tokens(contents) ? minnow_layer_vectors_blocks(minnow_joint_route(contents), NULL)
                                                   : 0;
    const struct minnow_route *query = minnow_route_of(contents, MINNOW_QUERY);
    const struct minnow_route *document = minnow_route_of(contents, MINNOW_DOCUMENT);
    if (!query || !document) return 0;
    uint32_t of_query[MINNOW_MAX_LAYERS], of_document[MINNOW_MAX_LAYERS];
    uint32_t blocks = minnow_layer_vectors_blocks(query, of_query);
    if (blocks != minnow_layer_vectors_blocks(document, of_document)) return 0;
    for (uint32_t i = 0; i < blocks; i++)
        if (query->layers[of_query[i]].encoder_block.hidden != document->layers[of_document[i]].encoder_block.hidden)
            return 0;
    return blocks;
}

static uint32_t place_of(const struct minnow_route *route, uint32_t block) {
    uint32_t places[MINNOW_MAX_LAYERS];
    minnow_layer_vectors_blocks(route, places);
    return places[block];
}

static enum minnow_status fail_memory(size_t count, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a layer's scores of %zu pairs", count);
}

/* ---- By a cross-encoder's head ---- */

/* What follows the last block. */
static struct minnow_route head_of(const struct minnow_route *route) {
    uint32_t begin = minnow_layer_vectors_last_block(route) + 1;
    return (struct minnow_route){.layers = route->layers + begin,
                                 .layer_count = route->layer_count - begin,
                                 .max_tokens = route->max_tokens,
                                 .dimensions = route->dimensions};
}

static enum minnow_status run_head(const struct minnow_layer_scores *scores, float scale, struct minnow_error *error) {
    const struct minnow_team *team = scores->team;
    const struct minnow_route *route = minnow_joint_route(&team->network->contents);
    const struct minnow_route head = head_of(route);
    struct minnow_trace trace = {.kernels = &team->kernels};
    enum minnow_status status = MINNOW_OK;
    uint32_t place = place_of(route, scores->block);
    float *out = scores->scoring.scores;
    for (size_t w = 0; !status && w < team->worker_count; w++) {
        const struct minnow_trace *pairs = &team->workers[w].joint;
        if (!pairs->batch.text_count) continue;
        minnow_trace_begin_rows(&trace, pairs->batch, pairs->steps[place + 1].rows, pairs->steps[place + 1].width);
        status = minnow_trace_forward(&trace, &head, 0, head.layer_count, error);
        for (size_t i = 0; !status && i < pairs->batch.text_count; i++) *out++ = scale * trace.rows[i];
    }
    minnow_trace_free(&trace);
    return status;
}

/* ---- By vectors ---- */

static uint32_t layer_of(const struct minnow_layer_scores *scores, enum minnow_role role) {
    return place_of(minnow_route_of(&scores->team->network->contents, role), scores->block);
}

static bool gather(struct minnow_layer_scores *scores, struct minnow_tape *tape) {
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++)
        if (!minnow_layer_vectors_gather(scores->team, (enum minnow_role)role, layer_of(scores, (enum minnow_role)role),
                                         tape, &scores->vectors[role]))
            return false;
    return true;
}

bool minnow_layer_scores_back(struct minnow_layer_scores *scores) {
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        struct minnow_vectors *vectors = &scores->vectors[role];
        minnow_scoring_back(&scores->scoring, (enum minnow_role)role, (struct minnow_range){0, vectors->text_count});
        if (!minnow_layer_vectors_scatter(scores->team, (enum minnow_role)role,
                                          layer_of(scores, (enum minnow_role)role), vectors))
            return false;
    }
    return true;
}

/* ---- Either ---- */

enum minnow_status minnow_layer_scores_make(struct minnow_team *team, uint32_t block,
                                            const struct minnow_text_pair *pairs, size_t count, double temperature,
                                            struct minnow_tape *tape, struct minnow_layer_scores *scores,
                                            struct minnow_error *error) {
    enum minnow_similarity similarity = team->network->contents.similarity;
    *scores = (struct minnow_layer_scores){.team = team, .block = block};
    scores->scoring = (struct minnow_scoring){.similarity = similarity,
                                              .scale = (float)(1 / temperature),
                                              .queries = &scores->vectors[MINNOW_QUERY],
                                              .documents = &scores->vectors[MINNOW_DOCUMENT],
                                              .pairs = pairs,
                                              .count = count};
    if (similarity != MINNOW_JOINT && !gather(scores, tape)) return fail_memory(count, error);
    if (!minnow_scoring_take(&scores->scoring, tape)) return fail_memory(count, error);
    if (similarity == MINNOW_JOINT) return run_head(scores, scores->scoring.scale, error);
    minnow_scoring_run(&scores->scoring, (struct minnow_range){0, count});
    return MINNOW_OK;
}
