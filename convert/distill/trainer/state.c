#include "convert/distill/trainer/state.h"

#include "convert/distill/data/buckets.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"
#include "convert/output_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char magic[8] = "MNWRUN2";

struct position {
    uint64_t epoch, next;
};

/* Numbers as this machine has them. Behind it: the records, and weights as minnow_state_put_weights has them. */
struct header {
    char magic[8];
    uint8_t key[SHA256_DIGEST_LENGTH];
    uint64_t step, total_steps, items, record_count, best, misses;
    double seconds, training_seconds;
    struct minnow_window window;
    struct position positions[MINNOW_TASK_KINDS];
};

/* ---- What a run depends on ---- */

static void add_text(SHA2_CTX *context, const char *text) {
    SHA256Update(context, (const uint8_t *)(text ? text : ""), (text ? strlen(text) : 0) + 1);
}

static void add_numbers(SHA2_CTX *context, const struct minnow_run *run) {
    const struct minnow_distill_options *options = &run->trainer->options;
    char text[600];
    snprintf(text, sizeof text,
             "%" PRIu64 " %" PRIu64 " %" PRIu64 " %u %.17g %" PRIu64 " %" PRIu64 " %zu %" PRIu64
             " %u %.17g %u %u %.17g %.17g %.17g %.17g %u %d %d",
             options->steps, options->epochs, options->minutes, options->batch, options->rate, options->warm_up,
             options->seed, run->trainer->team.worker_count, options->evaluate_every, options->patience,
             options->held_out, options->negatives, options->crops, options->temperature, options->soft_temperature,
             options->alpha, options->teacher_rate, options->layer_pairs, run->trainer->trains[0],
             run->trainer->trains[1]);
    add_text(context, text);
    add_text(context, options->losses);
    add_text(context, options->evaluate);
    add_text(context, options->quantize);
}

static void add_teacher(SHA2_CTX *context, const struct minnow_model *model) {
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    SHA256Update(context, info.space, sizeof info.space);
    add_text(context, info.quantization);
}

static void add_data(SHA2_CTX *context, const struct minnow_trainer *trainer) {
    for (int role = 0; role < 2; role++) {
        const struct minnow_text_set *set = trainer->pool.sets[role];
        SHA256Update(context, (const uint8_t *)set->ends, set->count * sizeof *set->ends);
        SHA256Update(context, (const uint8_t *)set->bytes, set->used);
    }
    const struct minnow_training_pairs *pairs = &trainer->data->texts;
    SHA256Update(context, (const uint8_t *)pairs->items, pairs->count * sizeof *pairs->items);
    SHA256Update(context, (const uint8_t *)trainer->triples, trainer->triple_count * sizeof *trainer->triples);
    if (trainer->teacher.contents) add_teacher(context, trainer->teacher.model);
    for (size_t i = 0; i < trainer->network.parameter_count; i++) {
        const struct minnow_parameter *parameter = &trainer->network.parameters[i];
        SHA256Update(context, (const uint8_t *)parameter->value, parameter->count * sizeof(float));
    }
}

void minnow_state_make_key(struct minnow_run *run) {
    SHA2_CTX context;
    SHA256Init(&context);
    add_numbers(&context, run);
    add_data(&context, run->trainer);
    SHA256Final(run->key, &context);
}

/* ---- The file ---- */

static void path_of(const struct minnow_run *run, char path[sizeof run->folder + 32]) {
    snprintf(path, sizeof run->folder + 32, "%s/state", run->folder);
}

bool minnow_state_is_there(const struct minnow_run *run) {
    char path[sizeof run->folder + 32];
    path_of(run, path);
    return access(path, F_OK) == 0;
}

void minnow_state_remove(const struct minnow_run *run) {
    char path[sizeof run->folder + 32];
    path_of(run, path);
    unlink(path);
}

static struct header header_of(const struct minnow_run *run) {
    struct header header = {.step = run->step,
                            .total_steps = run->total_steps,
                            .items = run->items,
                            .record_count = run->record_count,
                            .best = run->best,
                            .misses = run->misses,
                            .seconds = run->seconds,
                            .training_seconds = run->training_seconds,
                            .window = run->window};
    memcpy(header.magic, magic, sizeof magic);
    memcpy(header.key, run->key, sizeof header.key);
    for (size_t i = 0; i < run->trainer->task_count; i++)
        header.positions[i] = (struct position){run->trainer->tasks[i].epoch, run->trainer->tasks[i].next};
    return header;
}

enum minnow_status minnow_state_put_weights(const struct minnow_trainer *trainer, FILE *file,
                                            struct minnow_error *error) {
    minnow_weight_rounding_lift(trainer->rounding);
    enum minnow_status status = minnow_optimizer_save(trainer->optimizer, file, error);
    if (!status) status = minnow_weight_rounding_save(trainer->rounding, file, error);
    minnow_weight_rounding_lay(trainer->rounding, trainer->team.threads);
    if (status || !minnow_teacher_learns(trainer)) return status;
    return minnow_optimizer_save(trainer->teaching->optimizer, file, error);
}

