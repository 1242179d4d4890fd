/* ColBERT of Margin-MSE's authors: a linear layer with bias, vectors as long as they come, [MASK]s in the query. */
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/masks.h"

static enum minnow_status set_inputs(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                     struct minnow_error *error) {
    const struct minnow_encoder_config *config = &transformer->config;
    uint32_t query = 0, document = 0;
    uint32_t most = config->positions > MINNOW_QUERY_MASKS ? config->positions - MINNOW_QUERY_MASKS : 0;
    enum minnow_status status =
        minnow_reading_choose_length(reading, MINNOW_QUERY, 0, most, config->file, &query, error);
    if (!status) status = minnow_masks_set_query(reading, transformer, query, error);
    if (!status)
        status = minnow_reading_choose_length(reading, MINNOW_DOCUMENT, 0, config->positions, config->file, &document,
                                              error);
    if (status) return status;
    return minnow_reading_set_input(reading, MINNOW_DOCUMENT, transformer->tokenizer, "", document, error);
}

enum minnow_status minnow_margin_mse_colbert_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    enum minnow_status status = minnow_transformer_open_based(reading, &transformer, error);
    reading->contents->similarity = MINNOW_MAXSIM;
    if (!status)
        status = minnow_transformer_add_dense(reading, &transformer, "compressor", MINNOW_IDENTITY, error);
    if (!status) status = set_inputs(reading, &transformer, error);
    if (!status) status = minnow_reading_share_route(reading, &transformer.list, error);
    minnow_transformer_close(&transformer);
    return status;
}
