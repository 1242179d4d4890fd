#include "runtime/tokenize.h"

#include "runtime/tokenizer/utf8.h"

#include <string.h>

/* Prompt and text, as far as they become tokens. */
struct source {
    struct minnow_text prompt, text;
    bool cut;
};

/* The beginning of `text` that has at most *left characters, which are taken off. */
static struct minnow_text first_characters(struct minnow_text text, size_t *left) {
    size_t size = 0, used;
    for (; size < text.size && *left > 0; --*left, size += used)
        minnow_utf8_decode((const uint8_t *)text.bytes + size, text.size - size, &used);
    return (struct minnow_text){text.bytes, size};
}

static struct source take_source(const struct minnow_input *input, struct minnow_text text, bool truncate) {
    struct source source = {{input->prompt, strlen(input->prompt)}, text, false};
    if (!input->max_characters || !truncate) return source;
    size_t left = input->max_characters;
    source.prompt = first_characters(source.prompt, &left);
    source.text = first_characters(text, &left);
    source.cut = source.text.size < text.size;
    return source;
}

/* How many tokens are left. */
static size_t drop_unknown(const struct minnow_input *input, const struct minnow_tokenizer *tokenizer, uint32_t *ids,
                           size_t count) {
    size_t kept = 0;
    if (!input->drops_unknown) return count;
    for (size_t i = 0; i < count; i++)
        if (ids[i] != tokenizer->unknown_id) ids[kept++] = ids[i];
    return kept;
}

uint32_t minnow_special_tokens(const struct minnow_input *input) {
    return input->leading_count + (input->trailing != MINNOW_NO_TOKEN) + input->mask_count;
}

/* [MASK] tokens behind `plain` tokens of text. */
static uint32_t masks_behind(const struct minnow_input *input, size_t plain) {
    size_t others = plain + minnow_special_tokens(input);
    return others < input->fill_to ? input->fill_to - (uint32_t)others : input->mask_count;
}

/* Most tokens of a text that is cut. */
static size_t plain_room(const struct minnow_input *input) {
    return input->max_tokens - minnow_special_tokens(input) + input->cuts_trailing;
}

static bool has_trailing(const struct minnow_input *input, size_t plain, bool truncate) {
    bool cut = truncate && plain + minnow_special_tokens(input) > input->max_tokens;
    return input->trailing != MINNOW_NO_TOKEN && !cut;
}

static size_t total_tokens(const struct minnow_input *input, size_t plain, bool truncate) {
    return input->leading_count + plain + has_trailing(input, plain, truncate) + masks_behind(input, plain);
}

static uint32_t *put_masks(uint32_t *at, const struct minnow_tokenizer *tokenizer, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) *at++ = tokenizer->mask_id;
    return at;
}

/* Special tokens around ids[leading_count .. + plain). */
static void put_special_tokens(const struct minnow_input *input, const struct minnow_tokenizer *tokenizer,
                               size_t plain, bool truncate, uint32_t *ids) {
    uint32_t masks = masks_behind(input, plain), *at = ids + input->leading_count + plain;
    for (uint32_t i = 0; i < input->leading_count; i++) ids[i] = input->leading[i];
    if (input->masks_before_trailing) at = put_masks(at, tokenizer, masks);
    if (has_trailing(input, plain, truncate)) *at++ = input->trailing;
    if (!input->masks_before_trailing) put_masks(at, tokenizer, masks);
}

static struct minnow_tokens tokenize_plain(const struct minnow_contents *contents, enum minnow_role role,
                                           struct minnow_text text, uint32_t *ids) {
    const struct minnow_input *input = &contents->inputs[role];
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(contents, role);
    struct source source = take_source(input, text, true);
    size_t room = plain_room(input);
    size_t found = minnow_tokenizer_encode(tokenizer, source.prompt, source.text, ids, room, room);
    bool truncated = found > room;
    uint32_t used = (uint32_t)drop_unknown(input, tokenizer, ids, truncated ? room : found);
    return (struct minnow_tokens){used, used, truncated || source.cut};
}

struct minnow_tokens minnow_tokenize_plain(const struct minnow_contents *contents, enum minnow_role role,
                                           struct minnow_text text, uint32_t *ids) {
    return tokenize_plain(contents, role, text, ids);
}

struct minnow_tokens minnow_tokenize_for_role(const struct minnow_contents *contents, enum minnow_role role,
                                              struct minnow_text text, uint32_t *ids) {
    const struct minnow_input *input = &contents->inputs[role];
    struct minnow_tokens plain = tokenize_plain(contents, role, text, ids + input->leading_count);
    put_special_tokens(input, minnow_tokenizer_of(contents, role), plain.count, true, ids);
    uint32_t count = (uint32_t)total_tokens(input, plain.count, true);
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
    bool truncate = !(flags & MINNOW_NO_TRUNCATION);
    size_t limit = truncate ? plain_room(input) : SIZE_MAX;
    size_t least = special - input->cuts_trailing, room = capacity > least ? capacity - least : 0;
    struct source source = take_source(input, text, truncate);
    uint32_t *plain = ids ? ids + input->leading_count : NULL;
    if (room > limit) room = limit;
    size_t found = minnow_tokenizer_encode(tokenizer, source.prompt, source.text, plain, room, limit);
    size_t used = found < limit ? found : limit;
    if (used <= room) used = drop_unknown(input, tokenizer, plain, used);
    *count = total_tokens(input, used, truncate);
    if (*count > capacity)
        return minnow_fail(error, MINNOW_BUFFER_TOO_SMALL, "minnow_tokenize: %zu ids do not fit in %zu", *count,
                           capacity);
    if (*count) put_special_tokens(input, tokenizer, used, truncate, ids);
    return MINNOW_OK;
}
