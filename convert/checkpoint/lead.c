/* Encoders of LEAD (arXiv 2212.05225), as its trainer keeps them: one of queries and one of documents, the same twice
 * where they share their weights. Its dual encoder compares the first token's states by dot product. Its ColBERT puts a
 * marker in the place of [CLS], fills queries up with [MASK] that are attended to, and compares unit vectors. Lengths
 * are arguments of the trainer; queries are cut without keeping [SEP]. */
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/transformer.h"

#include <stdio.h>
#include <string.h>

#define QUERY_MODEL "question_model."
#define DOCUMENT_MODEL "ctx_model."

enum { QUERY_LENGTH = 32 };

static const struct minnow_tensor *find_counterpart(const struct minnow_tensor_source *source, const char *name) {
    char other[256];
    int size = snprintf(other, sizeof other, DOCUMENT_MODEL "%s", name + strlen(QUERY_MODEL));
    return size > 0 && (size_t)size < sizeof other ? minnow_tensor_find(source, other) : NULL;
}

static bool same_values(const struct minnow_tensor *left, const struct minnow_tensor *right) {
    return left->type == right->type && left->size == right->size && !memcmp(left->bytes, right->bytes, left->size);
}

/* Two encoders that differ would need a route each. */
static enum minnow_status check_shared(const struct minnow_tensor_source *source, struct minnow_error *error) {
    for (size_t i = 0; i < source->count; i++) {
        const struct minnow_tensor *tensor = &source->tensors[i];
        if (strncmp(tensor->name, QUERY_MODEL, strlen(QUERY_MODEL))) continue;
        const struct minnow_tensor *other = find_counterpart(source, tensor->name);
        if (other && !same_values(tensor, other))
            return minnow_fail(error, MINNOW_UNSUPPORTED,
                               "%s: %s and %s differ, expected encoders of queries and documents that share weights",
                               source->file, tensor->name, other->name);
    }
    return MINNOW_OK;
}

static enum minnow_status add_linear(const struct minnow_reading *reading, struct minnow_transformer *transformer,
                                     struct minnow_error *error) {
    if (!minnow_tensor_find(&transformer->source, QUERY_MODEL "linear.weight")) return MINNOW_OK;
    return minnow_transformer_add_dense(reading, transformer, QUERY_MODEL "linear", MINNOW_IDENTITY, error);
}

static enum minnow_status open_encoder(struct minnow_reading *reading, struct minnow_transformer *transformer,
                                       struct minnow_error *error) {
    enum minnow_status status = minnow_transformer_open_whole(reading, transformer, error);
    if (!status) status = check_shared(&transformer->source, error);
    return status ? status : add_linear(reading, transformer, error);
}

static enum minnow_status set_input(struct minnow_reading *reading, enum minnow_role role,
                                    const struct minnow_transformer *transformer, struct minnow_error *error) {
    uint32_t length = 0;
    enum minnow_status status =
        minnow_reading_choose_length(reading, role, role == MINNOW_QUERY ? QUERY_LENGTH : 0,
                                     transformer->config.positions, transformer->config.file, &length, error);
    if (!status) status = minnow_reading_set_input(reading, role, transformer->tokenizer, "", length, error);
    reading->contents->inputs[role].cuts_trailing = role == MINNOW_QUERY;
    return status;
}

static enum minnow_status set_inputs(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                     struct minnow_error *error) {
    enum minnow_status status = set_input(reading, MINNOW_QUERY, transformer, error);
    return status ? status : set_input(reading, MINNOW_DOCUMENT, transformer, error);
}

enum minnow_status minnow_lead_encoder_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    enum minnow_status status = open_encoder(reading, &transformer, error);
    reading->contents->similarity = MINNOW_DOT;
    if (!status) status = minnow_transformer_pool_first(reading, &transformer, error);
    if (!status) status = set_inputs(reading, &transformer, error);
    if (!status) status = minnow_reading_share_route(reading, &transformer.list, error);
    minnow_transformer_close(&transformer);
    return status;
}

/* ---- ColBERT ------------------------------------------------------------------------------- */

static enum minnow_status set_markers(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                      struct minnow_error *error) {
    struct minnow_input *inputs = reading->contents->inputs;
    uint32_t mask;
    inputs[MINNOW_QUERY].fill_to = inputs[MINNOW_QUERY].max_tokens;
    enum minnow_status status = minnow_reading_find_token(reading, transformer->tokenizer, "[MASK]", &mask, error);
    if (!status)
        status = minnow_reading_find_token(reading, transformer->tokenizer, "[unused1]",
                                           &inputs[MINNOW_QUERY].leading[0], error);
    if (status) return status;
    return minnow_reading_find_token(reading, transformer->tokenizer, "[unused2]",
                                     &inputs[MINNOW_DOCUMENT].leading[0], error);
}

enum minnow_status minnow_lead_colbert_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    enum minnow_status status = open_encoder(reading, &transformer, error);
    reading->contents->similarity = MINNOW_MAXSIM;
    if (!status) status = minnow_transformer_normalize(reading, &transformer, error);
    if (!status) status = set_inputs(reading, &transformer, error);
    if (!status) status = set_markers(reading, &transformer, error);
    if (!status) status = minnow_reading_share_route(reading, &transformer.list, error);
    minnow_transformer_close(&transformer);
    return status;
}
