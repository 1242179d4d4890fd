#include "platforms/cli/bench_text.h"

#include "runtime/error.h"
#include "runtime/model/model.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 2000, SHORTEST = 3 };

size_t minnow_count_tokens(const struct minnow_model *model, enum minnow_role role, struct minnow_text text) {
    size_t count = 0;
    struct minnow_error ignored;
    minnow_tokenize(model, role, text, MINNOW_NO_TRUNCATION, NULL, 0, &count, &ignored);
    return count;
}

static bool is_plain_word(struct minnow_text text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.bytes[i] < 'a' || text.bytes[i] > 'z') return false;
    return text.size >= SHORTEST;
}

static struct minnow_text token_text(const struct minnow_tokenizer *tokenizer, uint32_t id) {
    uint32_t first = tokenizer->offsets[id];
    return (struct minnow_text){tokenizer->text + first, tokenizer->offsets[id + 1] - first};
}

enum minnow_status minnow_words_find(const struct minnow_model *model, enum minnow_role role,
                                     struct minnow_words *words, struct minnow_error *error) {
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(&model->contents, role);
    *words = (struct minnow_words){.frame = minnow_count_tokens(model, role, (struct minnow_text){"", 0})};
    words->items = calloc(MOST_WORDS, sizeof *words->items);
    if (!words->items) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%d words", MOST_WORDS);
    for (uint32_t id = 0; id < tokenizer->vocabulary && words->count < MOST_WORDS; id++) {
        struct minnow_text text = token_text(tokenizer, id);
        if (is_plain_word(text) && minnow_count_tokens(model, role, text) == words->frame + 1)
            words->items[words->count++] = text;
    }
    if (words->count) return MINNOW_OK;
    minnow_words_free(words);
    return minnow_fail(error, MINNOW_UNSUPPORTED, "the vocabulary holds no word of %d or more letters a to z",
                       SHORTEST);
}

void minnow_words_free(struct minnow_words *words) {
    free(words->items);
    *words = (struct minnow_words){0};
}

/* A fixed sequence for each seed (Knuth's MMIX generator). */
static size_t draw(uint64_t *state, size_t count) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*state >> 33) % count;
}

enum minnow_status minnow_words_make_text(const struct minnow_words *words, size_t tokens, uint64_t seed,
                                          struct minnow_text *text, struct minnow_error *error) {
    size_t count = tokens > words->frame ? tokens - words->frame : 0, size = 0, longest = 0;
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].size > longest) longest = words->items[i].size;
    char *bytes = malloc(count * (longest + 1) + 1);
    if (!bytes) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a text of %zu tokens", tokens);
    for (size_t i = 0; i < count; i++) {
        struct minnow_text word = words->items[draw(&seed, words->count)];
        memcpy(bytes + size, word.bytes, word.size);
        size += word.size;
        bytes[size++] = ' ';
    }
    *text = (struct minnow_text){bytes, size};
    return MINNOW_OK;
}
