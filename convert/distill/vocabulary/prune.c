#include "convert/distill/vocabulary/prune.h"

#include "convert/distill/vocabulary/assemble.h"
#include "runtime/tokenizer/parts.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CHARACTER = 4 };

struct candidate {
    uint64_t count;
    uint32_t id;
};

struct pruning {
    const struct minnow_token_counts *counts;
    const struct minnow_tokenizer *from;
    struct minnow_token_text continuation;
    bool *keeps; /* [from->vocabulary] */
    uint32_t kept;
    uint32_t *new_ids; /* [from->vocabulary] */
    struct candidate *candidates;
};

static void keep(struct pruning *work, uint32_t id) {
    if (id >= work->from->vocabulary || work->keeps[id]) return;
    work->keeps[id] = true;
    work->kept++;
}

/* A character as a token, at a word's beginning or inside. */
static void keep_character(struct pruning *work, const char *bytes, size_t size, bool inside) {
    char text[MINNOW_MAX_CONTINUATION + MOST_CHARACTER];
    size_t prefix = inside ? work->continuation.size : 0;
    memcpy(text, work->continuation.bytes, prefix);
    memcpy(text + prefix, bytes, size);
    keep(work, minnow_tokenizer_find(work->from, text, prefix + size));
}

static bool continues(const struct pruning *work, struct minnow_token_text token) {
    return token.size > work->continuation.size &&
           memcmp(token.bytes, work->continuation.bytes, work->continuation.size) == 0;
}

static void keep_characters_of(struct pruning *work, uint32_t id) {
    struct minnow_token_text token = minnow_token_text(work->from, id);
    bool inside = continues(work, token);
    for (size_t at = inside ? work->continuation.size : 0, used; at < token.size; at += used, inside = true) {
        minnow_utf8_decode((const uint8_t *)token.bytes + at, token.size - at, &used);
        keep_character(work, token.bytes + at, used, inside);
    }
}

/* What stands before the texts of a ColBERT. */
static void keep_markers(struct pruning *work) {
    static const char *const markers[] = {"[unused0]", "[unused1]"};
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
        keep(work, minnow_tokenizer_find(work->from, markers[i], strlen(markers[i])));
}

static void keep_necessary(struct pruning *work) {
    static const char always[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const struct minnow_tokenizer *from = work->from;
    const uint32_t special[] = {from->unknown_id, from->cls_id, from->sep_id, from->pad_id, from->mask_id};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) keep(work, special[i]);
    for (uint32_t i = 0; i < from->added_count; i++) keep(work, from->added[i].id);
    keep_markers(work);
    for (size_t i = 0; always[i]; i++) {
        keep_character(work, always + i, 1, false);
        keep_character(work, always + i, 1, true);
    }
    for (uint32_t id = 0; id < from->vocabulary; id++)
        if (work->counts->counts[id]) keep_characters_of(work, id);
}

static bool is_punctuation(char byte) {
    return (byte >= '!' && byte <= '/') || (byte >= ':' && byte <= '@') || (byte >= '[' && byte <= '`') ||
           (byte >= '{' && byte <= '~');
}

/* Punctuation marks are words of their own, so a token that holds one beside other characters ("[unused7]") is never
 * used. */
static bool can_be_used(const struct pruning *work, uint32_t id) {
    struct minnow_token_text token = minnow_token_text(work->from, id);
    for (size_t i = continues(work, token) ? work->continuation.size : 0; i < token.size; i++)
        if (token.size > 1 && is_punctuation(token.bytes[i])) return false;
    return token.size > 0;
}

static int by_count_descending(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void keep_most_frequent(struct pruning *work, uint32_t size) {
    uint32_t count = 0;
    for (uint32_t id = 0; id < work->from->vocabulary; id++)
        if (!work->keeps[id] && can_be_used(work, id))
            work->candidates[count++] = (struct candidate){work->counts->counts[id], id};
    qsort(work->candidates, count, sizeof *work->candidates, by_count_descending);
    for (uint32_t i = 0; i < count && work->kept < size; i++) keep(work, work->candidates[i].id);
}

static enum minnow_status build(struct pruning *work, struct minnow_memory *memory, struct minnow_pruned *pruned,
                                struct minnow_error *error) {
    struct minnow_text *texts = minnow_memory_take(memory, work->kept * sizeof *texts);
    pruned->kept = minnow_memory_take(memory, work->kept * sizeof *pruned->kept);
    if (!texts || !pruned->kept)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a vocabulary of %u tokens", work->kept);
    for (uint32_t id = 0, next = 0; id < work->from->vocabulary; id++) {
        if (!work->keeps[id]) continue;
        struct minnow_token_text token = minnow_token_text(work->from, id);
        texts[next] = (struct minnow_text){token.bytes, token.size};
        pruned->kept[next] = id;
        work->new_ids[id] = next++;
    }
    const struct minnow_new_tokens tokens = {texts, work->kept, work->new_ids};
    return minnow_vocabulary_assemble(work->from, &tokens, memory, &pruned->tokenizer, error);
}

static enum minnow_status prune(struct pruning *work, uint32_t size, struct minnow_memory *memory,
                                struct minnow_pruned *pruned, struct minnow_error *error) {
    if (!work->keeps || !work->new_ids || !work->candidates)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a vocabulary of %u tokens", work->from->vocabulary);
    keep_necessary(work);
    if (work->kept > size)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "a vocabulary of %u tokens, expected at least %u: so many are special tokens and characters "
                           "of the texts",
                           size, work->kept);
    keep_most_frequent(work, size);
    return build(work, memory, pruned, error);
}

enum minnow_status minnow_vocabulary_prune(const struct minnow_token_counts *counts, uint32_t size,
                                           struct minnow_memory *memory, struct minnow_pruned *pruned,
                                           struct minnow_error *error) {
    const struct minnow_tokenizer *from = counts->tokenizer;
    struct pruning work = {.counts = counts, .from = from};
    if (from->kind != MINNOW_TOKENIZER_WORDPIECE)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "the tokenizer knows whole words, expected WordPiece, whose words can be taken apart");
    work.continuation = (struct minnow_token_text){from->continuation, strlen(from->continuation)};
    work.keeps = calloc(from->vocabulary, sizeof *work.keeps);
    work.new_ids = calloc(from->vocabulary, sizeof *work.new_ids);
    work.candidates = calloc(from->vocabulary, sizeof *work.candidates);
    enum minnow_status status = prune(&work, size, memory, pruned, error);
    free(work.keeps);
    free(work.new_ids);
    free(work.candidates);
    return status;
}
