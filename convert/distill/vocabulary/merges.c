#include "convert/distill/vocabulary/merges.h"

#include "convert/distill/vocabulary/pair_table.h"

#include <stdlib.h>
#include <string.h>

struct merging {
    struct minnow_symbol_words *words;
    const char *continuation;
    struct minnow_text_set *texts;
    struct minnow_pair_table table;
};

/* Add (or take away) the pairs of a word; those that hold `fresh` are offered. */
static enum minnow_status count_pairs(struct merging *work, uint32_t word, int sign, uint32_t fresh,
                                      struct minnow_error *error) {
    const uint32_t *symbols = work->words->symbols + work->words->firsts[word];
    int64_t count = sign * (int64_t)work->words->counts[word];
    for (uint32_t i = 1; i < work->words->lengths[word]; i++) {
        uint32_t number;
        enum minnow_status status =
            minnow_pair_table_add(&work->table, symbols[i - 1], symbols[i], count, word, &number, error);
        if (status) return status;
        if (sign < 0 || (symbols[i - 1] != fresh && symbols[i] != fresh)) continue;
        status = minnow_pair_table_offer(&work->table, number, error);
        if (status) return status;
    }
    return MINNOW_OK;
}

static enum minnow_status count_all(struct merging *work, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (uint32_t word = 0; !status && word < work->words->count; word++)
        status = count_pairs(work, word, 1, MINNOW_NO_TEXT, error);
    for (uint32_t i = 0; !status && i < work->table.count; i++)
        status = minnow_pair_table_offer(&work->table, i, error);
    return status;
}

static bool holds(const struct merging *work, uint32_t word, uint32_t left, uint32_t right) {
    const uint32_t *symbols = work->words->symbols + work->words->firsts[word];
    for (uint32_t i = 1; i < work->words->lengths[word]; i++)
        if (symbols[i - 1] == left && symbols[i] == right) return true;
    return false;
}

static void replace(struct merging *work, uint32_t word, uint32_t left, uint32_t right, uint32_t merged) {
    uint32_t *symbols = work->words->symbols + work->words->firsts[word];
    uint32_t length = work->words->lengths[word], kept = 0;
    for (uint32_t i = 0; i < length; i++) {
        bool joins = i + 1 < length && symbols[i] == left && symbols[i + 1] == right;
        symbols[kept++] = joins ? merged : symbols[i];
        i += joins;
    }
    work->words->lengths[word] = kept;
}

static enum minnow_status merged_symbol(struct merging *work, uint32_t left, uint32_t right, uint32_t *merged,
                                        struct minnow_error *error) {
    struct minnow_text a = minnow_text_set_get(work->texts, left), b = minnow_text_set_get(work->texts, right);
    size_t prefix = strlen(work->continuation);
    if (b.size >= prefix && memcmp(b.bytes, work->continuation, prefix) == 0)
        b = (struct minnow_text){b.bytes + prefix, b.size - prefix};
    char *joined = malloc(a.size + b.size + 1);
    if (!joined) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a token of %zu bytes", a.size + b.size);
    memcpy(joined, a.bytes, a.size);
    memcpy(joined + a.size, b.bytes, b.size);
    enum minnow_status status =
        minnow_text_set_add(work->texts, (struct minnow_text){joined, a.size + b.size}, merged, error);
    free(joined);
    return status;
}

static enum minnow_status merge_in_word(struct merging *work, uint32_t word, uint32_t left, uint32_t right,
                                        uint32_t merged, struct minnow_error *error) {
    if (!holds(work, word, left, right)) return MINNOW_OK;
    enum minnow_status status = count_pairs(work, word, -1, merged, error);
    if (status) return status;
    replace(work, word, left, right, merged);
    return count_pairs(work, word, 1, merged, error);
}

/* The pair's list of words is taken from it first: the table moves its pairs when it grows. */
static enum minnow_status merge_pair(struct merging *work, uint32_t number, struct minnow_error *error) {
    struct minnow_symbol_pair pair = work->table.pairs[number];
    uint32_t merged;
    enum minnow_status status = merged_symbol(work, pair.left, pair.right, &merged, error);
    if (status) return status;
    work->table.pairs[number].words = NULL;
    work->table.pairs[number].word_count = work->table.pairs[number].word_capacity = 0;
    for (uint32_t i = 0; !status && i < pair.word_count; i++)
        status = merge_in_word(work, pair.words[i], pair.left, pair.right, merged, error);
    free(pair.words);
    return status;
}

enum minnow_status minnow_vocabulary_merge(struct minnow_symbol_words *words, const char *continuation, uint32_t size,
                                           struct minnow_text_set *texts, struct minnow_error *error) {
    struct merging work = {.words = words, .continuation = continuation, .texts = texts};
    uint32_t best;
    enum minnow_status status = count_all(&work, error);
    while (!status && texts->count < size && minnow_pair_table_take_best(&work.table, &best))
        status = merge_pair(&work, best, error);
    minnow_pair_table_free(&work.table);
    return status;
}
