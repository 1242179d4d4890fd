#include "convert/distill/trainer/run.h"

#include "convert/distill/trainer/reports.h"
#include "convert/distill/trainer/state.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* SCALE_FACTOR: of the rate; scale and bias of scores are numbers of 10 and more, weights of 0.1. */
enum { TRIAL_STEPS = 12, STEPS_A_GRID = 50, SCALE_FACTOR = 30 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- How many steps there are ---- */

/* TK's kernel pooling ends without a bias in every checkpoint, and a bias changes no order: it stays. */
static void hold_bias(const struct minnow_contents *contents, char pattern[64]) {
    uint32_t route = contents->joint_route, layer = 0;
    snprintf(pattern, 64, "none");
    if (route == MINNOW_NO_ROUTE) return;
    const struct minnow_route *joint = &contents->routes[route];
    while (layer < joint->layer_count && joint->layers[layer].kind != MINNOW_LAYER_KERNEL_POOLING) layer++;
    if (layer < joint->layer_count) snprintf(pattern, 64, "routes.%u.layers.%u.bias", route, layer);
}

static enum minnow_status make_optimizer(const struct minnow_network *network, const struct minnow_schedule *schedule,
                                         struct minnow_memory *memory, struct minnow_optimizer **optimizer,
                                         struct minnow_error *error) {
    struct minnow_optimizer_settings settings = minnow_optimizer_defaults();
    char held[64];
    const struct minnow_rate_factor factors[] = {settings.factors[0], {"score_scale", SCALE_FACTOR}, {held, 0}};
    hold_bias(&network->contents, held);
    settings.factors = factors;
    settings.factor_count = sizeof factors / sizeof *factors;
    settings.schedule = *schedule;
    return minnow_optimizer_create(network, &settings, memory, optimizer, error);
}

/* The student's, and the teacher's where it learns. */
static enum minnow_status make_optimizers(struct minnow_trainer *trainer, uint64_t total, struct minnow_memory *memory,
                                          struct minnow_error *error) {
    const struct minnow_distill_options *options = &trainer->options;
    struct minnow_schedule schedule = {.rate = (float)options->rate,
                                       .warm_up_steps = options->warm_up ? options->warm_up : total / 20,
                                       .total_steps = total,
                                       .decline = MINNOW_DECLINE_COSINE};
    enum minnow_status status = make_optimizer(&trainer->network, &schedule, memory, &trainer->optimizer, error);
    if (status || !minnow_teacher_learns(trainer)) return status;
    schedule.rate = (float)options->teacher_rate;
    return make_optimizer(&trainer->teaching->network, &schedule, memory, &trainer->teaching->optimizer, error);
}

/* After the optimizer moved exact weights. */
static void round_weights(struct minnow_trainer *trainer, uint64_t steps) {
    if (steps % STEPS_A_GRID == 0) minnow_weight_rounding_fit(trainer->rounding, trainer->team.threads);
    minnow_weight_rounding_lay(trainer->rounding, trainer->team.threads);
}

static enum minnow_status optimize(struct minnow_optimizer *optimizer, const struct minnow_team *team,
                                   struct minnow_error *error) {
    return minnow_optimizer_step(optimizer, team->gradients, team->worker_count, team->threads, error);
}

static enum minnow_status step_once(struct minnow_trainer *trainer, struct minnow_measured *measured, uint64_t *items,
                                    struct minnow_error *error) {
    struct minnow_teaching *teaching = trainer->teaching;
    trainer->step = minnow_optimizer_steps(trainer->optimizer);
    enum minnow_status status = minnow_tasks_step(trainer, measured, items, error);
    if (status) return status;
    if (!isfinite(minnow_total_loss(trainer, measured)))
        return minnow_fail(error, MINNOW_NOT_FINITE, "step %" PRIu64 ": the loss is not finite; a lower --rate helps",
                           trainer->step + 1);
    minnow_weight_rounding_lift(trainer->rounding);
    status = optimize(trainer->optimizer, &trainer->team, error);
    round_weights(trainer, minnow_optimizer_steps(trainer->optimizer));
    if (status || !minnow_teacher_learns(trainer)) return status;
    status = optimize(teaching->optimizer, &teaching->team, error);
    return status ? minnow_fail_within(error, status, "teacher") : MINNOW_OK;
}

static void rewind_parts(struct minnow_trainer *trainer) {
    for (size_t i = 0; i < trainer->task_count; i++) {
        trainer->tasks[i].epoch = trainer->tasks[i].next = 0;
        minnow_task_seek(&trainer->tasks[i]);
    }
}

/* Seconds of a step, from some that are taken back. */
static enum minnow_status time_steps(struct minnow_run *run, struct minnow_memory *memory, double *seconds,
                                     struct minnow_error *error) {
    struct minnow_trainer *trainer = run->trainer;
    struct minnow_measured measured;
    uint64_t items = 0;
    FILE *before = tmpfile();
    if (!before) return minnow_fail(error, MINNOW_IO, "a temporary file: %s", strerror(errno));
    round_weights(trainer, 0);
    enum minnow_status status = make_optimizers(trainer, 0, memory, error);
    if (!status) status = minnow_state_put_weights(trainer, before, error);
    double started = now();
    for (int i = 0; !status && i < TRIAL_STEPS; i++) {
        if (i == 2) started = now(); /* memory is there now */
        status = step_once(trainer, &measured, &items, error);
    }
    *seconds = (now() - started) / (TRIAL_STEPS - 2);
    rewind(before);
    if (!status) status = minnow_state_take_weights(trainer, before, error);
    fclose(before);
    rewind_parts(trainer);
    return status;
}

static enum minnow_status decide_total(struct minnow_run *run, struct minnow_error *error) {
    const struct minnow_distill_options *options = &run->trainer->options;
    uint64_t epochs = options->epochs ? options->epochs : 1;
    run->total_steps = options->steps ? options->steps : epochs * minnow_tasks_epoch(run->trainer);
    if (!options->minutes) return MINNOW_OK;
    struct minnow_memory *memory = minnow_memory_create();
    double seconds = 1;
    if (!memory) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the first steps");
    enum minnow_status status = time_steps(run, memory, &seconds, error);
    minnow_memory_free(memory);
    run->total_steps = (uint64_t)fmax(1, 60 * (double)options->minutes / fmax(seconds, 1e-6));
    return status;
}

/* ---- Evaluations ---- */

bool minnow_record_is_better(const struct minnow_record *record, const struct minnow_record *best) {
    if (!isnan(record->report.ndcg_at_10)) return record->report.ndcg_at_10 > best->report.ndcg_at_10;
    if (!isnan(record->report.held_out_loss)) return record->report.held_out_loss < best->report.held_out_loss;
    return true;
}

static enum minnow_status measure(struct minnow_run *run, struct minnow_record *record, struct minnow_error *error) {
    struct minnow_measured measured;
    enum minnow_status status = MINNOW_OK;
    run->trainer->step = 0;
    if (minnow_tasks_items(run->trainer, true)) {
        status = minnow_tasks_measure(run->trainer, &measured, error);
        if (status) return status;
        memcpy(record->held_out_losses, measured.losses, sizeof measured.losses);
        record->report.held_out_loss = minnow_total_loss(run->trainer, &measured);
        if (measured.has_cosine) record->report.cosine = measured.cosine;
    }
    if (run->evaluation) status = minnow_evaluation_measure(run->evaluation, &record->report.ndcg_at_10, error);
    return status;
}

static void take_window(struct minnow_run *run, struct minnow_record *record) {
    struct minnow_measured mean = {.cosine = 0};
    for (size_t i = 0; i < run->trainer->losses.count; i++)
        mean.losses[i] = run->window.losses[i] / (double)run->window.steps;
    memcpy(record->losses, mean.losses, sizeof mean.losses);
    record->report.loss = run->window.steps ? minnow_total_loss(run->trainer, &mean) : NAN;
    record->report.texts_per_second = (double)run->window.items / fmax(run->window.seconds, 1e-9);
    run->window = (struct minnow_window){.steps = 0};
}

static struct minnow_record *add_record(struct minnow_run *run) {
    if (run->record_count == run->record_room) {
        size_t room = run->record_room ? 2 * run->record_room : 64;
        struct minnow_record *records = realloc(run->records, room * sizeof *records);
        if (!records) return NULL;
        run->records = records;
        run->record_room = room;
    }
    struct minnow_record *record = &run->records[run->record_count++];
    memset(record, 0, sizeof *record); /* padding too: records are saved as they are */
    record->report.held_out_loss = record->report.cosine = record->report.ndcg_at_10 = NAN;
    return record;
}

static void fill_record(struct minnow_run *run, struct minnow_record *record) {
    const struct minnow_optimizer *optimizer = run->trainer->optimizer;
    take_window(run, record);
    record->report.step = run->step;
    record->report.steps = run->total_steps;
    record->report.rate = (double)minnow_optimizer_rate(optimizer);
    record->report.gradient_norm = minnow_optimizer_norm(optimizer);
}

static enum minnow_status judge(struct minnow_run *run, struct minnow_record *record, struct minnow_error *error) {
    if (run->step == 0) return MINNOW_OK; /* what a student begins as is only compared with */
    record->report.best = run->best == SIZE_MAX || minnow_record_is_better(record, &run->records[run->best]);
    run->misses = record->report.best ? 0 : run->misses + 1;
    if (!record->report.best) return MINNOW_OK;
    run->best = run->record_count - 1;
    return run->keep(run->keep_context, run, error);
}

/* The student is kept before the state says so: a run that ends in between does it once more. */
static enum minnow_status evaluate(struct minnow_run *run, struct minnow_error *error) {
    const struct minnow_distill_options *options = &run->trainer->options;
    double started = now();
    struct minnow_record *record = add_record(run);
    if (!record) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu evaluations", run->record_count);
    fill_record(run, record);
    enum minnow_status status = measure(run, record, error);
    record->report.seconds = run->seconds += now() - started;
    if (!status) status = judge(run, record, error);
    if (!status) status = minnow_metrics_write(run, error);
    if (!status) status = minnow_curve_write(run, error);
    if (!status && run->step) status = minnow_state_save(run, error);
    if (!status && options->report) options->report(options->context, &record->report);
    return status;
}

/* ---- Steps ---- */

static enum minnow_status take_step(struct minnow_run *run, struct minnow_error *error) {
    struct minnow_measured measured;
    uint64_t items = 0;
    double started = now();
    enum minnow_status status = step_once(run->trainer, &measured, &items, error);
    if (status) return status;
    double seconds = now() - started;
    for (size_t i = 0; i < run->trainer->losses.count; i++) run->window.losses[i] += measured.losses[i];
    run->window.seconds += seconds;
    run->window.items += items;
    run->window.steps++;
    run->seconds += seconds;
    run->training_seconds += seconds;
    run->items += items;
    run->step++;
    return MINNOW_OK;
}

static enum minnow_status train(struct minnow_run *run, bool *stopped, struct minnow_error *error) {
    const struct minnow_distill_options *options = &run->trainer->options;
    enum minnow_status status = run->record_count ? MINNOW_OK : evaluate(run, error);
    while (!status && run->step < run->total_steps && !(options->patience && run->misses >= options->patience)) {
        if (options->stop && options->stop(options->context)) {
            *stopped = true;
            return minnow_state_save(run, error);
        }
        status = take_step(run, error);
        if (status) break;
        if (options->progress) options->progress(options->context, "training", run->step, run->total_steps);
        if (run->step % options->evaluate_every == 0 || run->step == run->total_steps) status = evaluate(run, error);
    }
    return status;
}

/* ---- Beginning and end ---- */

static enum minnow_status prepare(struct minnow_run *run, struct minnow_error *error) {
    struct minnow_trainer *trainer = run->trainer;
    bool resumes = minnow_state_is_there(run);
    if (resumes && !trainer->options.resume)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "%.300s/state: a run was interrupted here; --resume goes on with it, and without the file "
                           "another begins",
                           run->folder);
    minnow_state_make_key(run);
    enum minnow_status status = resumes ? minnow_state_read_total(run, error) : decide_total(run, error);
    if (!status) status = make_optimizers(trainer, run->total_steps, trainer->memory, error);
    if (!status && resumes) status = minnow_state_load(run, error);
    if (!status && !resumes) minnow_weight_rounding_fit(trainer->rounding, trainer->team.threads);
    if (!status) minnow_weight_rounding_lay(trainer->rounding, trainer->team.threads);
    return status;
}

