/* PreTTR of Margin-MSE's authors (prettr.c). What its folder does not say, where query and document are joined, how
 * long they are and where the [MASK]s stand, is told beside it. */
#include "convert/checkpoint/masks.h"
#include "convert/checkpoint/writer/encoder_parts.h"
#include "convert/checkpoint/writer/layout_writers.h"

struct prettr {
    struct minnow_encoder_parts parts;
    uint32_t apart; /* blocks of each text alone */
    const struct minnow_linear *classifier;
};

static enum minnow_status take_apart(const struct minnow_writing *writing, struct prettr *prettr,
                                     struct minnow_error *error) {
    struct minnow_layer_cursor cursor;
    enum minnow_status status = minnow_cursor_begin_shared(writing->contents, writing->layout, &cursor, error);
    if (!status) status = minnow_encoder_take_embedding(writing, &cursor, &prettr->parts, error);
    if (!status) status = minnow_encoder_take_blocks(&cursor, &prettr->parts, error);
    prettr->apart = prettr->parts.block_count;
    return status ? status : minnow_cursor_end(&cursor, error);
}

static enum minnow_status take_joined(const struct minnow_writing *writing, struct prettr *prettr,
                                      struct minnow_error *error) {
    struct minnow_layer_cursor cursor = {
        .contents = writing->contents, .route = writing->contents->joint_route, .layout = writing->layout};
    enum minnow_status status = minnow_encoder_take_blocks(&cursor, &prettr->parts, error);
    if (!status) status = minnow_cursor_take_pool(&cursor, MINNOW_POOL_CLS, error);
    if (!status) status = minnow_cursor_take_dense(&cursor, MINNOW_IDENTITY, -1, &prettr->classifier, error);
    return status ? status : minnow_cursor_end(&cursor, error);
}

/* Lengths are those without [MASK]s, and with the [CLS] that a document loses. */
static void tell(struct minnow_writing *writing, uint32_t join_layer) {
    const struct minnow_input *query = &writing->contents->inputs[MINNOW_QUERY];
    writing->told.query_length = query->max_tokens > MINNOW_QUERY_MASKS ? query->max_tokens - MINNOW_QUERY_MASKS : 0;
    writing->told.document_length = writing->contents->inputs[MINNOW_DOCUMENT].max_tokens + 1;
    writing->told.mask_tokens = query->masks_before_trailing ? "before-sep" : "after-sep";
    writing->told.join_layer = join_layer;
    minnow_writing_tell_prompts(writing);
}

enum minnow_status minnow_prettr_write(struct minnow_writing *writing, struct minnow_error *error) {
    struct minnow_tensor_list list = {.memory = writing->memory};
    struct prettr prettr = {.apart = 0};
    enum minnow_status status = take_apart(writing, &prettr, error);
    if (!status) status = take_joined(writing, &prettr, error);
    if (status) return status;
    tell(writing, prettr.apart);
    minnow_encoder_add_tensors(&list, &prettr.parts);
    list.prefix = "";
    minnow_tensor_list_add_linear(&list, "_classification_layer", prettr.classifier);
    status = minnow_encoder_put_config(writing, "", &prettr.parts, "", "PreTTR", "", error);
    if (!status) status = minnow_encoder_put_weights(writing, "", &prettr.parts, &list, error);
    if (status) return status;
    uint32_t longest = minnow_joint_route(writing->contents)->max_tokens;
    return minnow_writing_put_tokenizer(writing, "", MINNOW_QUERY, longest, error);
}
