#include "convert/distill/team.h"

#include <stdlib.h>
#include <string.h>

#include "convert/blas.h"

static bool make_workers(struct minnow_team *team) {
    team->workers = calloc(team->worker_count, sizeof *team->workers);
    for (size_t i = 0; team->workers && i < team->worker_count; i++) {
        struct minnow_worker *worker = &team->workers[i];
        worker->roles[0].kernels = worker->roles[1].kernels = worker->joint.kernels = &team->kernels;
    }
    return team->workers;
}

static bool make_gradients(struct minnow_team *team, struct minnow_memory *memory) {
    team->gradients = minnow_memory_take(memory, team->worker_count * sizeof *team->gradients);
    for (size_t i = 0; team->gradients && i < team->worker_count; i++)
        if (minnow_gradients_create(team->network, memory, &team->gradients[i], NULL) != MINNOW_OK) return false;
    return team->gradients;
}

static bool make_threads(struct minnow_team *team, const struct minnow_team_settings *settings) {
    team->borrows_threads = settings->threads;
    team->threads =
        settings->threads || team->worker_count == 1 ? settings->threads : minnow_threads_create(settings->workers);
    return team->threads || team->worker_count == 1;
}

enum minnow_status minnow_team_create(struct minnow_network *network, const struct minnow_team_settings *settings,
                                      struct minnow_memory *memory, struct minnow_team *team,
                                      struct minnow_error *error) {
    *team = (struct minnow_team){.network = network, .worker_count = settings->workers ? settings->workers : 1};
    team->blas_threads = minnow_blas()->get_num_threads();
    minnow_blas()->set_num_threads(1);
    if (!minnow_kernels_choose(&team->kernels, NULL))
        return minnow_fail(error, MINNOW_UNSUPPORTED, "this build has no kernels for this CPU");
    if (make_threads(team, settings) && make_workers(team) && (!settings->learns || make_gradients(team, memory)))
        return MINNOW_OK;
    minnow_team_free(team);
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u workers", settings->workers);
}

void minnow_team_free(struct minnow_team *team) {
    for (size_t i = 0; team->workers && i < team->worker_count; i++) {
        struct minnow_worker *worker = &team->workers[i];
        minnow_trace_free(&worker->roles[0]);
        minnow_trace_free(&worker->roles[1]);
        minnow_trace_free(&worker->joint);
        minnow_tape_free(&worker->tape);
    }
    free(team->workers);
    if (!team->borrows_threads) minnow_threads_close(team->threads);
    minnow_tape_free(&team->tape);
    if (team->blas_threads) minnow_blas()->set_num_threads(team->blas_threads);
    *team = (struct minnow_team){0};
}

void minnow_team_begin(struct minnow_team *team) {
    minnow_tape_clear(&team->tape);
    for (size_t i = 0; i < team->worker_count; i++) minnow_tape_clear(&team->workers[i].tape);
    team->encoded[0] = team->encoded[1] = false;
    team->scoring = (struct minnow_scoring){0};
}

/* ---- What all workers do at once ---- */

struct job {
    struct minnow_team *team;
    enum minnow_role role;
    struct minnow_batch batch;
};

static enum minnow_status finish(struct minnow_team *team, struct minnow_error *error) {
    for (size_t i = 0; i < team->worker_count; i++) {
        if (team->workers[i].status == MINNOW_OK) continue;
        if (error) *error = team->workers[i].error;
        return team->workers[i].status;
    }
    return MINNOW_OK;
}

static enum minnow_status run(struct job *job, minnow_program_fn *program, struct minnow_error *error) {
    for (size_t i = 0; i < job->team->worker_count; i++) job->team->workers[i].status = MINNOW_OK;
    minnow_threads_run(job->team->threads, program, job);
    return finish(job->team, error);
}

static void out_of_memory(struct minnow_worker *worker) {
    worker->status = minnow_fail(&worker->error, MINNOW_OUT_OF_MEMORY, "a training step");
}

/* ---- Texts ---- */

/* The first text of a worker: all tokens are divided evenly, texts are whole. */
static size_t first_text(const struct minnow_batch *batch, size_t worker, size_t workers) {
    size_t text = 0;
    if (batch->token_count == 0) return batch->text_count * worker / workers;
    while (text < batch->text_count && batch->spans[text].first * workers < batch->token_count * worker) text++;
    return worker == workers ? batch->text_count : text;
}

