#include "convert/distill/vocabulary/characters.h"

#include "convert/checkpoint/tokenizer_parts.h"
#include "runtime/tokenizer/parts.h"

#include <string.h>

/* Token 0 is the unknown one; behind it every character twice, as a word's first and as another one. */
enum { FIRST_SURROGATE = 0xD800, SURROGATES = 0x800, END = 0x30000, CHARACTERS = END - SURROGATES - 1 };

static uint32_t character_at(uint32_t index) {
    return index + 1 < FIRST_SURROGATE ? index + 1 : index + 1 + SURROGATES;
}

uint32_t minnow_character_of(uint32_t id) { return id ? character_at((id - 1) / 2) : 0; }

bool minnow_character_begins_word(uint32_t id) { return !id || id % 2; }

static enum minnow_status list_characters(const char *continuation, struct minnow_token_list *list,
                                          struct minnow_error *error) {
    static const struct minnow_text unknown = {"[UNK]", 5};
    size_t prefix = strlen(continuation), room = 2 * (prefix + 4);
    char *bytes = minnow_memory_take(list->memory, CHARACTERS * room);
    if (!bytes) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%d characters", CHARACTERS);
    list->texts[0] = unknown;
    for (uint32_t i = 0; i < CHARACTERS; i++, bytes += room) {
        memcpy(bytes, continuation, prefix);
        size_t size = minnow_utf8_encode(character_at(i), bytes + prefix);
        list->texts[1 + 2 * i] = (struct minnow_text){bytes + prefix, size};
        list->texts[2 + 2 * i] = (struct minnow_text){bytes, prefix + size};
    }
    return MINNOW_OK;
}

enum minnow_status minnow_characters_create(const struct minnow_tokenizer *settings, struct minnow_memory *memory,
                                            struct minnow_tokenizer *characters, struct minnow_error *error) {
    struct minnow_token_list list;
    if (settings->kind != MINNOW_TOKENIZER_WORDPIECE || !*settings->continuation)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "the tokenizer does not take words apart into marked pieces, expected WordPiece");
    enum minnow_status status = minnow_token_list_create(memory, "characters", 1 + 2 * CHARACTERS, 0, &list, error);
    if (!status) status = list_characters(settings->continuation, &list, error);
    if (status) return status;
    *characters = *settings;
    characters->unknown_id = 0;
    characters->cls_id = characters->sep_id = characters->pad_id = characters->mask_id = MINNOW_NO_TOKEN;
    return minnow_token_list_build(&list, characters, error);
}
