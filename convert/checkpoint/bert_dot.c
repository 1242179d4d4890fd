/* BERT_Dot of Margin-MSE's authors (arXiv 2010.02666): the first token's state, perhaps compressed, compared by dot
 * product. The folder keeps neither head count nor vocabulary. */
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/transformer.h"

static enum minnow_status add_head(const struct minnow_reading *reading, struct minnow_transformer *transformer,
                                   struct minnow_error *error) {
    enum minnow_status status = minnow_transformer_pool_first(reading, transformer, error);
    if (status || !minnow_tensor_find(&transformer->source, "compressor.weight")) return status;
    return minnow_transformer_add_dense(reading, transformer, "compressor", MINNOW_IDENTITY, error);
}

static enum minnow_status set_inputs(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                     struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++) {
        uint32_t length = 0;
        status = minnow_reading_choose_length(reading, role, 0, transformer->config.positions,
                                              transformer->config.file, &length, error);
        if (!status) status = minnow_reading_set_input(reading, role, transformer->tokenizer, "", length, error);
    }
    return status;
}

enum minnow_status minnow_bert_dot_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    enum minnow_status status = minnow_transformer_open_based(reading, &transformer, error);
    reading->contents->similarity = MINNOW_DOT;
    if (!status) status = add_head(reading, &transformer, error);
    if (!status) status = set_inputs(reading, &transformer, error);
    if (!status) status = minnow_reading_share_route(reading, &transformer.list, error);
    minnow_transformer_close(&transformer);
    return status;
}
