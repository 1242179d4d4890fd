/* What follows blocks or words. New linear layers begin as PyTorch's: uniform, up to 1 / sqrt(inputs). */
#include <math.h>

#include "convert/distill/student/parts.h"

/* Windows of a CNN. One of two tokens would part rows and tokens; it is one of three here. */
static const uint32_t taps[] = {1, 3, 3, 5};
enum { BRANCHES = sizeof taps / sizeof *taps };

static enum minnow_status add(struct minnow_student *student, enum minnow_layer_kind kind, struct minnow_layer **layer,
                              struct minnow_error *error) {
    return minnow_reading_add_layer(&student->reading, &student->transformer.list, kind, layer, error);
}

enum minnow_status minnow_student_add_pool(struct minnow_student *student, enum minnow_pooling pooling,
                                           struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status = add(student, MINNOW_LAYER_POOL, &layer, error);
    if (!status) layer->pool.pooling = pooling;
    return status;
}

/* ---- Dense ----------------------------------------------------------------------------------- */

static float *make_identity(struct minnow_student *student, uint32_t width) {
    float *weight = minnow_student_floats(student, (size_t)width * width);
    for (size_t i = 0; weight && i < width; i++) weight[i * width + i] = 1;
    return weight;
}

/* Behind the teacher's blocks, one that is as wide as they are begins by changing nothing. */
enum minnow_status minnow_student_add_dense(struct minnow_student *student, uint32_t outputs, bool bias,
                                            enum minnow_activation activation, struct minnow_error *error) {
    struct minnow_layer_list *list = &student->transformer.list;
    struct minnow_layer *layer;
    uint32_t inputs = list->width;
    bool same = student->spec.takes_blocks && inputs == outputs && activation == MINNOW_IDENTITY;
    float spread = 1 / sqrtf((float)inputs);
    enum minnow_status status = add(student, MINNOW_LAYER_DENSE, &layer, error);
    if (status) return status;
    struct minnow_linear *linear = &layer->dense.linear;
    layer->dense.activation = activation;
    *linear = (struct minnow_linear){.inputs = inputs, .outputs = outputs};
    linear->weight = same ? make_identity(student, outputs)
                          : minnow_student_draw_uniform(student, (size_t)inputs * outputs, spread);
    if (bias) linear->bias = minnow_student_draw_uniform(student, outputs, same ? 0 : spread);
    list->width = outputs;
    return linear->weight && (linear->bias || !bias) ? MINNOW_OK : minnow_student_no_memory(student, error);
}

/* ---- LSTM ------------------------------------------------------------------------------------ */

static bool draw_direction(struct minnow_student *student, uint32_t inputs,
                           struct minnow_lstm_direction *direction) {
    uint32_t hidden = student->spec.hidden, gates = 4 * hidden;
    float spread = 1 / sqrtf((float)hidden);
    direction->input = (struct minnow_linear){.inputs = inputs, .outputs = gates};
    direction->recurrent = (struct minnow_linear){.inputs = hidden, .outputs = gates};
    direction->input.weight = minnow_student_draw_uniform(student, (size_t)gates * inputs, spread);
    direction->input.bias = minnow_student_draw_uniform(student, gates, spread);
    direction->recurrent.weight = minnow_student_draw_uniform(student, (size_t)gates * hidden, spread);
    return direction->input.weight && direction->input.bias && direction->recurrent.weight;
}

enum minnow_status minnow_student_add_lstm(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_layer_list *list = &student->transformer.list;
    struct minnow_layer *layer;
    enum minnow_status status = add(student, MINNOW_LAYER_LSTM, &layer, error);
    if (status) return status;
    layer->lstm = (struct minnow_lstm){.hidden = student->spec.hidden, .direction_count = 2};
    bool drawn = draw_direction(student, list->width, &layer->lstm.directions[0]) &&
                 draw_direction(student, list->width, &layer->lstm.directions[1]);
    list->width = 2 * student->spec.hidden;
    return drawn ? MINNOW_OK : minnow_student_no_memory(student, error);
}

