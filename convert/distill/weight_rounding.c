#include "convert/distill/weight_rounding.h"

#include <errno.h>
#include <string.h>

#include "convert/quantize/equalize.h"
#include "convert/quantize/rounding.h"
#include "convert/quantize/sequence.h"
#include "kernels/reference/reference.h"

enum { ROWS_AT_ONCE = 16 };

/* One matrix or table of the network. */
struct rounded {
    float *value; /* [rows][width], the network's */
    float *exact; /* the same, while rounded ones are in their place */
    size_t rows, width;
    uint32_t rotation;
    float *scale;   /* [rows] */
    uint8_t *steps; /* [rows][MINNOW_GROUPS(width)] */
};

struct minnow_weight_rounding {
    struct rounded *items;
    size_t count;
    size_t widest;
    float *ones; /* [widest] */
    float *room; /* [lanes][widest] */
    struct minnow_memory *memory;
};

/* ---- What is rounded ---- */

static bool add(struct minnow_weight_rounding *rounding, const void *weights, size_t rows, size_t width,
                uint32_t rotation) {
    struct minnow_memory *memory = rounding->memory;
    for (size_t i = 0; i < rounding->count; i++)
        if (rounding->items[i].value == weights) return true; /* two routes share it */
    struct rounded item = {.value = minnow_writable(weights),
                           .exact = minnow_memory_take(memory, rows * width * sizeof(float)),
                           .rows = rows,
                           .width = width,
                           .rotation = rotation,
                           .scale = minnow_memory_take(memory, rows * sizeof(float)),
                           .steps = minnow_memory_take(memory, rows * MINNOW_GROUPS(width))};
    if (!item.exact || !item.scale || !item.steps) return false;
    if (width > rounding->widest) rounding->widest = width;
    rounding->items[rounding->count++] = item;
    return true;
}

static bool add_linear(struct minnow_weight_rounding *rounding, const struct minnow_linear *linear) {
    return add(rounding, linear->weight, linear->outputs, linear->inputs, minnow_rotation_for(linear->inputs));
}

static bool add_layer(struct minnow_weight_rounding *rounding, const struct minnow_layer *layer, bool stays_8_bits) {
    if (layer->kind == MINNOW_LAYER_EMBEDDING) {
        const struct minnow_table *words = &layer->embedding.words;
        return words->rows == 0 || add(rounding, words->data, words->rows, words->width, 0);
    }
    if (layer->kind != MINNOW_LAYER_ENCODER_BLOCK || stays_8_bits) return true;
    const struct minnow_encoder_block *block = &layer->encoder_block;
    return add_linear(rounding, &block->query_key_value) && add_linear(rounding, &block->attention_output) &&
           add_linear(rounding, &block->ffn_up) && add_linear(rounding, &block->ffn_down);
}

static bool add_route(struct minnow_weight_rounding *rounding, const struct minnow_route *route) {
    uint32_t last = minnow_block_of_8_bits(route);
    for (uint32_t i = 0; i < route->layer_count; i++)
        if (!add_layer(rounding, &route->layers[i], last && i == last)) return false;
    return true;
}

static size_t most_items(const struct minnow_network *network) {
    size_t layers = 0;
    for (uint32_t r = 0; r < network->contents.route_count; r++) layers += network->shape.routes[r].layer_count;
    return 4 * layers;
}

static bool add_all(struct minnow_weight_rounding *rounding, const struct minnow_network *network, size_t lanes) {
    rounding->items = minnow_memory_take(rounding->memory, most_items(network) * sizeof *rounding->items);
    if (!rounding->items) return false;
    for (uint32_t r = 0; r < network->contents.route_count; r++)
        if (!minnow_shape_repeats(&network->shape, r) && !add_route(rounding, &network->shape.routes[r])) return false;
    rounding->ones = minnow_memory_take(rounding->memory, rounding->widest * sizeof *rounding->ones);
    rounding->room = minnow_memory_take(rounding->memory, lanes * rounding->widest * sizeof *rounding->room);
    for (size_t i = 0; rounding->ones && i < rounding->widest; i++) rounding->ones[i] = 1;
    return rounding->ones && rounding->room;
}

enum minnow_status minnow_weight_rounding_create(const struct minnow_network *network, size_t lanes,
                                                 struct minnow_memory *memory, struct minnow_weight_rounding **rounding,
                                                 struct minnow_error *error) {
    enum minnow_similarity similarity = network->contents.similarity;
    if (similarity == MINNOW_JOINT || similarity == MINNOW_MAXSIM)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "quantize: 4-bit weights are for models of one vector a text; this one loses nothing with "
                           "8 bits");
    *rounding = minnow_memory_take(memory, sizeof **rounding);
    if (*rounding) (*rounding)->memory = memory;
    if (*rounding && add_all(*rounding, network, lanes)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "rounded weights");
}

