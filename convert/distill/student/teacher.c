#include "convert/blas.h"
#include "convert/distill/student/parts.h"

#include <string.h>

static enum minnow_status check_words(const struct minnow_layer *first, struct minnow_error *error) {
    if (first->kind == MINNOW_LAYER_EMBEDDING && first->embedding.words.type == MINNOW_WEIGHT_F32) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "teacher: its first layer is no embedding of f32 words, expected a checkpoint, or a model file "
                       "that was converted with f32 weights");
}

static const struct minnow_route *find_route(const struct minnow_contents *contents) {
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_QUERY);
    return route ? route : minnow_joint_route(contents);
}

/* ---- Words that are a product of two factors ------------------------------------------------ */

/* Embedding of words alone, dense, positions, norm: what a student with rank=N has. */
enum { FACTORED_LAYERS = 4 };

static bool is_factored(const struct minnow_route *route) {
    const struct minnow_layer *layers = route->layers;
    return route->layer_count > FACTORED_LAYERS && layers[0].embedding.positions.rows == 0 &&
           layers[0].embedding.types.rows == 0 && layers[0].embedding.norm.width == 0 &&
           layers[1].kind == MINNOW_LAYER_DENSE && layers[1].dense.activation == MINNOW_IDENTITY &&
           layers[1].dense.linear.type == MINNOW_WEIGHT_F32 && layers[2].kind == MINNOW_LAYER_POSITIONS &&
           layers[3].kind == MINNOW_LAYER_NORM;
}

static float *multiply_out(const struct minnow_table *words, const struct minnow_linear *linear,
                           struct minnow_memory *memory) {
    size_t width = linear->outputs;
    float *rows = minnow_memory_take(memory, words->rows * width * sizeof *rows);
    for (size_t r = 0; rows && linear->bias && r < words->rows; r++)
        memcpy(rows + r * width, linear->bias, width * sizeof *rows);
    if (rows)
        minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)words->rows, (int)width, (int)words->width,
                             1, words->data, (int)words->width, linear->weight, (int)words->width, 1, rows, (int)width);
    return rows;
}

static bool make_whole(const struct minnow_route *route, struct minnow_memory *memory, struct minnow_teacher *teacher) {
    const struct minnow_linear *linear = &route->layers[1].dense.linear;
    const struct minnow_table *words = &route->layers[0].embedding.words;
    const float *rows = multiply_out(words, linear, memory);
    teacher->whole = (struct minnow_embedding){.words = {.rows = words->rows, .width = linear->outputs, .data = rows},
                                               .positions = route->layers[2].positions.table,
                                               .norm = route->layers[3].norm};
    teacher->embedding = &teacher->whole;
    teacher->blocks = route->layers + FACTORED_LAYERS;
    return rows;
}

/* ---- The parts of a teacher ------------------------------------------------------------------ */

enum minnow_status minnow_teacher_open(const struct minnow_contents *contents, struct minnow_memory *memory,
                                       struct minnow_teacher *teacher, struct minnow_error *error) {
    const struct minnow_route *route = find_route(contents);
    *teacher = (struct minnow_teacher){.contents = contents,
                                       .tokenizer = minnow_tokenizer_of(contents, MINNOW_QUERY),
                                       .embedding = &route->layers[0].embedding,
                                       .blocks = route->layers + 1,
                                       .dimensions = route->dimensions,
                                       .pairs = contents->similarity == MINNOW_JOINT};
    enum minnow_status status = check_words(&route->layers[0], error);
    if (status) return status;
    if (is_factored(route) && !make_whole(route, memory, teacher))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the teacher's words");
    teacher->width = teacher->embedding->words.width;
    uint32_t first = (uint32_t)(teacher->blocks - route->layers), end = first;
    while (end < route->layer_count && route->layers[end].kind == MINNOW_LAYER_ENCODER_BLOCK) end++;
    teacher->block_count = end - first;
    teacher->head = route->layers + end;
    teacher->head_count = route->layer_count - end;
    return MINNOW_OK;
}