/* ---- Convolution ----------------------------------------------------------------------------- */

/* Weights of the padding stay 0. */
static bool draw_branch(struct minnow_student *student, uint32_t width, uint32_t count,
                        struct minnow_convolution_branch *branch) {
    uint32_t outputs = student->spec.hidden, padded = (uint32_t)MINNOW_PADDED(width);
    float spread = 1 / sqrtf((float)(count * width));
    float *weight = minnow_student_draw_uniform(student, (size_t)outputs * count * padded, spread);
    branch->taps = count;
    branch->linear = (struct minnow_linear){.inputs = count * padded, .outputs = outputs, .weight = weight};
    branch->linear.bias = minnow_student_draw_uniform(student, outputs, spread);
    for (size_t i = 0; weight && i < (size_t)outputs * count; i++)
        for (uint32_t p = width; p < padded; p++) weight[i * padded + p] = 0;
    return weight && branch->linear.bias;
}

enum minnow_status minnow_student_add_convolution(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_layer_list *list = &student->transformer.list;
    struct minnow_layer *layer;
    enum minnow_status status = add(student, MINNOW_LAYER_CONVOLUTION, &layer, error);
    if (status) return status;
    struct minnow_convolution *convolution = &layer->convolution;
    bool drawn = true;
    *convolution =
        (struct minnow_convolution){.width = list->width, .branch_count = BRANCHES, .activation = MINNOW_RELU};
    for (uint32_t i = 0; i < BRANCHES && drawn; i++)
        drawn = draw_branch(student, list->width, taps[i], &convolution->branches[i]);
    list->width = BRANCHES * student->spec.hidden;
    return drawn ? MINNOW_OK : minnow_student_no_memory(student, error);
}

/* ---- Behind the pooling ---------------------------------------------------------------------- */

static bool has(const struct minnow_teacher *teacher, enum minnow_layer_kind kind) {
    for (uint32_t i = 0; i < teacher->head_count; i++)
        if (teacher->head[i].kind == kind) return true;
    return false;
}

/* The teacher's own dense layers, where the rows are as wide as those of its blocks. */
static enum minnow_status take_dense(struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_teacher *teacher = &student->teacher;
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < teacher->head_count && !status; i++) {
        struct minnow_layer *layer;
        if (teacher->head[i].kind != MINNOW_LAYER_DENSE) continue;
        status = add(student, MINNOW_LAYER_DENSE, &layer, error);
        if (!status) *layer = teacher->head[i];
        student->transformer.list.width = teacher->head[i].dense.linear.outputs;
    }
    return status;
}

static enum minnow_status add_projection(struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_teacher *teacher = &student->teacher;
    uint32_t said = student->spec.dimensions, width = student->transformer.list.width;
    bool alike = student->spec.kind == MINNOW_STUDENT_TRANSFORMER && width == teacher->width && !teacher->pairs;
    if (said) return minnow_student_add_dense(student, said, true, MINNOW_IDENTITY, error);
    if (alike) return take_dense(student, error);
    uint32_t outputs = teacher->pairs ? teacher->width : teacher->dimensions;
    return width == outputs ? MINNOW_OK : minnow_student_add_dense(student, outputs, true, MINNOW_IDENTITY, error);
}

enum minnow_status minnow_student_add_tail(struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_teacher *teacher = &student->teacher;
    struct minnow_contents *contents = student->reading.contents;
    struct minnow_layer *layer;
    bool alike = !teacher->pairs && teacher->contents->similarity != MINNOW_MAXSIM;
    bool normalizes = student->spec.compares ? student->spec.similarity == MINNOW_COSINE
                                             : !alike || has(teacher, MINNOW_LAYER_NORMALIZE);
    contents->similarity = student->spec.compares ? student->spec.similarity
                           : alike                ? teacher->contents->similarity
                                                  : MINNOW_COSINE;
    enum minnow_status status = add_projection(student, error);
    if (status || !normalizes) return status;
    return add(student, MINNOW_LAYER_NORMALIZE, &layer, error);
}
