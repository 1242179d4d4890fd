#include "runtime/tokenize.h"

#include <string.h>

static struct minnow_text prompt_of(const struct minnow_input *input) {
    return (struct minnow_text){input->prompt, strlen(input->prompt)};
}

uint32_t minnow_special_tokens(const struct minnow_input *input) {
    return input->leading_count + (input->trailing != MINNOW_NO_TOKEN) + input->mask_count;
}

/* [MASK] tokens behind `plain` tokens of text. */
static uint32_t masks_behind(const struct minnow_input *input, size_t plain) {
    size_t others = plain + minnow_special_tokens(input);
    return others < input->fill_to ? input->fill_to - (uint32_t)others : input->mask_count;
}

static size_t total_tokens(const struct minnow_input *input, size_t plain) {
    return plain + minnow_special_tokens(input) - input->mask_count + masks_behind(input, plain);
}

static uint32_t *put_masks(uint32_t *at, const struct minnow_tokenizer *tokenizer, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) *at++ = tokenizer->mask_id;
    return at;
}

/* Special tokens around ids[leading_count .. + plain). */
static void put_special_tokens(const struct minnow_input *input, const struct minnow_tokenizer *tokenizer,
                               size_t plain, uint32_t *ids) {
    uint32_t masks = masks_behind(input, plain), *at = ids + input->leading_count + plain;
    for (uint32_t i = 0; i < input->leading_count; i++) ids[i] = input->leading[i];
    if (input->masks_before_trailing) at = put_masks(at, tokenizer, masks);
    if (input->trailing != MINNOW_NO_TOKEN) *at++ = input->trailing;
    if (!input->masks_before_trailing) put_masks(at, tokenizer, masks);
}

static struct minnow_tokens tokenize_plain(const struct minnow_contents *contents, enum minnow_role role,
                                           struct minnow_text text, uint32_t *ids) {
    const struct minnow_input *input = &contents->inputs[role];
    size_t room = input->max_tokens - minnow_special_tokens(input);
    size_t found = minnow_tokenizer_encode(minnow_tokenizer_of(contents, role), prompt_of(input), text, ids, room, room);
    bool truncated = found > room;
    uint32_t used = (uint32_t)(truncated ? room : found);
    return (struct minnow_tokens){used, used, truncated};
}

struct minnow_tokens minnow_tokenize_plain(const struct minnow_contents *contents, enum minnow_role role,
                                           struct minnow_text text, uint32_t *ids) {
    return tokenize_plain(contents, role, text, ids);
}

struct minnow_tokens minnow_tokenize_for_role(const struct minnow_contents *contents, enum minnow_role role,
                                              struct minnow_text text, uint32_t *ids) {
    const struct minnow_input *input = &contents->inputs[role];
    struct minnow_tokens plain = tokenize_plain(contents, role, text, ids + input->leading_count);
    put_special_tokens(input, minnow_tokenizer_of(contents, role), plain.count, ids);
    uint32_t count = (uint32_t)total_tokens(input, plain.count);
    uint32_t unseen = input->masks_unseen ? masks_behind(input, plain.count) : 0;
    return (struct minnow_tokens){count, count - unseen, plain.truncated};
}

struct minnow_pair minnow_cut_pair(const struct minnow_contents *contents, struct minnow_pair plain, uint32_t most) {
    uint32_t special = minnow_special_tokens(&contents->inputs[MINNOW_QUERY]) +
                       minnow_special_tokens(&contents->inputs[MINNOW_DOCUMENT]);
    uint32_t room = most > special ? most - special : 0;
    if (plain.query + plain.document <= room) return plain;
    bool query_longer = plain.query > plain.document;
    uint32_t shorter = query_longer ? plain.document : plain.query;
    if (shorter > room / 2) shorter = room / 2;
    return query_longer ? (struct minnow_pair){room - shorter, shorter} : (struct minnow_pair){shorter, room - shorter};
}

enum minnow_status minnow_tokenize(const struct minnow_model *model, enum minnow_role role, struct minnow_text text,
                                   unsigned flags, uint32_t *ids, size_t capacity, size_t *count,
                                   struct minnow_error *error) {
    if (!model || !count || (!ids && capacity) || (!text.bytes && text.size) ||
        (role != MINNOW_QUERY && role != MINNOW_DOCUMENT) || (flags & ~(unsigned)MINNOW_NO_TRUNCATION))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_tokenize: model, text, role, ids, count or flags");
    const struct minnow_contents *contents = &model->contents;
    const struct minnow_input *input = &contents->inputs[role];
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(contents, role);
    size_t special = minnow_special_tokens(input);
    size_t limit = flags & MINNOW_NO_TRUNCATION ? SIZE_MAX : input->max_tokens - special;
    size_t room = capacity > special ? capacity - special : 0;
    size_t found = minnow_tokenizer_encode(tokenizer, prompt_of(input), text, ids ? ids + input->leading_count : NULL,
                                           room < limit ? room : limit, limit);
    size_t used = found < limit ? found : limit;
    *count = total_tokens(input, used);
    if (*count > capacity)
        return minnow_fail(error, MINNOW_BUFFER_TOO_SMALL, "minnow_tokenize: %zu ids do not fit in %zu", *count,
                           capacity);
    if (*count) put_special_tokens(input, tokenizer, used, ids);
    return MINNOW_OK;
}
