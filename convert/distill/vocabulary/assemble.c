#include "convert/distill/vocabulary/assemble.h"

#include "convert/checkpoint/tokenizer_parts.h"

#include <string.h>

static uint32_t new_id(const struct minnow_new_tokens *tokens, uint32_t id) {
    return id == MINNOW_NO_TOKEN ? MINNOW_NO_TOKEN : tokens->new_ids[id];
}

static enum minnow_status build_tables(const struct minnow_tokenizer *settings, const struct minnow_new_tokens *tokens,
                                       struct minnow_memory *memory, struct minnow_tokenizer *tokenizer,
                                       struct minnow_error *error) {
    struct minnow_token_list list;
    enum minnow_status status =
        minnow_token_list_create(memory, "new vocabulary", tokens->count, settings->added_count, &list, error);
    if (status) return status;
    memcpy(list.texts, tokens->texts, tokens->count * sizeof *list.texts);
    for (uint32_t i = 0; i < settings->added_count; i++) {
        list.added[i] = settings->added[i];
        list.added[i].id = tokens->new_ids[settings->added[i].id];
    }
    list.added_count = settings->added_count;
    return minnow_token_list_build(&list, tokenizer, error);
}

enum minnow_status minnow_vocabulary_assemble(const struct minnow_tokenizer *settings,
                                              const struct minnow_new_tokens *tokens, struct minnow_memory *memory,
                                              struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    *tokenizer = *settings;
    enum minnow_status status = build_tables(settings, tokens, memory, tokenizer, error);
    if (status) return status;
    tokenizer->continuation = minnow_memory_copy_text(memory, settings->continuation, strlen(settings->continuation));
    if (!tokenizer->continuation) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a vocabulary");
    tokenizer->unknown_id = new_id(tokens, settings->unknown_id);
    tokenizer->cls_id = new_id(tokens, settings->cls_id);
    tokenizer->sep_id = new_id(tokens, settings->sep_id);
    tokenizer->pad_id = new_id(tokens, settings->pad_id);
    tokenizer->mask_id = new_id(tokens, settings->mask_id);
    return minnow_tokenizer_check(tokenizer, error);
}
