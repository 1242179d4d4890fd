#include "convert/checkpoint/factors.h"

#include <math.h>

#include "convert/blas.h"
#include "convert/checkpoint/fingerprint.h"
#include "convert/checkpoint/weights.h"

enum { ROWS_AT_ONCE = 256 };

static const float TOLERANCE = 1e-4f; /* of the product's largest number */

/* ---- The file ------------------------------------------------------------------------------ */

static float largest(const float *values, size_t count) {
    float most = 0;
    for (size_t i = 0; i < count; i++) most = fmaxf(most, fabsf(values[i]));
    return most;
}

static enum minnow_status compare_row(const float *found, const float *expected, uint32_t row, uint32_t width,
                                      float tolerance, struct minnow_error *error) {
    for (uint32_t i = 0; i < width; i++)
        if (!(fabsf(found[i] - expected[i]) <= tolerance))
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                               "%s: word_factors: row %u times word_projection gives %g in column %u, expected %g, "
                               "which the word table has there",
                               MINNOW_FACTORS_FILE, row, (double)found[i], i, (double)expected[i]);
    return MINNOW_OK;
}

static enum minnow_status check_product(const struct minnow_reading *reading, const struct minnow_word_factors *factors,
                                        const struct minnow_table *product, struct minnow_error *error) {
    const float *expected = product->data;
    size_t width = product->width;
    int columns = (int)product->width, rank = (int)factors->rank;
    float tolerance = TOLERANCE * largest(expected, product->rows * width);
    float *rows = minnow_memory_take(reading->memory, ROWS_AT_ONCE * width * sizeof *rows);
    if (!rows) return minnow_reading_no_memory(reading, error);
    for (uint32_t first = 0; first < product->rows; first += ROWS_AT_ONCE) {
        uint32_t left = product->rows - first, count = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
        minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, columns, rank, 1,
                             factors->words + (size_t)first * factors->rank, rank, factors->projection, rank, 0, rows,
                             columns);
        for (uint32_t r = 0; r < count; r++) {
            enum minnow_status status = compare_row(rows + r * width, expected + (first + r) * width, first + r,
                                                    product->width, tolerance, error);
            if (status) return status;
        }
    }
    return MINNOW_OK;
}

static enum minnow_status read_both(const struct minnow_weights *weights, const struct minnow_table *product,
                                    struct minnow_word_factors *factors, struct minnow_error *error) {
    uint32_t rows = 0;
    enum minnow_status status =
        minnow_weights_take_table(weights, "word_factors", &factors->words, &rows, &factors->rank, error);
    if (status) return status;
    if (rows != product->rows)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: word_factors: has %u rows, expected %u, the word table's",
                           weights->source->file, rows, product->rows);
    return minnow_weights_take(weights, "word_projection", product->width, factors->rank, &factors->projection, error);
}

enum minnow_status minnow_factors_read(struct minnow_reading *reading, const char *subfolder,
                                       const struct minnow_table *product, struct minnow_word_factors *factors,
                                       struct minnow_error *error) {
    struct minnow_tensor_source source;
    bool found = false;
    *factors = (struct minnow_word_factors){0};
    enum minnow_status status =
        minnow_tensor_source_open_file(reading->folder, subfolder, MINNOW_FACTORS_FILE, &source, &found, error);
    if (!status && !found) return MINNOW_OK;
    if (!status) {
        struct minnow_weights weights = {&source, reading->memory, ""};
        minnow_fingerprint_add_source(&reading->weights, &source);
        status = read_both(&weights, product, factors, error);
        minnow_tensor_source_close(&source);
    }
    if (!status) status = check_product(reading, factors, product, error);
    return status ? minnow_fail_within(error, status, "the word table's factors, whose file may be deleted") : status;
}

/* ---- The layers ---------------------------------------------------------------------------- */

static enum minnow_status add_words(const struct minnow_reading *reading, const struct minnow_word_factors *factors,
                                    const struct minnow_table *product, struct minnow_layer_list *list,
                                    struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_EMBEDDING, &layer, error);
    if (status) return status;
    layer->embedding.words = (struct minnow_table){
        .rows = product->rows, .width = factors->rank, .type = MINNOW_WEIGHT_F32, .data = factors->words};
    status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_DENSE, &layer, error);
    if (status) return status;
    layer->dense.linear = (struct minnow_linear){
        .inputs = factors->rank, .outputs = product->width, .type = MINNOW_WEIGHT_F32, .weight = factors->projection};
    return MINNOW_OK;
}

static enum minnow_status add_positions(const struct minnow_reading *reading, const struct minnow_embedding *embedding,
                                        struct minnow_layer_list *list, struct minnow_error *error) {
    const struct minnow_table *positions = &embedding->positions;
    const float *from = positions->data, *type = embedding->types.rows ? embedding->types.data : NULL;
    size_t width = positions->width, count = positions->rows * width;
    struct minnow_layer *layer;
    float *sums = minnow_memory_take(reading->memory, count * sizeof *sums);
    if (!sums) return minnow_reading_no_memory(reading, error);
    enum minnow_status status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_POSITIONS, &layer, error);
    if (status) return status;
    for (size_t i = 0; i < count; i++) sums[i] = from[i] + (type ? type[i % width] : 0);
    layer->positions.table = *positions;
    layer->positions.table.data = sums;
    return MINNOW_OK;
}

enum minnow_status minnow_factors_add_layers(const struct minnow_reading *reading,
                                             const struct minnow_word_factors *factors,
                                             const struct minnow_embedding *embedding, struct minnow_layer_list *list,
                                             struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status = add_words(reading, factors, &embedding->words, list, error);
    if (!status) status = add_positions(reading, embedding, list, error);
    if (!status) status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_NORM, &layer, error);
    if (!status) layer->norm = embedding->norm;
    return status;
}
