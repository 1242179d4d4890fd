/* How fast a student trains: forward, loss and back of a batch of queries, and a step of AdamW.
 *
 * Usage: training LAYERS HIDDEN HEADS INTERMEDIATE VOCABULARY TEXTS TOKENS WORKERS STEPS
 * A bi-encoder of that shape with random weights (token, position and type embeddings, mean pooling, normalized),
 * random tokens, embedding matching to random unit vectors. Prints a line: the median over the steps of texts a second,
 * of milliseconds in forward, back and the optimizer, and of GFLOP/s counted over linear layers alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "convert/distill/random.h"
#include "convert/distill/team.h"

enum { ARGUMENTS = 9, MOST_LAYERS = 24, MOST_STEPS = 10000, POSITIONS = 512 };

struct shape {
    uint32_t layers, hidden, heads, intermediate, vocabulary, texts, tokens, workers, steps;
};

struct student {
    struct minnow_memory *memory;
    struct minnow_random random;
    struct minnow_layer layers[MOST_LAYERS + 3];
    struct minnow_route route;
    struct minnow_contents contents;
    struct minnow_network network;
    struct minnow_team team;
    struct minnow_optimizer *optimizer;
};

struct times {
    double forward_ms[MOST_STEPS], back_ms[MOST_STEPS], optimizer_ms[MOST_STEPS], step_ms[MOST_STEPS];
};

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int fail(const char *why) {
    fprintf(stderr, "training: %s\n", why);
    return 1;
}

/* ---- A student ---- */

static float *draw(struct student *student, size_t count, float middle, float spread) {
    float *numbers = minnow_memory_take(student->memory, count * sizeof *numbers);
    if (!numbers) exit(fail("out of memory"));
    for (size_t i = 0; i < count; i++)
        numbers[i] = middle + spread * (float)(2 * minnow_random_unit(&student->random) - 1);
    return numbers;
}

static struct minnow_linear draw_linear(struct student *student, uint32_t inputs, uint32_t outputs) {
    return (struct minnow_linear){.inputs = inputs,
                                  .outputs = outputs,
                                  .weight = draw(student, (size_t)inputs * outputs, 0, 0.05f),
                                  .bias = draw(student, outputs, 0, 0.01f)};
}

static struct minnow_layer_norm draw_norm(struct student *student, uint32_t width) {
    return (struct minnow_layer_norm){width, draw(student, width, 1, 0), draw(student, width, 0, 0), 1e-12f};
}

static struct minnow_table draw_table(struct student *student, uint32_t rows, uint32_t width) {
    return (struct minnow_table){.rows = rows, .width = width, .data = draw(student, (size_t)rows * width, 0, 0.05f)};
}

static void draw_block(struct student *student, const struct shape *shape, struct minnow_encoder_block *block) {
    *block = (struct minnow_encoder_block){.hidden = shape->hidden,
                                           .heads = shape->heads,
                                           .intermediate = shape->intermediate,
                                           .activation = MINNOW_GELU,
                                           .query_key_value = draw_linear(student, shape->hidden, 3 * shape->hidden),
                                           .attention_output = draw_linear(student, shape->hidden, shape->hidden),
                                           .ffn_up = draw_linear(student, shape->hidden, shape->intermediate),
                                           .ffn_down = draw_linear(student, shape->intermediate, shape->hidden),
                                           .attention_norm = draw_norm(student, shape->hidden),
                                           .output_norm = draw_norm(student, shape->hidden)};
}

static void draw_layers(struct student *student, const struct shape *shape) {
    struct minnow_layer *layer = student->layers;
    layer->kind = MINNOW_LAYER_EMBEDDING;
    layer->embedding = (struct minnow_embedding){
        draw_table(student, shape->vocabulary, shape->hidden), draw_table(student, POSITIONS, shape->hidden),
        draw_table(student, 2, shape->hidden), draw_norm(student, shape->hidden)};
    for (uint32_t i = 0; i < shape->layers; i++) {
        (++layer)->kind = MINNOW_LAYER_ENCODER_BLOCK;
        draw_block(student, shape, &layer->encoder_block);
    }
    (++layer)->kind = MINNOW_LAYER_POOL;
    layer->pool.pooling = MINNOW_POOL_MEAN;
    (++layer)->kind = MINNOW_LAYER_NORMALIZE;
    student->route = (struct minnow_route){student->layers, shape->layers + 3, POSITIONS, shape->hidden};
    student->contents = (struct minnow_contents){
        .routes = &student->route, .route_count = 1, .joint_route = MINNOW_NO_ROUTE, .similarity = MINNOW_COSINE};
}

static enum minnow_status make_student(struct student *student, const struct shape *shape, struct minnow_error *error) {
    struct minnow_optimizer_settings settings = minnow_optimizer_defaults();
    student->memory = minnow_memory_create();
    student->random = minnow_random_of(1, 0);
    draw_layers(student, shape);
    enum minnow_status status = minnow_network_create(&student->contents, student->memory, &student->network, error);
    if (status == MINNOW_OK)
        status = minnow_team_create(&student->network,
                                    &(struct minnow_team_settings){.workers = shape->workers, .learns = true},
                                    student->memory, &student->team, error);
    return status == MINNOW_OK
               ? minnow_optimizer_create(&student->network, &settings, student->memory, &student->optimizer, error)
               : status;
}

