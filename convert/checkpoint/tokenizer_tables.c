#include "convert/checkpoint/tokenizer_files.h"
#include "convert/checkpoint/tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TOKENS = 1 << 24 };

enum minnow_status minnow_token_list_create(struct minnow_memory *memory, const char *name, size_t model, size_t added,
                                            struct minnow_token_list *list, struct minnow_error *error) {
    if (model == 0 || model > MOST_TOKENS || added > MOST_TOKENS)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %zu tokens and %zu added ones, expected 1 to %d", name,
                           model, added, MOST_TOKENS);
    *list = (struct minnow_token_list){.memory = memory, .name = name, .model = (uint32_t)model,
                                       .count = (uint32_t)model, .capacity = (uint32_t)(model + added)};
    list->texts = minnow_memory_take(memory, list->capacity * sizeof *list->texts);
    list->added = minnow_memory_take(memory, added * sizeof *list->added);
    if (!list->texts || !list->added)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for %u tokens", name, list->capacity);
    return MINNOW_OK;
}

static enum minnow_status copy_texts(const struct minnow_token_list *list, struct minnow_tokenizer *tokenizer,
                                     struct minnow_error *error) {
    size_t bytes = 0; /* texts come from a file of bounded size, so neither this nor an offset overflows */
    uint32_t count = list->count + list->stop_words;
    for (uint32_t id = 0; id < count; ++id) bytes += list->texts[id].size;
    char *text = minnow_memory_take(list->memory, bytes);
    uint32_t *offsets = minnow_memory_take(list->memory, ((size_t)count + 1) * sizeof *offsets);
    if (!text || !offsets)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for the vocabulary", list->name);
    uint32_t at = 0;
    for (uint32_t id = 0; id < count; ++id) {
        memcpy(text + at, list->texts[id].bytes, list->texts[id].size);
        at += (uint32_t)list->texts[id].size;
        offsets[id + 1] = at;
    }
    tokenizer->text = text;
    tokenizer->offsets = offsets;
    tokenizer->text_bytes = at;
    return MINNOW_OK;
}

/* The slots lead to the model's tokens alone; the rest are known only as added tokens. */
static enum minnow_status build_slots(const struct minnow_token_list *list, struct minnow_tokenizer *tokenizer,
                                      struct minnow_error *error) {
    size_t count = minnow_tokenizer_slot_count(list->model + list->stop_words);
    uint32_t *slots = minnow_memory_take(list->memory, count * sizeof *slots);
    if (!slots) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for the vocabulary", list->name);
    tokenizer->vocabulary = list->model;
    tokenizer->stop_words = list->stop_words;
    minnow_tokenizer_fill_slots(tokenizer, slots);
    tokenizer->vocabulary = list->count;
    for (uint32_t id = 0; id < list->model; ++id) {
        uint32_t found = minnow_tokenizer_find(tokenizer, list->texts[id].bytes, list->texts[id].size);
        if (found != id && found < list->model)
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: tokens %u and %u are both \"%.*s\"", list->name,
                               found, id, (int)list->texts[id].size, list->texts[id].bytes);
    }
    return MINNOW_OK;
}

struct sorted {
    struct minnow_text text;
    struct minnow_added_token added;
};

static int compare_sorted(const void *a, const void *b) {
    const struct minnow_text *x = &((const struct sorted *)a)->text, *y = &((const struct sorted *)b)->text;
    int order = memcmp(x->bytes, y->bytes, x->size < y->size ? x->size : y->size);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static enum minnow_status sort_added(const struct minnow_token_list *list, struct minnow_tokenizer *tokenizer,
                                     struct minnow_error *error) {
    struct sorted *sorted = minnow_memory_take(list->memory, list->added_count * sizeof *sorted);
    if (!sorted) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for added tokens", list->name);
    for (uint32_t i = 0; i < list->added_count; ++i)
        sorted[i] = (struct sorted){list->texts[list->added[i].id], list->added[i]};
    qsort(sorted, list->added_count, sizeof *sorted, compare_sorted);
    for (uint32_t i = 0; i < list->added_count; ++i) {
        list->added[i] = sorted[i].added;
        if (i > 0 && compare_sorted(&sorted[i - 1], &sorted[i]) == 0)
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: added_tokens: \"%.*s\" is there twice", list->name,
                               (int)sorted[i].text.size, sorted[i].text.bytes);
    }
    tokenizer->added = list->added;
    tokenizer->added_count = list->added_count;
    return MINNOW_OK;
}

enum minnow_status minnow_token_list_build(const struct minnow_token_list *list, struct minnow_tokenizer *tokenizer,
                                           struct minnow_error *error) {
    enum minnow_status status = copy_texts(list, tokenizer, error);
    if (status == MINNOW_OK) status = build_slots(list, tokenizer, error);
    if (status == MINNOW_OK) status = sort_added(list, tokenizer, error);
    return status;
}

uint32_t minnow_token_id(const struct minnow_tokenizer *tokenizer, const char *text) {
    size_t size = strlen(text);
    uint32_t id = minnow_tokenizer_find(tokenizer, text, size);
    for (uint32_t i = 0; i < tokenizer->added_count && id == MINNOW_NO_TOKEN; ++i) {
        const uint32_t *range = tokenizer->offsets + tokenizer->added[i].id;
        if (range[1] - range[0] == size && memcmp(tokenizer->text + range[0], text, size) == 0)
            id = tokenizer->added[i].id;
    }
    return id;
}

enum minnow_status minnow_token_require(const struct minnow_token_list *list, const struct minnow_tokenizer *tokenizer,
                                        const char *key, const char *text, uint32_t *id, struct minnow_error *error) {
    *id = minnow_token_id(tokenizer, text);
    if (*id != MINNOW_NO_TOKEN) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: found \"%s\", expected a token of the vocabulary",
                       list->name, key, text);
}

static bool settings_equal(const struct minnow_tokenizer *a, const struct minnow_tokenizer *b) {
    const uint32_t left[] = {a->kind,       a->vocabulary, a->stop_words, a->text_bytes, a->added_count, a->options,
                             a->unknown_id, a->cls_id,     a->sep_id,     a->pad_id,     a->mask_id,
                             a->max_word_characters};
    const uint32_t right[] = {b->kind,       b->vocabulary, b->stop_words, b->text_bytes, b->added_count, b->options,
                              b->unknown_id, b->cls_id,     b->sep_id,     b->pad_id,     b->mask_id,
                              b->max_word_characters};
    return memcmp(left, right, sizeof left) == 0 && strcmp(a->continuation, b->continuation) == 0;
}

bool minnow_tokenizers_equal(const struct minnow_tokenizer *a, const struct minnow_tokenizer *b) {
    if (!settings_equal(a, b)) return false;
    size_t offsets = ((size_t)minnow_tokenizer_texts(a) + 1) * sizeof *a->offsets;
    size_t added = a->added_count * sizeof *a->added;
    return memcmp(a->offsets, b->offsets, offsets) == 0 && memcmp(a->text, b->text, a->text_bytes) == 0 &&
           (added == 0 || memcmp(a->added, b->added, added) == 0);
}
