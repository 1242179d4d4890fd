#include "convert/checkpoint/static_table.h"

#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/weights.h"

#include <inttypes.h>

enum { MOST_NUMBERS = 1 << 30 }; /* of a table whose rows are shared by tokens, and so larger than its file */

/* ---- model2vec's tensors ------------------------------------------------------------------ */

static enum minnow_status no_memory(const struct minnow_tensor *tensor, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %s: no memory for it", tensor->file, tensor->name);
}

static enum minnow_status read_floats(const struct minnow_tensor *tensor, struct minnow_memory *memory,
                                      const float **out, struct minnow_error *error) {
    size_t count = minnow_tensor_count(tensor);
    float *values = minnow_memory_take(memory, count * sizeof *values);
    *out = values;
    if (!values) return no_memory(tensor, error);
    if (!minnow_tensor_is_whole(tensor)) return minnow_tensor_read(tensor, values, error);
    int64_t *whole = minnow_memory_take(memory, count * sizeof *whole);
    if (!whole) return no_memory(tensor, error);
    enum minnow_status status = minnow_tensor_read_whole(tensor, whole, error);
    for (size_t i = 0; i < count && !status; i++) values[i] = (float)whole[i];
    return status;
}

static enum minnow_status check_shape(const struct minnow_tensor *tensor, uint32_t rank, uint64_t most, uint64_t least,
                                      struct minnow_error *error) {
    if (tensor->rank == rank && tensor->shape[0] >= least && tensor->shape[0] <= most) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: %s: shape is %s, expected %u dimensions, the first %" PRIu64 " to %" PRIu64, tensor->file,
                       tensor->name, minnow_shape_text(tensor->shape, tensor->rank).text, rank, least, most);
}

/* Row of each token: *rows is NULL where each has its own. */
static enum minnow_status read_mapping(const struct minnow_tensor *tensor, uint64_t row_count,
                                       struct minnow_memory *memory, const int64_t **rows, struct minnow_error *error) {
    *rows = NULL;
    if (!tensor) return MINNOW_OK;
    enum minnow_status status = check_shape(tensor, 1, MOST_NUMBERS, 1, error);
    if (status) return status;
    int64_t *values = minnow_memory_take(memory, tensor->shape[0] * sizeof *values);
    if (!values) return no_memory(tensor, error);
    *rows = values;
    status = minnow_tensor_read_whole(tensor, values, error);
    for (uint64_t i = 0; i < tensor->shape[0] && !status; i++)
        if (values[i] < 0 || (uint64_t)values[i] >= row_count)
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                               "%s: %s: value %" PRIu64 " is %" PRId64 ", expected 0 to %" PRIu64, tensor->file,
                               tensor->name, i, values[i], row_count - 1);
    return status;
}

struct parts {
    const struct minnow_tensor *embeddings, *mapping, *weights;
    const float *values, *factors; /* factors NULL: none */
    const int64_t *rows;
};

static void expand(const struct parts *parts, uint32_t count, uint32_t width, float *out) {
    for (size_t i = 0; i < count; i++) {
        const float *row = parts->values + (parts->rows ? (size_t)parts->rows[i] : i) * width;
        float factor = parts->factors ? parts->factors[i] : 1;
        for (size_t k = 0; k < width; k++) out[i * width + k] = row[k] * factor;
    }
}

static enum minnow_status read_parts(struct parts *parts, uint64_t count, struct minnow_memory *memory,
                                     struct minnow_error *error) {
    enum minnow_status status = check_shape(parts->embeddings, 2, INT32_MAX, 1, error);
    if (!status)
        status = read_mapping(parts->mapping, parts->embeddings->shape[0], memory, &parts->rows, error);
    if (!status && parts->weights) status = check_shape(parts->weights, 1, count, count, error);
    if (!status && parts->weights) status = read_floats(parts->weights, memory, &parts->factors, error);
    return status ? status : read_floats(parts->embeddings, memory, &parts->values, error);
}

static enum minnow_status read_expanded(struct parts *parts, struct minnow_memory *memory,
                                        struct minnow_static_table *table, struct minnow_error *error) {
    const struct minnow_tensor *counted = parts->mapping ? parts->mapping : parts->embeddings;
    uint64_t count = counted->shape[0], width = parts->embeddings->rank == 2 ? parts->embeddings->shape[1] : 0;
    if (counted->rank == 0 || width == 0 || width > MINNOW_MAX_WIDTH || count > MOST_NUMBERS / width)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: embeddings has shape %s, expected rows of 1 to %u numbers, and at most %d numbers for "
                           "all tokens",
                           parts->embeddings->file,
                           minnow_shape_text(parts->embeddings->shape, parts->embeddings->rank).text, MINNOW_MAX_WIDTH,
                           MOST_NUMBERS);
    enum minnow_status status = read_parts(parts, count, memory, error);
    if (status) return status;
    float *rows = minnow_memory_take(memory, count * width * sizeof *rows);
    if (!rows) return no_memory(parts->embeddings, error);
    expand(parts, (uint32_t)count, (uint32_t)width, rows);
    *table = (struct minnow_static_table){rows, (uint32_t)count, (uint32_t)width};
    return MINNOW_OK;
}

/* ---- Either ------------------------------------------------------------------------------- */

static enum minnow_status read_table(const struct minnow_tensor_source *source, struct minnow_memory *memory,
                                     struct minnow_static_table *table, struct minnow_error *error) {
    struct minnow_weights weights = {source, memory, ""};
    struct parts parts = {.embeddings = minnow_tensor_find(source, "embeddings"),
                          .mapping = minnow_tensor_find(source, "mapping"),
                          .weights = minnow_tensor_find(source, "weights")};
    if (!parts.embeddings || minnow_tensor_find(source, "embedding.weight"))
        return minnow_weights_take_table(&weights, "embedding.weight", &table->rows, &table->count, &table->width,
                                         error);
    return read_expanded(&parts, memory, table, error);
}

enum minnow_status minnow_static_table_read(struct minnow_reading *reading, const char *subfolder,
                                            struct minnow_static_table *table, struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_reading_open_tensors(reading, subfolder, &source, error);
    if (status) return status;
    status = read_table(&source, reading->memory, table, error);
    minnow_tensor_source_close(&source);
    return status;
}

enum minnow_status minnow_static_limit_read(const struct minnow_reading *reading, const char *subfolder,
                                            uint32_t *max_tokens, struct minnow_error *error) {
    struct minnow_json_file file;
    const char *name = minnow_join_name(reading->memory, subfolder, "tokenizer.json");
    *max_tokens = 0;
    if (!name) return minnow_reading_no_memory(reading, error);
    enum minnow_status status = minnow_json_open(reading->folder, name, &file, error);
    if (status) return status;
    status = minnow_json_u32(&file, minnow_json_get(file.root, "truncation"), "max_length", 1, UINT32_MAX, max_tokens,
                             error);
    minnow_json_close(&file);
    return status;
}
