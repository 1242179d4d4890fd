#include "convert/distill/trainer/train.h"

#include "convert/distill/trainer/crops.h"
#include "convert/distill/trainer/settings.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"
#include "convert/distill/trainer/triples.h"

#include <math.h>

/* ---- Which roles the student takes ---- */

static bool stands_beside_teacher(const struct minnow_trainer *trainer, const struct minnow_contents *student) {
    const struct minnow_route *route = minnow_route_of(student, MINNOW_QUERY);
    return minnow_teacher_session_has_vectors(&trainer->teacher) && student->similarity != MINNOW_JOINT && route &&
           minnow_route_pools(route) && route->dimensions == trainer->teacher.session->dimensions;
}

static enum minnow_status decide_roles(struct minnow_trainer *trainer, const struct minnow_contents *student,
                                       struct minnow_error *error) {
    enum minnow_distill_role role = trainer->options.role;
    bool beside = stands_beside_teacher(trainer, student);
    if (role == MINNOW_DISTILL_AUTO) role = beside ? MINNOW_DISTILL_QUERY : MINNOW_DISTILL_BOTH;
    trainer->trains[MINNOW_QUERY] = role != MINNOW_DISTILL_DOCUMENT;
    trainer->trains[MINNOW_DOCUMENT] = role != MINNOW_DISTILL_QUERY;
    if (role == MINNOW_DISTILL_BOTH || beside) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "role: where the teacher keeps one, both must make single vectors of as many dimensions; give "
                       "the student dimensions=N as the teacher has, or --role both");
}

/* ---- Beginning ---- */

/* The triples are the trainer's from here on. */
static void take_triples(struct minnow_trainer *trainer) {
    struct minnow_data_folder *data = trainer->data;
    trainer->triples = data->triples;
    trainer->triple_count = data->triple_count;
    data->triples = NULL;
    data->triple_count = 0;
}

static enum minnow_status take_texts(struct minnow_trainer *trainer, struct minnow_error *error) {
    struct minnow_training_pairs *texts = &trainer->data->texts;
    enum minnow_status status =
        minnow_triples_read(trainer->data, &trainer->losses, trainer->options.teacher_scores, error);
    if (!status) take_triples(trainer);
    if (!status && trainer->options.crops)
        status = minnow_crops_add(texts, trainer->options.crops, trainer->options.seed, &trainer->progress, error);
    trainer->pool.sets[MINNOW_QUERY] = &texts->queries;
    trainer->pool.sets[MINNOW_DOCUMENT] = &texts->passages;
    return status;
}

/* Cosines need a scale to meet scores that are none: 1 / temperature at first, and learned. */
static enum minnow_status add_scale(struct minnow_trainer *trainer, struct minnow_error *error) {
    bool learned = trainer->network.contents.similarity == MINNOW_COSINE &&
                   minnow_loss_list_has(&trainer->losses, MINNOW_TASK_PAIRS);
    trainer->scale = (struct minnow_score_scale){(float)(1 / trainer->options.temperature), 0};
    trainer->scale_parameter = learned ? trainer->network.parameter_count : SIZE_MAX;
    if (!learned || minnow_network_add(&trainer->network, "score_scale", &trainer->scale.scale, 2, trainer->memory))
        return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the scale of scores");
}

/* A student that is begun with may have a route for the other role, too, which then is the teacher's. */
static struct minnow_contents leave_out_other_role(const struct minnow_trainer *trainer,
                                                   const struct minnow_contents *student) {
    struct minnow_contents contents = *student;
    enum minnow_role role = trainer->trains[MINNOW_QUERY] ? MINNOW_QUERY : MINNOW_DOCUMENT;
    if ((trainer->trains[MINNOW_QUERY] && trainer->trains[MINNOW_DOCUMENT]) || !minnow_route_of(student, role))
        return contents;
    contents.routes = minnow_route_of(student, role);
    contents.route_count = 1;
    contents.route_of_role[MINNOW_QUERY] = contents.route_of_role[MINNOW_DOCUMENT] = 0;
    return contents;
}

