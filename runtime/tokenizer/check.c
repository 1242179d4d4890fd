#include "runtime/tokenizer/parts.h"

#include <string.h>

/* Longest run of taken slots: what one lookup may cost. Half-full tables stay far below it. */
enum { MAX_PROBES = 1024 };

enum { SLOTS_AT_ONCE = 256 };

#define ALL_OPTIONS                                                                           \
    (MINNOW_TOKENIZER_CLEAN_TEXT | MINNOW_TOKENIZER_SPACE_CJK | MINNOW_TOKENIZER_STRIP_ACCENTS | \
     MINNOW_TOKENIZER_LOWERCASE)

static enum minnow_status check_offsets(const struct minnow_tokenizer *t, struct minnow_error *error) {
    uint32_t texts = minnow_tokenizer_texts(t);
    if (t->offsets[0] != 0)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.offsets[0]: is %u, expected 0", t->offsets[0]);
    for (uint32_t i = 0; i < texts; ++i)
        if (t->offsets[i + 1] < t->offsets[i] || t->offsets[i + 1] > t->text_bytes)
            return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.offsets[%u]: is %u, expected %u to %u", i + 1,
                               t->offsets[i + 1], t->offsets[i], t->text_bytes);
    if (t->offsets[texts] != t->text_bytes)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.offsets[%u]: is %u, expected the text's %u bytes", texts,
                           t->offsets[texts], t->text_bytes);
    return MINNOW_OK;
}

/* The same as each token alone, and much faster: the whole is valid and no token begins inside a character. */
static bool whole_text_is_valid(const struct minnow_tokenizer *t) {
    bool at_characters = true;
    if (minnow_utf8_valid_prefix(t->text, t->text_bytes) != t->text_bytes) return false;
    for (uint32_t id = 0; id < minnow_tokenizer_texts(t) && t->offsets[id] < t->text_bytes; ++id)
        at_characters &= ((uint8_t)t->text[t->offsets[id]] & 0xC0) != 0x80;
    return at_characters;
}

static enum minnow_status check_text(const struct minnow_tokenizer *t, struct minnow_error *error) {
    if (whole_text_is_valid(t)) return MINNOW_OK;
    for (uint32_t id = 0; id < minnow_tokenizer_texts(t); ++id) {
        struct minnow_token_text token = minnow_token_text(t, id);
        if (minnow_utf8_valid_prefix(token.bytes, token.size) != token.size)
            return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.text: token %u is not valid UTF-8", id);
    }
    return MINNOW_OK;
}

/* Without a branch on what the slots hold, which no CPU can foresee. True: check_slot_runs has nothing to complain
 * about, wherever a run wraps around. */
static bool slot_runs_are_short(const struct minnow_tokenizer *t) {
    uint32_t run = 0, longest = 0, outside = 0, texts = minnow_tokenizer_texts(t);
    for (uint32_t slot = 0; slot < t->slot_count; ++slot) {
        uint32_t id = t->slots[slot], taken = id != MINNOW_NO_TOKEN;
        outside |= taken & (id >= texts);
        run = (run + 1) & (0 - taken);
        longest = longest > run ? longest : run;
    }
    return !outside && longest <= MAX_PROBES / 2 && longest < t->slot_count / 2;
}

/* Ids in range, and runs of taken slots short; past the end goes on until the run that wraps around is over. */
static enum minnow_status check_slot_runs(const struct minnow_tokenizer *t, struct minnow_error *error) {
    uint32_t run = 0;
    if (slot_runs_are_short(t)) return MINNOW_OK;
    for (uint64_t i = 0; i < 2 * (uint64_t)t->slot_count; ++i) {
        uint32_t slot = (uint32_t)(i & (t->slot_count - 1));
        uint32_t id = t->slots[slot];
        run = id == MINNOW_NO_TOKEN ? 0 : run + 1;
        if (run == 0 && i >= t->slot_count) break;
        if (id != MINNOW_NO_TOKEN && id >= minnow_tokenizer_texts(t))
            return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.slots[%u]: id %u, expected less than %u", slot, id,
                               minnow_tokenizer_texts(t));
        if (run > MAX_PROBES || run >= t->slot_count)
            return minnow_fail(error, MINNOW_BAD_MODEL,
                               "tokenizer.slots[%u]: ends a run of %u taken slots, expected at most %d and one empty",
                               slot, run, MAX_PROBES);
    }
    return MINNOW_OK;
}