static struct minnow_batch draw_batch(struct student *student, const struct shape *shape) {
    size_t count = (size_t)shape->texts * shape->tokens;
    uint32_t *ids = minnow_memory_take(student->memory, 3 * count * sizeof *ids);
    struct minnow_span *spans = minnow_memory_take(student->memory, shape->texts * sizeof *spans);
    if (!ids || !spans) exit(fail("out of memory"));
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = (uint32_t)minnow_random_below(&student->random, shape->vocabulary);
        ids[count + i] = i % shape->tokens;
    }
    for (uint32_t i = 0; i < shape->texts; i++)
        spans[i] = (struct minnow_span){.first = i * shape->tokens, .count = shape->tokens, .seen = shape->tokens};
    return (struct minnow_batch){ids, ids + count, ids + 2 * count, spans, count, shape->texts};
}

/* ---- Steps ---- */

/* The square of the distance, as a mean over texts. */
static void draw_to(const struct minnow_vectors *vectors, const float *targets) {
    size_t count = vectors->text_count * vectors->width;
    for (size_t i = 0; i < count; i++)
        vectors->gradient[i] = 2 * (vectors->rows[i] - targets[i]) / (float)vectors->text_count;
}

static enum minnow_status take_step(struct student *student, struct minnow_batch batch, const float *targets,
                                    struct times *times, size_t step, struct minnow_error *error) {
    struct minnow_team *team = &student->team;
    double started = now_ms();
    minnow_team_begin(team);
    enum minnow_status status = minnow_team_encode(team, MINNOW_QUERY, batch, error);
    if (status != MINNOW_OK) return status;
    draw_to(&team->vectors[MINNOW_QUERY], targets);
    double forward = now_ms();
    status = minnow_team_back(team, error);
    double back = now_ms();
    if (status == MINNOW_OK)
        status = minnow_optimizer_step(student->optimizer, team->gradients, team->worker_count, team->threads, error);
    double end = now_ms();
    times->forward_ms[step] = forward - started;
    times->back_ms[step] = back - forward;
    times->optimizer_ms[step] = end - back;
    times->step_ms[step] = end - started;
    return status;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, size_t count) {
    qsort(times, count, sizeof *times, by_size);
    return times[count / 2];
}

/* Multiply-adds of linear layers, twice: one way forward, two back. */
static double flops(const struct shape *shape) {
    double block = 4.0 * shape->hidden * shape->hidden + 2.0 * shape->hidden * shape->intermediate;
    return 3 * 2 * block * shape->layers * shape->texts * shape->tokens;
}

static void report(const struct shape *shape, struct times *times) {
    double step_ms = median(times->step_ms, shape->steps);
    printf("%u workers: %.1f texts/s, forward %.1f ms, back %.1f ms, optimizer %.1f ms, %.1f GFLOP/s in all\n",
           shape->workers, 1e3 * shape->texts / step_ms, median(times->forward_ms, shape->steps),
           median(times->back_ms, shape->steps), median(times->optimizer_ms, shape->steps),
           flops(shape) / step_ms * 1e-6);
}

static bool read_shape(int argc, char **argv, struct shape *shape) {
    uint32_t *numbers[ARGUMENTS] = {&shape->layers,       &shape->hidden,     &shape->heads,
                                    &shape->intermediate, &shape->vocabulary, &shape->texts,
                                    &shape->tokens,       &shape->workers,    &shape->steps};
    if (argc != ARGUMENTS + 1) return false;
    for (int i = 0; i < ARGUMENTS; i++) *numbers[i] = (uint32_t)strtoul(argv[i + 1], NULL, 10);
    return shape->layers <= MOST_LAYERS && shape->steps && shape->steps <= MOST_STEPS && shape->tokens <= POSITIONS &&
           shape->heads && shape->hidden % shape->heads == 0 && shape->vocabulary && shape->texts && shape->tokens;
}

int main(int argc, char **argv) {
    static struct student student;
    static struct times times;
    struct minnow_error error = {0};
    struct shape shape;
    if (!read_shape(argc, argv, &shape))
        return fail("usage: training LAYERS HIDDEN HEADS INTERMEDIATE VOCABULARY TEXTS TOKENS WORKERS STEPS");
    if (make_student(&student, &shape, &error) != MINNOW_OK) return fail(error.message);
    struct minnow_batch batch = draw_batch(&student, &shape);
    const float *targets = draw(&student, (size_t)shape.texts * shape.hidden, 0, 1 / sqrtf((float)shape.hidden));
    for (size_t step = 0; step < shape.steps; step++)
        if (take_step(&student, batch, targets, &times, step, &error) != MINNOW_OK) return fail(error.message);
    report(&shape, &times);
    minnow_team_free(&student.team);
    minnow_memory_free(student.memory);
    return 0;
}