static enum minnow_status make_network(struct minnow_trainer *trainer, const struct minnow_contents *student,
                                       struct minnow_error *error) {
    const struct minnow_contents contents = leave_out_other_role(trainer, student);
    enum minnow_status status = minnow_network_create(&contents, trainer->memory, &trainer->network, error);
    if (!status) status = add_scale(trainer, error);
    if (status) return status;
    const struct minnow_team_settings team = {.workers = trainer->options.threads, .learns = true};
    status = minnow_team_create(&trainer->network, &team, trainer->memory, &trainer->team, error);
    if (status || !trainer->options.quantize) return status;
    return minnow_weight_rounding_create(&trainer->network, trainer->team.worker_count, trainer->memory,
                                         &trainer->rounding, error);
}

static enum minnow_status open_trainer(struct minnow_trainer *trainer, const struct minnow_training *training,
                                       struct minnow_error *error) {
    const struct minnow_distill_options *options = &trainer->options;
    enum minnow_status status = minnow_loss_list_parse(options->losses, &trainer->losses, error);
    if (status) return status;
    minnow_settings_complete(&trainer->options, &trainer->losses, training->student->similarity);
    trainer->memory = minnow_memory_create();
    if (!trainer->memory) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a trainer");
    if (training->teacher)
        status = minnow_teacher_session_open(
            training->teacher,
            &(struct minnow_teacher_options){options->teacher_model, options->cache, options->threads},
            &trainer->teacher, error);
    if (!status) status = decide_roles(trainer, training->student, error);
    if (!status) status = take_texts(trainer, error);
    if (!status) status = make_network(trainer, training->student, error);
    if (!status && minnow_teaching_is_wanted(trainer)) status = minnow_teaching_open(trainer, error);
    return status ? status : minnow_tasks_open(trainer, error);
}

static void close_trainer(struct minnow_trainer *trainer) {
    minnow_tasks_close(trainer);
    minnow_teaching_close(trainer->teaching);
    minnow_text_pool_free(&trainer->pool);
    minnow_team_free(&trainer->team);
    minnow_tape_free(&trainer->tape);
    minnow_teacher_session_close(&trainer->teacher);
    minnow_memory_free(trainer->memory);
}

/* ---- The result ---- */

static void fill_result(const struct minnow_run *run, bool stopped, struct minnow_distill_result *result) {
    const struct minnow_trainer *trainer = run->trainer;
    *result = (struct minnow_distill_result){.steps = run->step,
                                             .parameters = minnow_network_size(&trainer->network),
                                             .texts = minnow_tasks_items(trainer, false),
                                             .held_out_texts = minnow_tasks_items(trainer, true),
                                             .loss = NAN,
                                             .held_out_loss = NAN,
                                             .cosine = NAN,
                                             .ndcg_at_10 = NAN,
                                             .texts_per_second = (double)run->items / fmax(run->training_seconds, 1e-9),
                                             .seconds = run->seconds,
                                             .stopped = stopped};
    if (trainer->teacher.model) {
        struct minnow_model_info info;
        minnow_model_info(trainer->teacher.model, &info);
        result->teacher_parameters = info.parameters;
    }
    if (run->best == SIZE_MAX) return;
    const struct minnow_distill_report *best = &run->records[run->best].report;
    result->best_step = best->step;
    result->loss = best->loss;
    result->held_out_loss = best->held_out_loss;
    result->cosine = best->cosine;
    result->ndcg_at_10 = best->ndcg_at_10;
}

enum minnow_status minnow_train(const struct minnow_training *training, struct minnow_distill_result *result,
                                struct minnow_error *error) {
    struct minnow_trainer trainer = {.options = *training->options, .data = training->data};
    struct minnow_run run = {.trainer = &trainer, .keep = training->keep, .keep_context = training->context};
    bool stopped = false;
    trainer.progress = (struct minnow_progress){trainer.options.progress, trainer.options.context};
    enum minnow_status status = minnow_run_begin(&run, error);
    if (!status) status = open_trainer(&trainer, training, error);
    if (!status && trainer.options.evaluate) status = minnow_evaluation_open(&trainer, &run.evaluation, error);
    if (!status) {
        status = minnow_run_train(&run, &stopped, error);
        fill_result(&run, stopped, result);
    }
    minnow_evaluation_close(run.evaluation);
    minnow_run_free(&run);
    close_trainer(&trainer);
    return status;
}