/* The taken ones of the slots from *next on, in order; returns how many of SLOTS_AT_ONCE they are. */
static size_t gather_taken(const struct minnow_tokenizer *t, uint32_t *next, uint32_t taken[SLOTS_AT_ONCE]) {
    size_t count = 0;
    uint32_t end = t->slot_count - *next > SLOTS_AT_ONCE ? *next + SLOTS_AT_ONCE : t->slot_count;
    for (; *next < end; ++*next) {
        taken[count] = *next;
        count += t->slots[*next] != MINNOW_NO_TOKEN;
    }
    return count;
}

/* Each id stands where a lookup of its text ends, so that none is there twice or unreachable. */
static enum minnow_status check_slot_places(const struct minnow_tokenizer *t, struct minnow_error *error) {
    uint32_t taken[SLOTS_AT_ONCE];
    for (uint32_t next = 0; next < t->slot_count;) {
        size_t count = gather_taken(t, &next, taken);
        for (size_t i = 0; i < count; ++i)
            if (!minnow_vocabulary_reaches(t, taken[i]))
                return minnow_fail(error, MINNOW_BAD_MODEL,
                                   "tokenizer.slots[%u]: holds id %u, but looking its text up does not end there",
                                   taken[i], t->slots[taken[i]]);
    }
    return MINNOW_OK;
}

static int compare_text(struct minnow_token_text a, struct minnow_token_text b) {
    int order = memcmp(a.bytes, b.bytes, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static bool holds_replacement(struct minnow_token_text token) {
    for (size_t i = 0; i + 3 <= token.size; ++i)
        if (memcmp(token.bytes + i, "\xEF\xBF\xBD", 3) == 0) return true;
    return false;
}

static enum minnow_status check_added_token(const struct minnow_tokenizer *t, uint32_t index,
                                            struct minnow_error *error) {
    const struct minnow_added_token *added = &t->added[index];
    if (added->id >= t->vocabulary)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.added[%u].id: is %u, expected less than %u", index,
                           added->id, t->vocabulary);
    if ((added->single_word | added->left_strip | added->right_strip) > 1)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.added[%u]: flags %u %u %u, expected 0 or 1", index,
                           added->single_word, added->left_strip, added->right_strip);
    struct minnow_token_text token = minnow_token_text(t, added->id);
    if (token.size == 0 || token.size > MINNOW_MAX_ADDED_BYTES)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.added[%u]: its text has %zu bytes, expected 1 to %u",
                           index, token.size, MINNOW_MAX_ADDED_BYTES);
    /* It would have to match bytes that are not UTF-8. */
    if (holds_replacement(token))
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.added[%u]: its text holds U+FFFD", index);
    if (index > 0 && compare_text(minnow_token_text(t, t->added[index - 1].id), token) >= 0)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.added[%u]: not after the one before it, by text",
                           index);
    return MINNOW_OK;
}

