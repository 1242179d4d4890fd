#include "runtime/tokenize.h"

#include <string.h>

enum { SPECIAL_TOKENS = 2 }; /* cls and sep */

static struct minnow_text prompt_of(const struct minnow_contents *contents, enum minnow_role role) {
    const char *prompt = contents->prompts[role];
    return (struct minnow_text){prompt, strlen(prompt)};
}

static uint32_t limit_of(const struct minnow_contents *contents, enum minnow_role role) {
    return contents->routes[contents->route_of_role[role]].max_tokens;
}

uint32_t minnow_tokenize_for_role(const struct minnow_contents *contents, enum minnow_role role,
                                  struct minnow_text text, uint32_t *ids, bool *truncated) {
    const struct minnow_tokenizer *tokenizer = &contents->tokenizer;
    size_t room = limit_of(contents, role) - SPECIAL_TOKENS;
    size_t found = minnow_tokenizer_encode(tokenizer, prompt_of(contents, role), text, ids + 1, room, room);
    *truncated = found > room;
    uint32_t used = (uint32_t)(*truncated ? room : found);
    ids[0] = tokenizer->cls_id;
    ids[1 + used] = tokenizer->sep_id;
    return used + SPECIAL_TOKENS;
}

enum minnow_status minnow_tokenize(const struct minnow_model *model, enum minnow_role role, struct minnow_text text,
                                   unsigned flags, uint32_t *ids, size_t capacity, size_t *count,
                                   struct minnow_error *error) {
    if (!model || !count || (!ids && capacity) || (!text.bytes && text.size) ||
        (role != MINNOW_QUERY && role != MINNOW_DOCUMENT) || (flags & ~(unsigned)MINNOW_NO_TRUNCATION))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_tokenize: model, text, role, ids, count or flags");
    const struct minnow_contents *contents = &model->contents;
    const struct minnow_tokenizer *tokenizer = &contents->tokenizer;
    size_t limit = flags & MINNOW_NO_TRUNCATION ? SIZE_MAX : limit_of(contents, role) - SPECIAL_TOKENS;
    size_t room = capacity > SPECIAL_TOKENS ? capacity - SPECIAL_TOKENS : 0;
    size_t found = minnow_tokenizer_encode(tokenizer, prompt_of(contents, role), text, ids ? ids + 1 : NULL,
                                           room < limit ? room : limit, limit);
    size_t used = found < limit ? found : limit;
    *count = used + SPECIAL_TOKENS;
    if (*count > capacity)
        return minnow_fail(error, MINNOW_BUFFER_TOO_SMALL, "minnow_tokenize: %zu ids do not fit in %zu", *count,
                           capacity);
    ids[0] = tokenizer->cls_id;
    ids[1 + used] = tokenizer->sep_id;
    return MINNOW_OK;
}