/* ---- Rows ---- */

/* Of one lane: its share of each item's rows. */
struct work {
    struct minnow_weight_rounding *rounding;
    struct minnow_threads *threads;
    void (*run)(const struct minnow_weight_rounding *rounding, struct rounded *item, size_t row, float *room);
};

/* A row as the converter rounds it. */
static void rotate(const struct rounded *item, const float *ones, const float *values, float *rotated) {
    const struct minnow_linear row = {.inputs = (uint32_t)item->width, .outputs = 1, .weight = values};
    minnow_rotate_weights(&row, ones, item->rotation, rotated);
}

static void fit_row(const struct minnow_weight_rounding *rounding, struct rounded *item, size_t row, float *room) {
    rotate(item, rounding->ones, item->value + row * item->width, room);
    item->scale[row] = minnow_best_steps(room, item->width, item->steps + row * MINNOW_GROUPS(item->width));
}

static void lay_row(const struct minnow_weight_rounding *rounding, struct rounded *item, size_t row, float *room) {
    float *value = item->value + row * item->width, scale = item->scale[row];
    const uint8_t *steps = item->steps + row * MINNOW_GROUPS(item->width);
    memcpy(item->exact + row * item->width, value, item->width * sizeof *value);
    rotate(item, rounding->ones, value, room);
    for (size_t i = 0; i < item->width; i++)
        room[i] = scale > 0 ? scale * minnow_round_to_step(room[i], scale, steps[i / MINNOW_GROUP]) : 0;
    /* the rotation is its own inverse, but for what minnow_rotate_weights divides by */
    minnow_rotate_rows_reference(room, item->width, rounding->ones, item->rotation, 1, item->width, value, item->width);
}

static void run_lane(void *context, size_t lane) {
    const struct work *work = context;
    float *room = work->rounding->room + lane * work->rounding->widest;
    for (size_t i = 0; i < work->rounding->count; i++) {
        struct rounded *item = &work->rounding->items[i];
        struct minnow_range mine = minnow_share(item->rows, ROWS_AT_ONCE, lane, minnow_threads_count(work->threads));
        for (size_t row = mine.first; row < mine.end; row++) work->run(work->rounding, item, row, room);
    }
}

void minnow_weight_rounding_fit(struct minnow_weight_rounding *rounding, struct minnow_threads *threads) {
    struct work work = {rounding, threads, fit_row};
    if (rounding) minnow_threads_run(threads, run_lane, &work);
}

void minnow_weight_rounding_lay(struct minnow_weight_rounding *rounding, struct minnow_threads *threads) {
    struct work work = {rounding, threads, lay_row};
    if (rounding) minnow_threads_run(threads, run_lane, &work);
}

void minnow_weight_rounding_lift(struct minnow_weight_rounding *rounding) {
    for (size_t i = 0; rounding && i < rounding->count; i++) {
        struct rounded *item = &rounding->items[i];
        memcpy(item->value, item->exact, item->rows * item->width * sizeof *item->value);
    }
}

/* ---- The grid in a state ---- */

enum minnow_status minnow_weight_rounding_save(const struct minnow_weight_rounding *rounding, FILE *file,
                                               struct minnow_error *error) {
    for (size_t i = 0; rounding && i < rounding->count; i++) {
        const struct rounded *item = &rounding->items[i];
        size_t groups = item->rows * MINNOW_GROUPS(item->width);
        if (fwrite(item->scale, sizeof *item->scale, item->rows, file) != item->rows ||
            fwrite(item->steps, 1, groups, file) != groups)
            return minnow_fail(error, MINNOW_IO, "%s", strerror(errno));
    }
    return MINNOW_OK;
}

enum minnow_status minnow_weight_rounding_load(struct minnow_weight_rounding *rounding, FILE *file,
                                               struct minnow_error *error) {
    for (size_t i = 0; rounding && i < rounding->count; i++) {
        struct rounded *item = &rounding->items[i];
        size_t groups = item->rows * MINNOW_GROUPS(item->width);
        if (fread(item->scale, sizeof *item->scale, item->rows, file) != item->rows ||
            fread(item->steps, 1, groups, file) != groups)
            return minnow_fail(error, MINNOW_IO, "the state ends early; remove it to begin anew");
    }
    return MINNOW_OK;
}