enum minnow_status minnow_state_take_weights(const struct minnow_trainer *trainer, FILE *file,
                                             struct minnow_error *error) {
    enum minnow_status status = minnow_optimizer_load(trainer->optimizer, file, error);
    if (!status) status = minnow_weight_rounding_load(trainer->rounding, file, error);
    if (status || !minnow_teacher_learns(trainer)) return status;
    return minnow_optimizer_load(trainer->teaching->optimizer, file, error);
}

enum minnow_status minnow_state_save(const struct minnow_run *run, struct minnow_error *error) {
    char path[sizeof run->folder + 32];
    struct minnow_output_file *file;
    struct header header = header_of(run);
    path_of(run, path);
    enum minnow_status status = minnow_output_file_open(path, &file, error);
    if (status) return status;
    status = minnow_output_file_write(file, &header, sizeof header, error);
    if (!status) status = minnow_output_file_write(file, run->records, run->record_count * sizeof *run->records, error);
    if (!status) status = minnow_state_put_weights(run->trainer, minnow_output_file_stream(file), error);
    if (!status) return minnow_output_file_commit(file, error);
    minnow_output_file_abandon(file);
    return minnow_fail_within(error, status, "%.300s", path);
}

static enum minnow_status open_state(const struct minnow_run *run, FILE **file, struct header *header,
                                     struct minnow_error *error) {
    char path[sizeof run->folder + 32];
    path_of(run, path);
    *file = fopen(path, "rb");
    if (!*file) return minnow_fail(error, MINNOW_IO, "%.300s: %s", path, strerror(errno));
    bool whole = fread(header, sizeof *header, 1, *file) == 1 && memcmp(header->magic, magic, sizeof magic) == 0;
    if (whole && memcmp(header->key, run->key, sizeof run->key) == 0) return MINNOW_OK;
    fclose(*file);
    if (!whole)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%.300s: is no state of this version of Minnow", path);
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "%.300s: is of a run with other options, data or models; repeat those to go on with it, or "
                       "remove the file to begin anew",
                       path);
}

enum minnow_status minnow_state_read_total(struct minnow_run *run, struct minnow_error *error) {
    struct header header;
    FILE *file;
    enum minnow_status status = open_state(run, &file, &header, error);
    if (status) return status;
    fclose(file);
    run->total_steps = header.total_steps;
    return MINNOW_OK;
}

/* Numbers that are places in what the run holds. */
static bool is_possible(const struct minnow_run *run, const struct header *header) {
    bool possible = header->step <= header->total_steps &&
                    (header->best == SIZE_MAX || header->best < header->record_count) && header->misses <= UINT32_MAX;
    for (size_t i = 0; i < run->trainer->task_count; i++)
        possible &= header->positions[i].next < minnow_buckets_count(run->trainer->tasks[i].train);
    return possible;
}

static void take_header(struct minnow_run *run, const struct header *header) {
    run->step = header->step;
    run->items = header->items;
    run->best = (size_t)header->best;
    run->misses = (uint32_t)header->misses;
    run->seconds = header->seconds;
    run->training_seconds = header->training_seconds;
    run->window = header->window;
    for (size_t i = 0; i < run->trainer->task_count; i++) {
        run->trainer->tasks[i].epoch = header->positions[i].epoch;
        run->trainer->tasks[i].next = (uint32_t)header->positions[i].next;
        minnow_task_seek(&run->trainer->tasks[i]);
    }
}

static enum minnow_status read_records(struct minnow_run *run, uint64_t count, FILE *file, struct minnow_error *error) {
    if (count > SIZE_MAX / sizeof *run->records - 1 ||
        !(run->records = calloc((size_t)count + 1, sizeof *run->records)))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%" PRIu64 " evaluations", count);
    run->record_room = (size_t)count + 1;
    run->record_count = (size_t)count;
    if (fread(run->records, sizeof *run->records, run->record_count, file) == run->record_count) return MINNOW_OK;
    return minnow_fail(error, MINNOW_IO, "%.300s/state: ends early; remove it to begin anew", run->folder);
}

enum minnow_status minnow_state_load(struct minnow_run *run, struct minnow_error *error) {
    struct header header;
    FILE *file;
    enum minnow_status status = open_state(run, &file, &header, error);
    if (status) return status;
    if (!is_possible(run, &header))
        status = minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%.300s/state: is damaged; remove it to begin anew",
                             run->folder);
    if (!status) status = read_records(run, header.record_count, file, error);
    if (!status) status = minnow_state_take_weights(run->trainer, file, error);
    if (!status) take_header(run, &header);
    fclose(file);
    return status;
}