static enum minnow_status check_id(const struct minnow_tokenizer *t, const char *name, uint32_t id, bool optional,
                                   struct minnow_error *error) {
    if (id < t->vocabulary || (optional && id == MINNOW_NO_TOKEN)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.%s: is %u, expected less than %u", name, id, t->vocabulary);
}

static enum minnow_status check_ids(const struct minnow_tokenizer *t, struct minnow_error *error) {
    bool drops_unknown = t->kind == MINNOW_TOKENIZER_WHITESPACE;
    enum minnow_status status = check_id(t, "unknown_id", t->unknown_id, drops_unknown, error);
    if (status == MINNOW_OK) status = check_id(t, "cls_id", t->cls_id, true, error);
    if (status == MINNOW_OK) status = check_id(t, "sep_id", t->sep_id, true, error);
    if (status == MINNOW_OK) status = check_id(t, "pad_id", t->pad_id, true, error);
    if (status == MINNOW_OK) status = check_id(t, "mask_id", t->mask_id, true, error);
    return status;
}

/* Stop words and added tokens are each of one kind, and of no use to the other. */
static enum minnow_status check_kind(const struct minnow_tokenizer *t, struct minnow_error *error) {
    bool whitespace = t->kind == MINNOW_TOKENIZER_WHITESPACE;
    if ((unsigned)t->kind > MINNOW_TOKENIZER_WORDS)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.kind: is %d, expected 0 to %d", (int)t->kind,
                           MINNOW_TOKENIZER_WORDS);
    if (t->stop_words > (whitespace ? MINNOW_MAX_VOCABULARY : 0))
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.stop_words: %u of them, expected at most %u",
                           t->stop_words, whitespace ? MINNOW_MAX_VOCABULARY : 0);
    if (t->added_count > (whitespace ? 0 : t->vocabulary))
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.added: %u of them, expected at most %u",
                           t->added_count, whitespace ? 0 : t->vocabulary);
    return MINNOW_OK;
}

/* What must hold before anything may be dereferenced by index. */
static enum minnow_status check_shape(const struct minnow_tokenizer *t, struct minnow_error *error) {
    if (!t->text || !t->offsets || !t->slots || !t->continuation || (t->added_count > 0 && !t->added))
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer: a table is missing");
    if (t->vocabulary == 0 || t->vocabulary > MINNOW_MAX_VOCABULARY)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.vocabulary: is %u, expected 1 to %u", t->vocabulary,
                           MINNOW_MAX_VOCABULARY);
    if (t->slot_count == 0 || (t->slot_count & (t->slot_count - 1)) != 0)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.slots: %u of them, expected a power of two",
                           t->slot_count);
    return check_kind(t, error);
}

static enum minnow_status check_settings(const struct minnow_tokenizer *t, struct minnow_error *error) {
    if (t->options & ~(uint32_t)ALL_OPTIONS)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.options: is %#x, expected bits of %#x", t->options,
                           (unsigned)ALL_OPTIONS);
    if (t->max_word_characters == 0 || t->max_word_characters > MINNOW_MAX_WORD_CHARACTERS)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizer.max_word_characters: is %u, expected 1 to %u",
                           t->max_word_characters, MINNOW_MAX_WORD_CHARACTERS);
    size_t size = strnlen(t->continuation, MINNOW_MAX_CONTINUATION + 1);
    if (size > MINNOW_MAX_CONTINUATION || minnow_utf8_valid_prefix(t->continuation, size) != size)
        return minnow_fail(error, MINNOW_BAD_MODEL,
                           "tokenizer.continuation: expected at most %u bytes of valid UTF-8, found %zu or more",
                           MINNOW_MAX_CONTINUATION, size);
    return MINNOW_OK;
}

enum minnow_status minnow_tokenizer_check(const struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    enum minnow_status status = check_shape(tokenizer, error);
    if (status == MINNOW_OK) status = check_settings(tokenizer, error);
    if (status == MINNOW_OK) status = check_ids(tokenizer, error);
    if (status == MINNOW_OK) status = check_offsets(tokenizer, error);
    if (status == MINNOW_OK) status = check_text(tokenizer, error);
    if (status == MINNOW_OK) status = check_slot_runs(tokenizer, error);
    if (status == MINNOW_OK) status = check_slot_places(tokenizer, error);
    for (uint32_t i = 0; i < tokenizer->added_count && status == MINNOW_OK; ++i)
        status = check_added_token(tokenizer, i, error);
    return status;
}
