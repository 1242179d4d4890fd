/* TK (arXiv 2002.01854; with Margin-MSE: 2010.02666) before training, as matchmaker makes it. */
#include "convert/checkpoint/tk_weights.h"

#include <math.h>

#include "convert/distill/student/parts.h"

enum { QUERY_TOKENS = 30, DOCUMENT_TOKENS = 200, DOCUMENT_POSITION = 500, KERNELS = 11 };

#define EPSILON 1e-5f /* of torch.nn.TransformerEncoderLayer */
#define SIGMA 0.1f
#define WEIGHT_SPREAD 0.014f

/* Sines, then cosines, of `rows` positions from `first` on; timescales from 1 to 10000. */
static bool make_positions(struct minnow_student *student, uint32_t first, uint32_t rows, struct minnow_table *table) {
    uint32_t width = student->spec.hidden, half = width / 2;
    float *values = minnow_student_floats(student, (size_t)rows * width);
    double step = half > 1 ? log(10000) / (half - 1) : 0;
    *table = (struct minnow_table){.rows = rows, .width = width, .data = values};
    for (uint32_t r = 0; values && r < rows; r++)
        for (uint32_t i = 0; i < half; i++) {
            double angle = (first + r) * exp(-step * i);
            values[(size_t)r * width + i] = (float)sin(angle);
            values[(size_t)r * width + half + i] = (float)cos(angle);
        }
    return values != NULL;
}

/* As long as the sines and cosines, whose squares have a mean of one half: words of a BERT are much shorter, and would
 * hardly be seen beside their positions. Pretrained word vectors, which TK is published with, are not. */
static bool lengthen(struct minnow_student *student, struct minnow_table *words) {
    size_t count = (size_t)words->rows * words->width;
    const float *from = words->data;
    float *values = minnow_student_floats(student, count);
    double squares = 0;
    if (!values) return false;
    for (size_t i = 0; i < count; i++) squares += (double)from[i] * from[i];
    float factor = squares > 0 ? (float)sqrt(0.5 * (double)count / squares) : 1;
    for (size_t i = 0; i < count; i++) values[i] = factor * from[i];
    words->data = values;
    return true;
}

static bool make_kernels(struct minnow_student *student, struct minnow_kernel_pooling *pooling) {
    float *mu = minnow_student_floats(student, KERNELS), *factor = minnow_student_floats(student, KERNELS);
    float *alpha = minnow_student_floats(student, KERNELS);
    *pooling = (struct minnow_kernel_pooling){.count = KERNELS, .mu = mu, .factor = factor, .alpha = alpha};
    pooling->weight = minnow_student_draw_uniform(student, KERNELS, WEIGHT_SPREAD);
    if (!mu || !factor || !alpha || !pooling->weight) return false;
    for (uint32_t k = 0; k < KERNELS; k++) {
        mu[k] = k == 0 ? 1 : (float)((11 - 2 * (double)k) / 10);
        factor[k] = -1 / (2 * SIGMA * SIGMA);
        alpha[k] = 1;
    }
    return true;
}

static enum minnow_status make_blocks(struct minnow_student *student, struct minnow_tk_parts *parts,
                                      struct minnow_error *error) {
    uint32_t count = student->spec.layers[0];
    enum minnow_status status = MINNOW_OK;
    parts->blocks = minnow_memory_take(student->reading.memory, count * sizeof *parts->blocks);
    if (!parts->blocks) return minnow_student_no_memory(student, error);
    for (; parts->block_count < count && !status; parts->block_count++)
        status = minnow_student_draw_block(student, MINNOW_RELU, EPSILON, &parts->blocks[parts->block_count], error);
    return status;
}

static enum minnow_status make_parts(struct minnow_student *student, const uint32_t lengths[2],
                                     struct minnow_tk_parts *parts, struct minnow_error *error) {
    uint32_t hidden = student->spec.hidden, narrowed = hidden < student->teacher.width ? hidden : 0;
    const float *directions;
    *parts = (struct minnow_tk_parts){.share = 0.5f};
    enum minnow_status status =
        minnow_student_make_words(student, narrowed, narrowed, &parts->words, &directions, error);
    if (!status) status = make_blocks(student, parts, error);
    if (status) return status;
    bool made = lengthen(student, &parts->words) &&
                make_positions(student, 0, lengths[MINNOW_QUERY], &parts->positions[MINNOW_QUERY]) &&
                make_positions(student, DOCUMENT_POSITION, lengths[MINNOW_DOCUMENT],
                               &parts->positions[MINNOW_DOCUMENT]) &&
                make_kernels(student, &parts->kernels);
    return made ? MINNOW_OK : minnow_student_no_memory(student, error);
}

/* Positions of documents follow those of queries in the one table. */
static enum minnow_status set_inputs(struct minnow_student *student, const uint32_t lengths[2],
                                     struct minnow_error *error) {
    struct minnow_reading *reading = &student->reading;
    enum minnow_status status = MINNOW_OK;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++)
        status = minnow_reading_set_bare_input(reading, role, 0, "", lengths[role], error);
    reading->contents->inputs[MINNOW_DOCUMENT].first_position = lengths[MINNOW_QUERY];
    return status;
}

static enum minnow_status add_joint_route(struct minnow_student *student, const struct minnow_kernel_pooling *kernels,
                                          struct minnow_error *error) {
    struct minnow_reading *reading = &student->reading;
    struct minnow_layer_list list = {.width = 1};
    struct minnow_layer *layer;
    enum minnow_status status = minnow_reading_add_layer(reading, &list, MINNOW_LAYER_KERNEL_POOLING, &layer, error);
    if (status) return status;
    layer->kernel_pooling = *kernels;
    return minnow_reading_add_route(reading, &list, 2 * reading->routes[0].max_tokens,
                                    &reading->contents->joint_route, error);
}

enum minnow_status minnow_student_make_tk(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_layer_list *list = &student->transformer.list;
    const struct minnow_tk_shape shape = {student->spec.heads, student->spec.layers[0], true};
    uint32_t said = student->spec.max_tokens, document = said ? said : DOCUMENT_TOKENS;
    const uint32_t lengths[2] = {document < QUERY_TOKENS ? document : QUERY_TOKENS, document};
    struct minnow_tk_parts parts;
    student->reading.contents->similarity = MINNOW_JOINT;
    enum minnow_status status = make_parts(student, lengths, &parts, error);
    if (!status) status = set_inputs(student, lengths, error);
    if (!status) status = minnow_tk_add_layers(&student->reading, &shape, &parts, lengths, list, error);
    if (!status) status = minnow_reading_share_route(&student->reading, list, error);
    return status ? status : add_joint_route(student, &parts.kernels, error);
}