/* Beside the output: a slash at the end would put it inside, and it would go when the output is replaced. */
static bool name_folder(struct minnow_run *run) {
    const char *output = run->trainer->options.output;
    size_t size = strlen(output);
    while (size > 1 && output[size - 1] == '/') size--;
    return snprintf(run->folder, sizeof run->folder, "%.*s.run", (int)size, output) < (int)sizeof run->folder;
}

/* Two runs would take each other's state and students away. Where a file system has no locks, nobody is kept out. */
static enum minnow_status lock_folder(struct minnow_run *run, struct minnow_error *error) {
    if (mkdir(run->folder, 0777) != 0 && errno != EEXIST)
        return minnow_fail(error, MINNOW_IO, "%.300s: %s", run->folder, strerror(errno));
    run->lock = open(run->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->lock < 0) return minnow_fail(error, MINNOW_IO, "%.300s: %s", run->folder, strerror(errno));
    if (flock(run->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BUSY,
                       "%.300s: another process trains this student; wait for it, or name another output", run->folder);
}

enum minnow_status minnow_run_begin(struct minnow_run *run, struct minnow_error *error) {
    run->best = SIZE_MAX;
    run->lock = -1;
    if (!name_folder(run)) return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "output: the name is too long");
    return lock_folder(run, error);
}

enum minnow_status minnow_run_train(struct minnow_run *run, bool *stopped, struct minnow_error *error) {
    *stopped = false;
    enum minnow_status status = prepare(run, error);
    if (!status) status = train(run, stopped, error);
    if (!status && !*stopped) minnow_state_remove(run);
    return status;
}

void minnow_run_free(struct minnow_run *run) {
    if (run->lock >= 0) close(run->lock);
    free(run->records);
}
