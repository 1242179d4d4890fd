/* ColBERT of LEAD (arXiv 2212.05225): the marker takes the place of [CLS], queries are filled up with [MASK] that are
 * attended to, and cut without keeping [SEP]; unit vectors, no linear layer but where one was asked for.
 *
 * The trainer keeps both encoders, one of them twice where they share their weights; lengths are its arguments. */
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

static enum minnow_status set_input(struct minnow_reading *reading, enum minnow_role role,
                                    const struct minnow_transformer *transformer, struct minnow_error *error) {
    static const char *const markers[] = {"[unused1]", "[unused2]"};
    struct minnow_input *input = &reading->contents->inputs[role];
    uint32_t length = 0;
    enum minnow_status status =
        minnow_reading_choose_length(reading, role, role == MINNOW_QUERY ? QUERY_LENGTH : 0,
                                     transformer->config.positions, transformer->config.file, &length, error);
    if (!status) status = minnow_reading_set_input(reading, role, transformer->tokenizer, "", length, error);
    if (status) return status;
    return minnow_reading_find_token(reading, transformer->tokenizer, markers[role], &input->leading[0], error);
}

static enum minnow_status set_inputs(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                     struct minnow_error *error) {
    struct minnow_input *query = &reading->contents->inputs[MINNOW_QUERY];
    uint32_t mask;
    enum minnow_status status = set_input(reading, MINNOW_QUERY, transformer, error);
    if (!status) status = set_input(reading, MINNOW_DOCUMENT, transformer, error);
    query->fill_to = query->max_tokens;
    query->cuts_trailing = true;
    return status ? status : minnow_reading_find_token(reading, transformer->tokenizer, "[MASK]", &mask, error);
}

enum minnow_status minnow_lead_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    enum minnow_status status = minnow_transformer_open_whole(reading, &transformer, error);
    reading->contents->similarity = MINNOW_MAXSIM;
    if (!status) status = check_shared(&transformer.source, error);
    if (!status) status = add_linear(reading, &transformer, error);
    if (!status) status = minnow_transformer_normalize(reading, &transformer, error);
    if (!status) status = set_inputs(reading, &transformer, error);
    if (!status) status = minnow_reading_share_route(reading, &transformer.list, error);
    minnow_transformer_close(&transformer);
    return status;
}
