#include "convert/checkpoint/masks.h"

#include <string.h>

static enum minnow_status check_place(const char *place, struct minnow_error *error) {
    if (!place || !strcmp(place, "after-sep") || !strcmp(place, "before-sep")) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "--mask-tokens is \"%.80s\", expected before-sep or after-sep",
                       place);
}

enum minnow_status minnow_masks_set_query(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                          uint32_t length, struct minnow_error *error) {
    const char *place = reading->options->mask_tokens;
    struct minnow_input *input = &reading->contents->inputs[MINNOW_QUERY];
    uint32_t mask;
    enum minnow_status status = check_place(place, error);
    if (!status) status = minnow_reading_find_token(reading, transformer->tokenizer, "[MASK]", &mask, error);
    if (!status)
        status = minnow_reading_set_input(reading, MINNOW_QUERY, transformer->tokenizer, "",
                                          length + MINNOW_QUERY_MASKS, error);
    input->mask_count = MINNOW_QUERY_MASKS;
    input->masks_before_trailing = place && !strcmp(place, "before-sep");
    return status;
}
