/* PreTTR of Margin-MSE's authors (arXiv 2004.14255): a transformer whose first blocks see query and document apart, so
 * that documents can be taken that far beforehand. Positions of a document begin behind the room of the longest query;
 * it comes without [CLS]. */
#include "convert/checkpoint/prettr.h"

#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/masks.h"

/* Of the published model; none of them is in its folder. */
enum { JOIN_LAYER = 3, QUERY_LENGTH = 30 };

static enum minnow_status open_transformer(struct minnow_reading *reading, struct minnow_transformer *transformer,
                                           struct minnow_error *error) {
    struct minnow_place_of_files tokenizer;
    const struct minnow_place_of_files here = {reading->folder, ""};
    *transformer = (struct minnow_transformer){0};
    enum minnow_status status = minnow_base_find_tokenizer(reading, &tokenizer, error);
    return status ? status : minnow_transformer_open(reading, here, tokenizer, transformer, error);
}

static enum minnow_status add_head(const struct minnow_reading *reading, struct minnow_transformer *transformer,
                                   struct minnow_error *error) {
    enum minnow_status status = minnow_transformer_pool_first(reading, transformer, error);
    if (!status)
        status = minnow_transformer_add_dense(reading, transformer, "_classification_layer", MINNOW_IDENTITY, error);
    if (status || transformer->list.width == 1) return status;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: _classification_layer.weight: has %u rows, expected 1",
                       transformer->source.file, transformer->list.width);
}

static enum minnow_status set_document(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                       uint32_t first, struct minnow_error *error) {
    const struct minnow_encoder_config *config = &transformer->config;
    struct minnow_input *input = &reading->contents->inputs[MINNOW_DOCUMENT];
    uint32_t length = 0, left = config->positions > first ? config->positions - first + 1 : 0;
    enum minnow_status status =
        minnow_reading_choose_length(reading, MINNOW_DOCUMENT, 0, left, config->file, &length, error);
    if (!status)
        status = minnow_reading_set_input(reading, MINNOW_DOCUMENT, transformer->tokenizer, "", length - 1, error);
    input->leading_count = 0;
    input->first_position = first;
    return status;
}

static enum minnow_status set_inputs(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                     struct minnow_error *error) {
    const struct minnow_encoder_config *config = &transformer->config;
    uint32_t query = 0, apart = MINNOW_QUERY_MASKS + 2; /* a document's token and [SEP] at least */
    uint32_t most = config->positions > apart ? config->positions - apart : 0;
    enum minnow_status status =
        minnow_reading_choose_length(reading, MINNOW_QUERY, QUERY_LENGTH, most, config->file, &query, error);
    if (!status) status = minnow_masks_set_query(reading, transformer, query, error);
    return status ? status : set_document(reading, transformer, query + MINNOW_QUERY_MASKS, error);
}

/* The layers up to the end of so many blocks. */
static uint32_t layers_with(const struct minnow_layer_list *list, uint32_t blocks) {
    uint32_t count = 0;
    while (blocks)
        if (list->layers[count++].kind == MINNOW_LAYER_ENCODER_BLOCK) blocks--;
    return count;
}

/* The layers up to the join for both texts, those behind it for the pair. */
static enum minnow_status add_routes(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                     uint32_t join, struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    struct minnow_layer_list apart = transformer->list, joined = transformer->list;
    apart.count = layers_with(&apart, join);
    apart.width = transformer->config.hidden;
    joined.layers += apart.count;
    joined.count -= apart.count;
    contents->similarity = MINNOW_JOINT;
    enum minnow_status status = minnow_reading_share_route(reading, &apart, error);
    if (status) return status;
    return minnow_reading_add_route(reading, &joined, 2 * reading->routes[0].max_tokens, &contents->joint_route, error);
}

static enum minnow_status choose_join(const struct minnow_reading *reading, const struct minnow_encoder_config *config,
                                      uint32_t *join, struct minnow_error *error) {
    uint32_t asked = reading->options->join_layer;
    *join = asked ? asked : JOIN_LAYER;
    if (*join <= config->layers) return MINNOW_OK;
    return minnow_fail(error, asked ? MINNOW_INVALID_ARGUMENT : MINNOW_BAD_CHECKPOINT,
                       "%s: query and document are joined after %u blocks, expected at most the %u that it has; "
                       "--join-layer N says otherwise",
                       config->file, *join, config->layers);
}

enum minnow_status minnow_prettr_finish(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                        uint32_t join, struct minnow_error *error) {
    enum minnow_status status = set_inputs(reading, transformer, error);
    return status ? status : add_routes(reading, transformer, join, error);
}

enum minnow_status minnow_prettr_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    uint32_t join = 0;
    enum minnow_status status = open_transformer(reading, &transformer, error);
    if (!status) status = choose_join(reading, &transformer.config, &join, error);
    if (!status) status = add_head(reading, &transformer, error);
    if (!status) status = minnow_prettr_finish(reading, &transformer, join, error);
    minnow_transformer_close(&transformer);
    return status;
}
