/* The meaning of what is put around a text. */
#include "runtime/model/check_layers.h"

static const char *const names[] = {"query_input", "document_input"};

static enum minnow_status check_token(uint32_t id, const char *what, uint32_t vocabulary,
                                      const struct minnow_place *place, struct minnow_error *error) {
    if (id < vocabulary) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%s is token %u, expected less than %u", what, id,
                          vocabulary);
}

static enum minnow_status check_tokens(const struct minnow_input *input, const struct minnow_tokenizer *tokenizer,
                                       const struct minnow_place *place, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    if (input->leading_count > sizeof input->leading / sizeof *input->leading)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%u leading tokens", input->leading_count);
    for (uint32_t i = 0; i < input->leading_count && status == MINNOW_OK; i++)
        status = check_token(input->leading[i], "leading", tokenizer->vocabulary, place, error);
    if (status == MINNOW_OK && input->trailing != MINNOW_NO_TOKEN)
        status = check_token(input->trailing, "trailing", tokenizer->vocabulary, place, error);
    if (status == MINNOW_OK && (input->mask_count || input->fill_to))
        status = check_token(tokenizer->mask_id, "[MASK]", tokenizer->vocabulary, place, error);
    return status;
}

static enum minnow_status check_masks(const struct minnow_input *input, const struct minnow_place *place,
                                      struct minnow_error *error) {
    if (input->mask_count && input->fill_to)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "mask_count and fill_to, expected one of them");
    if (input->fill_to > input->max_tokens)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "fill_to is %u, expected at most max_tokens, %u",
                              input->fill_to, input->max_tokens);
    if (input->cuts_trailing && (input->mask_count || input->trailing == MINNOW_NO_TOKEN))
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "cuts_trailing, with mask_count or without trailing");
    if (input->masks_unseen && input->masks_before_trailing)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "masks_unseen, but they are not at the end");
    return MINNOW_OK;
}

/* `most`: tokens that the layers behind it take. */
static enum minnow_status check_lengths(const struct minnow_input *input, uint32_t most,
                                        const struct minnow_place *place, struct minnow_error *error) {
    uint64_t least = (uint64_t)input->leading_count + (input->trailing != MINNOW_NO_TOKEN) + input->mask_count + 1;
    if (input->max_tokens < least || input->max_tokens > most)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "max_tokens is %u, expected %llu to %u",
                              input->max_tokens, (unsigned long long)least, most);
    if (input->first_position > MINNOW_MAX_TOKENS || input->type > MINNOW_MAX_WIDTH)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "first_position is %u and type %u, limits are %u and %u",
                              input->first_position, input->type, MINNOW_MAX_TOKENS, MINNOW_MAX_WIDTH);
    return MINNOW_OK;
}

static enum minnow_status check_skipped(const struct minnow_input *input, const struct minnow_place *place,
                                        struct minnow_error *error) {
    if (input->skipped_count > MINNOW_MAX_SKIPPED || (input->skipped_count && !input->skipped))
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%u skipped tokens, limit is %u", input->skipped_count,
                              MINNOW_MAX_SKIPPED);
    for (uint32_t i = 1; i < input->skipped_count; i++)
        if (input->skipped[i] <= input->skipped[i - 1])
            return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "skipped[%u] is not above the one before it", i);
    return MINNOW_OK;
}

/* To the tokens of another text. */
static bool can_join(const struct minnow_input *input) {
    bool special = input->leading_count || input->trailing != MINNOW_NO_TOKEN;
    return special && !input->mask_count && !input->fill_to && !input->cuts_trailing && !input->tokenizer && !input->first_position;
}

static const struct minnow_route *reached(const struct minnow_contents *contents, enum minnow_role role) {
    const struct minnow_route *route = minnow_route_of(contents, role);
    return route ? route : minnow_joint_route(contents);
}

enum minnow_status minnow_check_inputs(const struct minnow_contents *contents, struct minnow_error *error) {
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        const struct minnow_input *input = &contents->inputs[role];
        struct minnow_place place = {NULL, names[role], MINNOW_NO_INDEX};
        if (input->tokenizer >= contents->tokenizer_count)
            return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "tokenizer is %u, expected less than %u",
                                  input->tokenizer, contents->tokenizer_count);
        if (minnow_joint_takes_tokens(contents) && !can_join(input))
            return minnow_fail_at(error, MINNOW_BAD_MODEL, &place,
                                  "no special token, [MASK] or a tokenizer of its own in a text that is joined");
        enum minnow_status status = check_tokens(input, &contents->tokenizers[input->tokenizer], &place, error);
        if (status == MINNOW_OK) status = check_masks(input, &place, error);
        if (status == MINNOW_OK) status = check_lengths(input, reached(contents, role)->max_tokens, &place, error);
        if (status == MINNOW_OK) status = check_skipped(input, &place, error);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}
