/* One step of AdamW. Sums of gradients, their norm and the weights do not depend on how threads divide the work: each
 * piece, and each row of a table, is summed and updated by one of them, and its square goes to a place of its own. */
#include <math.h>
#include <string.h>

#include "convert/distill/optimizer_parts.h"

/* What all threads of a step share. */
struct step {
    struct minnow_optimizer *optimizer;
    struct minnow_gradients *workers;
    size_t worker_count;
    struct minnow_threads *threads;
    float shorten; /* what gradients are multiplied by */
};

static bool is_frozen(const struct minnow_optimizer *optimizer, size_t parameter) {
    return optimizer->moments[parameter].factor == 0;
}

/* ---- Sums of the workers' gradients, in the first one's ---- */

static double sum_squares(const float *values, size_t count) {
    double lanes[4] = {0};
    for (size_t i = 0; i < count; i++) lanes[i % 4] += (double)values[i] * (double)values[i];
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

/* Adds to `sum` and leaves zeros. */
static void move(float *from, size_t count, float *sum) {
    for (size_t i = 0; i < count; i++) sum[i] += from[i];
    memset(from, 0, count * sizeof *from);
}

static void sum_piece(const struct step *step, size_t index) {
    struct minnow_optimizer *optimizer = step->optimizer;
    struct minnow_piece piece = optimizer->pieces[index];
    float *sum = step->workers[0].values[piece.parameter] + piece.first;
    for (size_t w = 1; w < step->worker_count; w++)
        move(step->workers[w].values[piece.parameter] + piece.first, piece.count, sum);
    if (is_frozen(optimizer, piece.parameter)) memset(sum, 0, piece.count * sizeof *sum);
    optimizer->piece_squares[index] = sum_squares(sum, piece.count);
}

/* Row number `index` of those that any worker touched. */
static void sum_row(const struct step *step, size_t parameter, size_t index) {
    struct minnow_optimizer *optimizer = step->optimizer;
    size_t width = optimizer->network->parameters[parameter].row_width;
    uint32_t row = step->workers[0].touched[parameter].rows[index];
    float *sum = step->workers[0].values[parameter] + row * width;
    for (size_t w = 1; w < step->worker_count; w++) {
        struct minnow_touched *touched = &step->workers[w].touched[parameter];
        if (touched->marks[row]) move(step->workers[w].values[parameter] + row * width, width, sum);
        touched->marks[row] = 0;
    }
    if (is_frozen(optimizer, parameter)) memset(sum, 0, width * sizeof *sum);
    optimizer->row_squares[parameter][index] = sum_squares(sum, width);
}

/* The first worker's list becomes that of all. */
static void join_rows(struct minnow_gradients *workers, size_t worker_count, size_t parameter) {
    for (size_t w = 1; w < worker_count; w++) {
        struct minnow_touched *touched = &workers[w].touched[parameter];
        for (size_t i = 0; i < touched->count; i++) minnow_touch(&workers[0].touched[parameter], touched->rows[i]);
        touched->count = 0;
    }
}

static double parameter_squares(const struct step *step, size_t parameter) {
    double sum = 0;
    for (size_t i = 0; i < step->workers[0].touched[parameter].count; i++)
        sum += step->optimizer->row_squares[parameter][i];
    return sum;
}

static double all_squares(const struct step *step) {
    const struct minnow_optimizer *optimizer = step->optimizer;
    double sum = 0;
    for (size_t i = 0; i < optimizer->piece_count; i++) sum += optimizer->piece_squares[i];
    for (size_t i = 0; i < optimizer->network->parameter_count; i++) sum += parameter_squares(step, i);
    return sum;
}

/* ---- The update ---- */

/* Of numbers that have been updated `clock` times with this one. */
struct update {
    float mean_decay, square_decay, shorten;
    float rate;          /* divided by the mean's correction */
    float inverse;       /* of the square root of the square's correction */
    float epsilon, kept; /* what weight decay leaves */
};

static struct update update_of(const struct step *step, size_t parameter, uint64_t clock) {
    const struct minnow_optimizer *optimizer = step->optimizer;
    const struct minnow_optimizer_settings *settings = &optimizer->settings;
    double rate = (double)optimizer->rate * (double)optimizer->moments[parameter].factor;
    double decay = optimizer->network->parameters[parameter].decays ? (double)settings->weight_decay : 0;
    return (struct update){.mean_decay = settings->mean_decay,
                           .square_decay = settings->square_decay,
                           .shorten = step->shorten,
                           .rate = (float)(rate / (1 - pow((double)settings->mean_decay, (double)clock))),
                           .inverse = (float)(1 / sqrt(1 - pow((double)settings->square_decay, (double)clock))),
                           .epsilon = settings->epsilon,
                           .kept = (float)(1 - rate * decay)};
}

/* The gradient is 0 then. */
static void update(const struct update *update, size_t count, float *restrict value, float *restrict gradient,
                   float *restrict mean, float *restrict square) {
    float mean_rest = 1 - update->mean_decay, square_rest = 1 - update->square_decay;
    for (size_t i = 0; i < count; i++) {
        float g = update->shorten * gradient[i];
        mean[i] = update->mean_decay * mean[i] + mean_rest * g;
        square[i] = update->square_decay * square[i] + square_rest * g * g;
        value[i] =
            update->kept * value[i] - update->rate * mean[i] / (sqrtf(square[i]) * update->inverse + update->epsilon);
        gradient[i] = 0;
    }
}

static void update_part(const struct step *step, const struct update *how, size_t parameter, size_t first,
                        size_t count) {
    const struct minnow_moments *moments = &step->optimizer->moments[parameter];
    if (is_frozen(step->optimizer, parameter)) return;
    update(how, count, step->optimizer->network->parameters[parameter].value + first,
           step->workers[0].values[parameter] + first, moments->mean + first, moments->square + first);
}

static void update_piece(const struct step *step, size_t index) {
    struct minnow_piece piece = step->optimizer->pieces[index];
    struct update how = update_of(step, piece.parameter, step->optimizer->steps);
    update_part(step, &how, piece.parameter, piece.first, piece.count);
}

static void update_row(const struct step *step, size_t parameter, size_t index) {
    size_t width = step->optimizer->network->parameters[parameter].row_width;
    uint32_t row = step->workers[0].touched[parameter].rows[index];
    struct update how = update_of(step, parameter, ++step->optimizer->moments[parameter].clocks[row]);
    step->workers[0].touched[parameter].marks[row] = 0;
    update_part(step, &how, parameter, row * width, width);
}

/* ---- The step ---- */

static void for_my_rows(const struct step *step, size_t lane,
                        void (*run)(const struct step *step, size_t parameter, size_t index)) {
    for (size_t i = 0; i < step->optimizer->network->parameter_count; i++) {
        struct minnow_range mine =
            minnow_share(step->workers[0].touched[i].count, 1, lane, minnow_threads_count(step->threads));
        for (size_t r = mine.first; r < mine.end; r++) run(step, i, r);
    }
}

static void sum_mine(void *context, size_t lane) {
    const struct step *step = context;
    struct minnow_range mine = minnow_share(step->optimizer->piece_count, 1, lane, minnow_threads_count(step->threads));
    for (size_t i = mine.first; i < mine.end; i++) sum_piece(step, i);
    for_my_rows(step, lane, sum_row);
}

static void update_mine(void *context, size_t lane) {
    const struct step *step = context;
    struct minnow_range mine = minnow_share(step->optimizer->piece_count, 1, lane, minnow_threads_count(step->threads));
    for (size_t i = mine.first; i < mine.end; i++) update_piece(step, i);
    for_my_rows(step, lane, update_row);
}

static size_t first_not_finite(const struct step *step) {
    const struct minnow_optimizer *optimizer = step->optimizer;
    for (size_t i = 0; i < optimizer->piece_count; i++)
        if (!isfinite(optimizer->piece_squares[i])) return optimizer->pieces[i].parameter;
    for (size_t i = 0; i < optimizer->network->parameter_count; i++)
        if (!isfinite(parameter_squares(step, i))) return i;
    return 0;
}

/* A step that fails leaves no gradients for a later one to trip over. */
static void drop_all(const struct step *step) {
    const struct minnow_network *network = step->optimizer->network;
    for (size_t i = 0; i < network->parameter_count; i++) {
        struct minnow_touched *touched = &step->workers[0].touched[i];
        memset(step->workers[0].values[i], 0, network->parameters[i].count * sizeof(float));
        for (size_t r = 0; r < touched->count; r++) touched->marks[touched->rows[r]] = 0;
        touched->count = 0;
    }
}

static enum minnow_status fail(const struct step *step, struct minnow_error *error) {
    const char *name = step->optimizer->network->parameters[first_not_finite(step)].name;
    drop_all(step);
    return minnow_fail(
        error, MINNOW_NOT_FINITE,
        "step %llu: the gradient of %s is NaN or infinite; go on from the last state with a lower learning "
        "rate, a longer warm-up, or without the texts of this batch",
        (unsigned long long)step->optimizer->steps + 1, name);
}

enum minnow_status minnow_optimizer_step(struct minnow_optimizer *optimizer, struct minnow_gradients *workers,
                                         size_t worker_count, struct minnow_threads *threads,
                                         struct minnow_error *error) {
    struct step step = {optimizer, workers, worker_count, threads, 1};
    float largest = optimizer->settings.largest_norm;
    for (size_t i = 0; i < optimizer->network->parameter_count; i++) join_rows(workers, worker_count, i);
    minnow_threads_run(threads, sum_mine, &step);
    double norm = sqrt(all_squares(&step));
    if (!isfinite(norm)) return fail(&step, error);
    optimizer->norm = norm;
    if (largest > 0 && norm > (double)largest) step.shorten = (float)((double)largest / norm);
    optimizer->steps++;
    optimizer->rate = minnow_rate_at(&optimizer->settings.schedule, optimizer->steps);
    minnow_threads_run(threads, update_mine, &step);
    for (size_t i = 0; i < optimizer->network->parameter_count; i++) workers[0].touched[i].count = 0;
    return MINNOW_OK;
}
