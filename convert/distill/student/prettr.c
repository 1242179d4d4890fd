/* PreTTR before training (arXiv 2004.14255; with Margin-MSE: 2010.02666): blocks, and one row of weights for [CLS].
 * From a cross-encoder of the same width it begins as nearly that: its texts have one type, but a document's
 * positions are its own, and can hold the other type; and the pooler and classifier are one row while tanh is close
 * to a line. */
#include <string.h>

#include "convert/checkpoint/prettr.h"
#include "convert/distill/student/parts.h"

static bool takes_after(const struct minnow_student *student) {
    const struct minnow_teacher *teacher = &student->teacher;
    return teacher->pairs && student->spec.hidden == teacher->width && teacher->head_count == 3 &&
           teacher->head[1].kind == MINNOW_LAYER_DENSE && teacher->head[2].kind == MINNOW_LAYER_DENSE &&
           teacher->head[2].dense.linear.outputs == 1;
}

/* classifier x pooler */
static float *make_row(struct minnow_student *student) {
    const struct minnow_linear *pooler = &student->teacher.head[1].dense.linear;
    const float *classifier = student->teacher.head[2].dense.linear.weight, *rows = pooler->weight;
    float *row = minnow_student_floats(student, pooler->inputs);
    for (size_t o = 0; row && o < pooler->outputs; o++)
        for (size_t i = 0; i < pooler->inputs; i++) row[i] += classifier[o] * rows[o * pooler->inputs + i];
    return row;
}

static enum minnow_status add_head(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_layer_list *list = &student->transformer.list;
    enum minnow_status status = minnow_student_add_pool(student, MINNOW_POOL_CLS, error);
    if (!status) status = minnow_student_add_dense(student, 1, false, MINNOW_IDENTITY, error);
    if (status || !takes_after(student)) return status;
    const float *row = make_row(student);
    if (!row) return minnow_student_no_memory(student, error);
    list->layers[list->count - 1].dense.linear.weight = row;
    return MINNOW_OK;
}

/* A copy to write into. */
static float *own_positions(struct minnow_student *student, struct minnow_table *positions) {
    size_t count = (size_t)positions->rows * positions->width;
    float *rows = minnow_student_floats(student, count);
    if (rows) memcpy(rows, positions->data, count * sizeof *rows);
    if (rows) positions->data = rows;
    return rows;
}

static void add_type(const struct minnow_table *types, uint32_t first, const struct minnow_table *positions,
                     float *rows) {
    const float *from = types->data;
    for (size_t r = first; r < positions->rows; r++)
        for (size_t i = 0; i < positions->width; i++)
            rows[r * positions->width + i] += from[types->width + i] - from[i];
}

enum minnow_status minnow_student_make_prettr(struct minnow_student *student, struct minnow_error *error) {
    enum minnow_status status = minnow_student_add_embedding(student, error);
    if (!status) status = minnow_student_add_blocks(student, error);
    if (!status) status = add_head(student, error);
    if (status) return status;
    struct minnow_embedding *embedding = &student->transformer.list.layers[0].embedding;
    bool typed = takes_after(student) && !student->spec.rank && embedding->types.rows > 1;
    float *rows = typed ? own_positions(student, &embedding->positions) : NULL;
    if (typed && !rows) return minnow_student_no_memory(student, error);
    const struct minnow_table positions = embedding->positions, types = embedding->types;
    status = minnow_prettr_finish(&student->reading, &student->transformer, student->spec.join, error);
    if (!status && typed)
        add_type(&types, student->reading.contents->inputs[MINNOW_DOCUMENT].first_position, &positions, rows);
    return status;
}