static bool take_share(struct minnow_worker *worker, const struct minnow_batch *batch, size_t index, size_t workers,
                       struct minnow_batch *mine) {
    size_t first = first_text(batch, index, workers), end = first_text(batch, index + 1, workers);
    struct minnow_span *spans = minnow_tape_push(&worker->tape, (end - first) * sizeof *spans);
    size_t token = first < batch->text_count ? batch->spans[first].first : batch->token_count;
    if (!spans) return false;
    *mine = (struct minnow_batch){batch->ids + token, batch->positions + token, batch->types + token, spans, 0,
                                  end - first};
    for (size_t i = first; i < end; i++) {
        spans[i - first] = batch->spans[i];
        spans[i - first].first = (uint32_t)mine->token_count;
        mine->token_count += batch->spans[i].count;
    }
    return true;
}

static void forward_whole(struct minnow_worker *worker, struct minnow_trace *trace, const struct minnow_route *route) {
    worker->status = minnow_trace_forward(trace, route, 0, route->layer_count, &worker->error);
}

static void encode_mine(void *context, size_t lane) {
    struct job *job = context;
    struct minnow_team *team = job->team;
    struct minnow_worker *worker = &team->workers[lane];
    struct minnow_batch mine;
    if (!take_share(worker, &job->batch, lane, team->worker_count, &mine)) {
        out_of_memory(worker);
        return;
    }
    minnow_trace_begin(&worker->roles[job->role], mine);
    forward_whole(worker, &worker->roles[job->role], minnow_route_of(&team->network->contents, job->role));
}

enum minnow_status minnow_team_encode(struct minnow_team *team, enum minnow_role role, struct minnow_batch batch,
                                      struct minnow_error *error) {
    const struct minnow_contents *contents = &team->network->contents;
    struct job job = {team, role, batch};
    enum minnow_status status = run(&job, encode_mine, error);
    if (status != MINNOW_OK) return status;
    struct minnow_trace **traces = minnow_tape_push(&team->tape, team->worker_count * sizeof *traces);
    for (size_t i = 0; traces && i < team->worker_count; i++) traces[i] = &team->workers[i].roles[role];
    bool pools = minnow_route_pools(minnow_route_of(contents, role));
    if (!traces || !minnow_vectors_gather(traces, team->worker_count, pools, &contents->inputs[role], &team->tape,
                                          &team->vectors[role]))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %zu texts", batch.text_count);
    team->encoded[role] = true;
    return MINNOW_OK;
}

/* ---- Scores ---- */

static void score_mine(void *context, size_t lane) {
    struct minnow_team *team = ((struct job *)context)->team;
    minnow_scoring_run(&team->scoring, minnow_share(team->scoring.count, 1, lane, team->worker_count));
}

static const struct minnow_route *joint_route(const struct minnow_team *team) {
    return minnow_joint_route(&team->network->contents);
}

static void score_joined_mine(void *context, size_t lane) {
    struct minnow_team *team = ((struct job *)context)->team;
    struct minnow_worker *worker = &team->workers[lane];
    struct minnow_range mine = minnow_share(team->scoring.count, 1, lane, team->worker_count);
    worker->joined = (struct minnow_joined){team->scoring.queries, team->scoring.documents,
                                            team->scoring.pairs + mine.first, mine.end - mine.first};
    if (!minnow_joined_begin(&worker->joined, &worker->tape, &worker->joint))
        out_of_memory(worker);
    else
        forward_whole(worker, &worker->joint, joint_route(team));
    for (size_t i = mine.first; worker->status == MINNOW_OK && i < mine.end; i++)
        team->scoring.scores[i] = team->scoring.scale * worker->joint.rows[i - mine.first];
}

enum minnow_status minnow_team_score(struct minnow_team *team, const struct minnow_text_pair *pairs, size_t count,
                                     float scale, struct minnow_error *error) {
    struct job job = {.team = team};
    team->scoring = (struct minnow_scoring){.similarity = team->network->contents.similarity,
                                            .scale = scale,
                                            .queries = &team->vectors[MINNOW_QUERY],
                                            .documents = &team->vectors[MINNOW_DOCUMENT],
                                            .pairs = pairs,
                                            .count = count};
    if (!minnow_scoring_take(&team->scoring, &team->tape))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %zu pairs", count);
    return run(&job, team->scoring.similarity == MINNOW_JOINT ? score_joined_mine : score_mine, error);
}

