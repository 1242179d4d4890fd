/* AdamW: what it keeps. The step itself is optimizer_step.c's. */
#include "convert/distill/optimizer.h"

#include <fnmatch.h>

#include "convert/distill/optimizer_parts.h"

enum { PIECE = 16384 };

static const struct minnow_rate_factor words_twice = {"*.words", 2};

struct minnow_optimizer_settings minnow_optimizer_defaults(void) {
    return (struct minnow_optimizer_settings){.schedule = {.rate = 2e-4f},
                                              .mean_decay = 0.9f,
                                              .square_decay = 0.999f,
                                              .epsilon = 1e-8f,
                                              .weight_decay = 0.01f,
                                              .largest_norm = 1,
                                              .factors = &words_twice,
                                              .factor_count = 1};
}

static float factor_of(const struct minnow_optimizer_settings *settings, const char *name) {
    float factor = 1;
    for (size_t i = 0; i < settings->factor_count; i++)
        if (fnmatch(settings->factors[i].pattern, name, 0) == 0) factor = settings->factors[i].factor;
    return factor;
}

static bool take_moments(struct minnow_optimizer *optimizer, size_t index, struct minnow_memory *memory) {
    const struct minnow_parameter *parameter = &optimizer->network->parameters[index];
    struct minnow_moments *moments = &optimizer->moments[index];
    moments->factor = factor_of(&optimizer->settings, parameter->name);
    moments->mean = minnow_memory_take(memory, parameter->count * sizeof(float));
    moments->square = minnow_memory_take(memory, parameter->count * sizeof(float));
    if (!moments->mean || !moments->square) return false;
    if (!parameter->row_width) return true;
    size_t rows = parameter->count / parameter->row_width;
    moments->clocks = minnow_memory_take(memory, rows * sizeof *moments->clocks);
    optimizer->row_squares[index] = minnow_memory_take(memory, rows * sizeof **optimizer->row_squares);
    return moments->clocks && optimizer->row_squares[index];
}

static size_t pieces_of(const struct minnow_parameter *parameter) {
    return parameter->row_width ? 0 : (parameter->count + PIECE - 1) / PIECE;
}

static void cut_pieces(struct minnow_optimizer *optimizer) {
    for (size_t i = 0; i < optimizer->network->parameter_count; i++)
        for (size_t p = 0; p < pieces_of(&optimizer->network->parameters[i]); p++) {
            size_t left = optimizer->network->parameters[i].count - p * PIECE;
            optimizer->pieces[optimizer->piece_count++] =
                (struct minnow_piece){i, p * PIECE, left < PIECE ? left : PIECE};
        }
}

/* The settings keep their factors only until every parameter has its own. */
static bool fill(struct minnow_optimizer *optimizer, struct minnow_memory *memory) {
    size_t parameters = optimizer->network->parameter_count, pieces = 0;
    for (size_t i = 0; i < parameters; i++) pieces += pieces_of(&optimizer->network->parameters[i]);
    optimizer->moments = minnow_memory_take(memory, parameters * sizeof *optimizer->moments);
    optimizer->row_squares = minnow_memory_take(memory, parameters * sizeof *optimizer->row_squares);
    optimizer->pieces = minnow_memory_take(memory, pieces * sizeof *optimizer->pieces);
    optimizer->piece_squares = minnow_memory_take(memory, pieces * sizeof *optimizer->piece_squares);
    if (!optimizer->moments || !optimizer->row_squares || !optimizer->pieces || !optimizer->piece_squares) return false;
    for (size_t i = 0; i < parameters; i++)
        if (!take_moments(optimizer, i, memory)) return false;
    cut_pieces(optimizer);
    optimizer->settings.factors = NULL;
    optimizer->settings.factor_count = 0;
    return true;
}

enum minnow_status minnow_optimizer_create(const struct minnow_network *network,
                                           const struct minnow_optimizer_settings *settings,
                                           struct minnow_memory *memory, struct minnow_optimizer **out,
                                           struct minnow_error *error) {
    struct minnow_optimizer *optimizer = minnow_memory_take(memory, sizeof *optimizer);
    if (!optimizer) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "optimizer");
    optimizer->network = network;
    optimizer->settings = *settings;
    if (!fill(optimizer, memory)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "optimizer");
    *out = optimizer;
    return MINNOW_OK;
}

uint64_t minnow_optimizer_steps(const struct minnow_optimizer *optimizer) { return optimizer->steps; }
double minnow_optimizer_norm(const struct minnow_optimizer *optimizer) { return optimizer->norm; }
float minnow_optimizer_rate(const struct minnow_optimizer *optimizer) { return optimizer->rate; }
