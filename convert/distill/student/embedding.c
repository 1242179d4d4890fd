/* Words, positions, types and norm before blocks: the teacher's embedding, one along its strongest directions, or a
 * word table of two factors, behind which positions and norm are layers of their own. */
#include <string.h>

#include "convert/blas.h"
#include "convert/distill/student/parts.h"

#define EPSILON 1e-12f /* of BERT */

/* ---- Tables in other directions -------------------------------------------------------------- */

/* `directions` NULL: as they are. */
static bool project(struct minnow_student *student, const struct minnow_table *from, const float *directions,
                    struct minnow_table *table) {
    uint32_t hidden = student->spec.hidden;
    *table = *from;
    if (!directions || !from->rows) return true;
    float *rows = minnow_student_floats(student, (size_t)from->rows * hidden);
    *table = (struct minnow_table){.rows = from->rows, .width = hidden, .data = rows};
    if (rows)
        minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)from->rows, (int)hidden, (int)from->width, 1,
                             from->data, (int)from->width, directions, (int)from->width, 0, rows, (int)hidden);
    return rows != NULL;
}

static struct minnow_table cut_positions(const struct minnow_student *student) {
    struct minnow_table positions = student->teacher.embedding->positions;
    if (student->spec.max_tokens) positions.rows = student->spec.max_tokens;
    return positions;
}

/* The teacher's norm knows the teacher's directions alone. */
static bool make_norm(struct minnow_student *student, bool same, struct minnow_layer_norm *norm) {
    const struct minnow_layer_norm *from = &student->teacher.embedding->norm;
    *norm = *from;
    return same || minnow_student_make_norm(student, student->spec.hidden, from->width ? from->epsilon : EPSILON, norm);
}

/* ---- One layer ------------------------------------------------------------------------------- */

static enum minnow_status add_whole(struct minnow_student *student, struct minnow_error *error) {
    struct minnow_layer *layer;
    bool same = student->spec.hidden == student->teacher.width;
    const struct minnow_table positions = cut_positions(student);
    const float *directions;
    enum minnow_status status =
        minnow_reading_add_layer(&student->reading, &student->transformer.list, MINNOW_LAYER_EMBEDDING, &layer, error);
    if (status) return status;
    struct minnow_embedding *embedding = &layer->embedding;
    uint32_t width = same ? 0 : student->spec.hidden;
    status = minnow_student_make_words(student, width, width, &embedding->words, &directions, error);
    if (status) return status;
    student->transformer.config.types = student->teacher.embedding->types.rows;
    bool made = project(student, &positions, directions, &embedding->positions) &&
                project(student, &student->teacher.embedding->types, directions, &embedding->types) &&
                make_norm(student, same, &embedding->norm);
    return made ? MINNOW_OK : minnow_student_no_memory(student, error);
}

/* ---- Factors --------------------------------------------------------------------------------- */

/* From the strongest directions back to the teacher's, [hidden][rank]; where rows are narrower they stay what they are,
 * the first of theirs. */
static float *make_back(struct minnow_student *student, const float *directions) {
    uint32_t hidden = student->spec.hidden, rank = student->spec.rank;
    float *back = minnow_student_floats(student, (size_t)hidden * rank);
    bool same = hidden == student->teacher.width;
    for (size_t i = 0; back && i < hidden; i++)
        for (size_t k = 0; k < rank; k++) back[i * rank + k] = same ? directions[k * hidden + i] : i == k;
    return back;
}

static enum minnow_status add_back(struct minnow_student *student, const float *directions,
                                   struct minnow_error *error) {
    struct minnow_layer *layer;
    const float *back = make_back(student, directions);
    if (!back) return minnow_student_no_memory(student, error);
    enum minnow_status status =
        minnow_reading_add_layer(&student->reading, &student->transformer.list, MINNOW_LAYER_DENSE, &layer, error);
    if (status) return status;
    layer->dense.linear =
        (struct minnow_linear){.inputs = student->spec.rank, .outputs = student->spec.hidden, .weight = back};
    return MINNOW_OK;
}

/* A text's tokens are of the first type. */
static bool fold_type(struct minnow_student *student, struct minnow_table *positions) {
    const struct minnow_table *types = &student->teacher.embedding->types;
    const float *type = types->data, *from = positions->data;
    size_t width = positions->width;
    if (!types->rows) return true;
    float *rows = minnow_student_floats(student, positions->rows * width);
    for (size_t i = 0; rows && i < positions->rows * width; i++) rows[i] = from[i] + type[i % width];
    positions->data = rows;
    return rows != NULL;
}

static enum minnow_status add_positions(struct minnow_student *student, const float *directions,
                                        struct minnow_error *error) {
    struct minnow_layer *layer;
    struct minnow_table positions = cut_positions(student);
    enum minnow_status status =
        minnow_reading_add_layer(&student->reading, &student->transformer.list, MINNOW_LAYER_POSITIONS, &layer, error);
    if (status) return status;
    bool made = fold_type(student, &positions) && project(student, &positions, directions, &layer->positions.table);
    return made ? MINNOW_OK : minnow_student_no_memory(student, error);
}

static enum minnow_status add_norm(struct minnow_student *student, bool same, struct minnow_error *error) {
    struct minnow_layer *layer;
    if (same && student->teacher.embedding->norm.width == 0) return MINNOW_OK;
    enum minnow_status status =
        minnow_reading_add_layer(&student->reading, &student->transformer.list, MINNOW_LAYER_NORM, &layer, error);
    if (status) return status;
    return make_norm(student, same, &layer->norm) ? MINNOW_OK : minnow_student_no_memory(student, error);
}

/* Positions need as many directions as rows are wide, words the strongest of them. */
static enum minnow_status add_factors(struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_student_spec *spec = &student->spec;
    bool same = spec->hidden == student->teacher.width;
    struct minnow_layer *layer;
    const float *directions;
    enum minnow_status status =
        minnow_reading_add_layer(&student->reading, &student->transformer.list, MINNOW_LAYER_EMBEDDING, &layer, error);
    if (!status)
        status = minnow_student_make_words(student, spec->rank, same ? spec->rank : spec->hidden,
                                           &layer->embedding.words, &directions, error);
    if (!status) status = add_back(student, directions, error);
    if (!status) status = add_positions(student, same ? NULL : directions, error);
    return status ? status : add_norm(student, same, error);
}

enum minnow_status minnow_student_add_embedding(struct minnow_student *student, struct minnow_error *error) {
    student->transformer.list.width = student->spec.hidden;
    student->transformer.config.hidden = student->spec.hidden;
    student->transformer.config.positions = cut_positions(student).rows;
    return student->spec.rank ? add_factors(student, error) : add_whole(student, error);
}