static void score_tokens_mine(void *context, size_t lane) {
    struct job *job = context;
    struct minnow_team *team = job->team;
    struct minnow_worker *worker = &team->workers[lane];
    struct minnow_batch mine;
    if (!take_share(worker, &job->batch, lane, team->worker_count, &mine)) {
        out_of_memory(worker);
        return;
    }
    minnow_trace_begin(&worker->joint, mine);
    forward_whole(worker, &worker->joint, joint_route(team));
    if (worker->status != MINNOW_OK) return;
    memcpy(team->scoring.scores + first_text(&job->batch, lane, team->worker_count), worker->joint.rows,
           mine.text_count * sizeof(float));
}

enum minnow_status minnow_team_score_tokens(struct minnow_team *team, struct minnow_batch pairs,
                                            struct minnow_error *error) {
    struct job job = {.team = team, .batch = pairs};
    team->scoring = (struct minnow_scoring){.similarity = MINNOW_JOINT, .scale = 1, .count = pairs.text_count};
    if (!minnow_scoring_take(&team->scoring, &team->tape))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %zu pairs", pairs.text_count);
    return run(&job, score_tokens_mine, error);
}

/* ---- Back ---- */

static void route_back(struct minnow_team *team, size_t lane, struct minnow_trace *trace, uint32_t route) {
    struct minnow_worker *worker = &team->workers[lane];
    uint32_t layers = team->network->contents.routes[route].layer_count;
    worker->status = minnow_trace_backward(trace, route, &team->gradients[lane], 0, layers, &worker->error);
}

/* Which of the step's pairs are the worker's follows from where its shares began. */
static size_t first_pair(const struct minnow_team *team, size_t lane) {
    size_t first = 0;
    for (size_t i = 0; i < lane; i++) first += team->workers[i].joint.batch.text_count;
    return first;
}

static void joint_back_mine(void *context, size_t lane) {
    struct minnow_team *team = ((struct job *)context)->team;
    struct minnow_worker *worker = &team->workers[lane];
    const float *given = team->scoring.gradient + first_pair(team, lane);
    float *gradient = minnow_trace_start_back(&worker->joint);
    if (!gradient) {
        out_of_memory(worker);
        return;
    }
    for (size_t i = 0; i < worker->joint.batch.text_count; i++) gradient[i] = team->scoring.scale * given[i];
    route_back(team, lane, &worker->joint, team->network->contents.joint_route);
}

/* A share of each role's texts gets what all pairs give it. */
static void pairs_back_mine(void *context, size_t lane) {
    struct minnow_team *team = ((struct job *)context)->team;
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        if (!team->encoded[role]) continue;
        struct minnow_range mine = minnow_share(team->vectors[role].text_count, 1, lane, team->worker_count);
        if (team->scoring.similarity != MINNOW_JOINT) {
            minnow_scoring_back(&team->scoring, (enum minnow_role)role, mine);
            continue;
        }
        for (size_t i = 0; i < team->worker_count; i++)
            minnow_joined_back(&team->workers[i].joined, &team->workers[i].joint, (enum minnow_role)role, mine);
    }
}

static void encode_back_mine(void *context, size_t lane) {
    struct job *job = context;
    struct minnow_team *team = job->team;
    struct minnow_worker *worker = &team->workers[lane];
    struct minnow_trace *trace = &worker->roles[job->role];
    if (!minnow_vectors_scatter(&team->vectors[job->role], lane, trace))
        out_of_memory(worker);
    else
        route_back(team, lane, trace, team->network->contents.route_of_role[job->role]);
}

enum minnow_status minnow_team_back(struct minnow_team *team, struct minnow_error *error) {
    struct job job = {.team = team};
    enum minnow_status status = MINNOW_OK;
    bool parts = team->encoded[MINNOW_QUERY] || team->encoded[MINNOW_DOCUMENT];
    if (team->scoring.count && team->scoring.similarity == MINNOW_JOINT) status = run(&job, joint_back_mine, error);
    if (status == MINNOW_OK && team->scoring.count && parts) status = run(&job, pairs_back_mine, error);
    for (int role = MINNOW_QUERY; status == MINNOW_OK && role <= MINNOW_DOCUMENT; role++) {
        job.role = (enum minnow_role)role;
        if (team->encoded[role]) status = run(&job, encode_back_mine, error);
    }
    return status;
}
