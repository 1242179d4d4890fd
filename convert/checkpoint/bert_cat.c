/* BERT_Cat of Margin-MSE's authors: query and document in one text, a linear layer on the first token's state, which
 * passes a BERT's pooler before. */
#include "convert/checkpoint/joined.h"
#include "convert/checkpoint/layouts.h"

enum minnow_status minnow_bert_cat_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    enum minnow_status status = minnow_transformer_open_based(reading, &transformer, error);
    if (!status) status = minnow_transformer_pool_first(reading, &transformer, error);
    if (!status && transformer.config.family == MINNOW_FAMILY_BERT)
        status = minnow_transformer_add_pooler(reading, &transformer, error);
    if (!status)
        status = minnow_transformer_add_dense(reading, &transformer, "_classification_layer", MINNOW_IDENTITY, error);
    if (!status) status = minnow_joined_finish(reading, &transformer, 0, error);
    minnow_transformer_close(&transformer);
    return status;
}
