#include "convert/distill/vocabulary/train.h"

#include "convert/distill/vocabulary/assemble.h"
#include "convert/distill/vocabulary/characters.h"
#include "convert/distill/vocabulary/merges.h"
#include "runtime/tokenizer/parts.h"

#include <stdlib.h>
#include <string.h>

struct minnow_vocabulary_trainer {
    const struct minnow_tokenizer *settings;
    struct minnow_memory *memory;
    struct minnow_tokenizer characters;
    struct minnow_text_set words; /* each as the ids of its characters */
    uint64_t *counts;             /* [count_room] by word */
    size_t count_room;
    uint32_t *ids; /* room for those of one text */
    size_t id_room;
};

enum minnow_status minnow_vocabulary_trainer_create(const struct minnow_tokenizer *settings,
                                                    struct minnow_vocabulary_trainer **out,
                                                    struct minnow_error *error) {
    struct minnow_vocabulary_trainer *trainer = calloc(1, sizeof *trainer);
    *out = NULL;
    if (trainer) trainer->memory = minnow_memory_create();
    enum minnow_status status = MINNOW_OK;
    if (!trainer || !trainer->memory)
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a vocabulary");
    else
        status = minnow_characters_create(settings, trainer->memory, &trainer->characters, error);
    if (status) {
        minnow_vocabulary_trainer_free(trainer);
        return status;
    }
    trainer->settings = settings;
    *out = trainer;
    return MINNOW_OK;
}

void minnow_vocabulary_trainer_free(struct minnow_vocabulary_trainer *trainer) {
    if (!trainer) return;
    minnow_memory_free(trainer->memory);
    minnow_text_set_free(&trainer->words);
    free(trainer->counts);
    free(trainer->ids);
    free(trainer);
}

/* ---- Counting words ----------------------------------------------------------------------------- */

static bool make_count_room(struct minnow_vocabulary_trainer *trainer) {
    if (trainer->words.count <= trainer->count_room) return true;
    size_t room = (size_t)trainer->words.count * 2;
    uint64_t *counts = realloc(trainer->counts, room * sizeof *counts);
    if (!counts) return false;
    memset(counts + trainer->count_room, 0, (room - trainer->count_room) * sizeof *counts);
    trainer->counts = counts;
    trainer->count_room = room;
    return true;
}

static enum minnow_status count_word(struct minnow_vocabulary_trainer *trainer, const uint32_t *ids, size_t count,
                                     struct minnow_error *error) {
    struct minnow_text word = {(const char *)ids, count * sizeof *ids};
    uint32_t number;
    if (!minnow_character_of(*ids)) return MINNOW_OK;
    enum minnow_status status = minnow_text_set_add(&trainer->words, word, &number, error);
    if (status) return status;
    if (!make_count_room(trainer)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u words", trainer->words.count);
    trainer->counts[number]++;
    return MINNOW_OK;
}

static enum minnow_status encode(struct minnow_vocabulary_trainer *trainer, struct minnow_text text, size_t *count,
                                 struct minnow_error *error) {
    *count = text.size; /* most often enough */
    do {
        if (*count > trainer->id_room) {
            uint32_t *ids = realloc(trainer->ids, *count * sizeof *ids);
            if (!ids) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a text of %zu bytes", text.size);
            trainer->ids = ids;
            trainer->id_room = *count;
        }
        *count = minnow_tokenizer_encode(&trainer->characters, (struct minnow_text){"", 0}, text, trainer->ids,
                                         trainer->id_room, SIZE_MAX);
    } while (*count > trainer->id_room);
    return MINNOW_OK;
}

enum minnow_status minnow_vocabulary_trainer_add(struct minnow_vocabulary_trainer *trainer, struct minnow_text text,
                                                 struct minnow_error *error) {
    size_t count;
    enum minnow_status status = encode(trainer, text, &count, error);
    for (size_t first = 0, end; !status && first < count; first = end) {
        for (end = first + 1; end < count && !minnow_character_begins_word(trainer->ids[end]);) end++;
        status = count_word(trainer, trainer->ids + first, end - first, error);
    }
    return status;
}

/* ---- Special tokens and alphabet ---------------------------------------------------------------- */

/* Work of minnow_vocabulary_trainer_end. */
struct ending {
    const struct minnow_vocabulary_trainer *trainer;
    struct minnow_text_set texts; /* the vocabulary */
    uint32_t *new_ids;            /* [settings->vocabulary], for special and added tokens */
    uint64_t *uses;               /* [characters.vocabulary] of each character, at a word's beginning and inside */
    uint32_t *symbol_of;          /* [characters.vocabulary] number in texts, or MINNOW_NO_TEXT */
    struct minnow_symbol_words words;
};

static bool is_special(const struct minnow_tokenizer *t, uint32_t id) {
    bool found = id == t->unknown_id || id == t->cls_id || id == t->sep_id || id == t->pad_id || id == t->mask_id;
    for (uint32_t i = 0; !found && i < t->added_count; i++) found = t->added[i].id == id;
    return found;
}

static enum minnow_status add_special(struct ending *work, struct minnow_error *error) {
    const struct minnow_tokenizer *settings = work->trainer->settings;
    enum minnow_status status = MINNOW_OK;
    for (uint32_t id = 0; !status && id < settings->vocabulary; id++) {
        struct minnow_token_text token = minnow_token_text(settings, id);
        if (is_special(settings, id))
            status = minnow_text_set_add(&work->texts, (struct minnow_text){token.bytes, token.size},
                                         &work->new_ids[id], error);
    }
    return status;
}

static size_t word_ids(const struct minnow_vocabulary_trainer *trainer, uint32_t word, const uint32_t **ids) {
    struct minnow_text text = minnow_text_set_get(&trainer->words, word);
    *ids = (const uint32_t *)(const void *)text.bytes; /* every word before it has a whole number of them, too */
    return text.size / sizeof **ids;
}

struct letter {
    uint64_t uses;
    uint32_t first_form; /* id; the form inside words is the next */
};

static int by_uses_descending(const void *a, const void *b) {
    const struct letter *x = a, *y = b;
    if (x->uses != y->uses) return x->uses > y->uses ? -1 : 1;
    return (x->first_form > y->first_form) - (x->first_form < y->first_form);
}

static int by_character(const void *a, const void *b) {
    uint32_t x = ((const struct letter *)a)->first_form, y = ((const struct letter *)b)->first_form;
    return (x > y) - (x < y);
}

static void count_uses(struct ending *work) {
    for (uint32_t word = 0; word < work->trainer->words.count; word++) {
        const uint32_t *ids;
        size_t length = word_ids(work->trainer, word, &ids);
        for (size_t i = 0; i < length; i++) work->uses[ids[i]] += work->trainer->counts[word];
    }
}

static enum minnow_status add_form(struct ending *work, uint32_t id, struct minnow_error *error) {
    struct minnow_token_text text = minnow_token_text(&work->trainer->characters, id);
    return minnow_text_set_add(&work->texts, (struct minnow_text){text.bytes, text.size}, &work->symbol_of[id], error);
}

/* All letters as they begin words, then those that stand inside. */
static enum minnow_status add_letters(struct ending *work, struct letter *letters, size_t count,
                                      struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    qsort(letters, count, sizeof *letters, by_uses_descending);
    if (count > MINNOW_ALPHABET) count = MINNOW_ALPHABET;
    qsort(letters, count, sizeof *letters, by_character);
    for (size_t i = 0; !status && i < count; i++) status = add_form(work, letters[i].first_form, error);
    for (size_t i = 0; !status && i < count; i++)
        if (work->uses[letters[i].first_form + 1]) status = add_form(work, letters[i].first_form + 1, error);
    return status;
}

static enum minnow_status add_alphabet(struct ending *work, struct minnow_error *error) {
    uint32_t vocabulary = work->trainer->characters.vocabulary;
    struct letter *letters = calloc(vocabulary / 2 + 1, sizeof *letters);
    if (!letters) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "an alphabet");
    count_uses(work);
    size_t count = 0;
    for (uint32_t id = 1; id < vocabulary; id += 2) {
        uint64_t uses = work->uses[id] + work->uses[id + 1];
        if (uses) letters[count++] = (struct letter){uses, id};
    }
    enum minnow_status status = add_letters(work, letters, count, error);
    free(letters);
    return status;
}

/* ---- Words as symbols, and what comes of them ------------------------------------------------------ */

static enum minnow_status allocate(struct ending *work, struct minnow_error *error) {
    uint32_t characters = work->trainer->characters.vocabulary, words = work->trainer->words.count;
    work->new_ids = calloc(work->trainer->settings->vocabulary, sizeof *work->new_ids);
    work->uses = calloc(characters, sizeof *work->uses);
    work->symbol_of = malloc(characters * sizeof *work->symbol_of);
    work->words.symbols = malloc(work->trainer->words.used + 1);
    work->words.firsts = calloc((size_t)words + 1, sizeof *work->words.firsts);
    work->words.lengths = calloc((size_t)words + 1, sizeof *work->words.lengths);
    if (!work->new_ids || !work->uses || !work->symbol_of || !work->words.symbols || !work->words.firsts ||
        !work->words.lengths)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a vocabulary of %u words", words);
    memset(work->symbol_of, 0xFF, characters * sizeof *work->symbol_of); /* MINNOW_NO_TEXT */
    return MINNOW_OK;
}

static void fill_words(struct ending *work) {
    struct minnow_symbol_words *words = &work->words;
    size_t used = 0;
    words->counts = work->trainer->counts;
    words->count = work->trainer->words.count;
    for (uint32_t word = 0; word < words->count; word++) {
        const uint32_t *ids;
        size_t length = word_ids(work->trainer, word, &ids);
        words->firsts[word] = used;
        for (size_t i = 0; i < length; i++)
            if (work->symbol_of[ids[i]] != MINNOW_NO_TEXT) words->symbols[used++] = work->symbol_of[ids[i]];
        words->lengths[word] = (uint32_t)(used - words->firsts[word]);
    }
}

static enum minnow_status assemble(struct ending *work, struct minnow_memory *memory,
                                   struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    uint32_t count = work->texts.count;
    struct minnow_text *texts = calloc((size_t)count + 1, sizeof *texts);
    if (!texts) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a vocabulary of %u tokens", count);
    for (uint32_t i = 0; i < count; i++) texts[i] = minnow_text_set_get(&work->texts, i);
    const struct minnow_new_tokens tokens = {texts, count, work->new_ids};
    enum minnow_status status =
        minnow_vocabulary_assemble(work->trainer->settings, &tokens, memory, tokenizer, error);
    free(texts);
    return status;
}

static enum minnow_status end(struct ending *work, uint32_t size, struct minnow_memory *memory,
                              struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    enum minnow_status status = allocate(work, error);
    if (!status) status = add_special(work, error);
    if (!status) status = add_alphabet(work, error);
    if (status) return status;
    if (work->texts.count > size)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "a vocabulary of %u tokens, expected at least %u: so many are special tokens and characters "
                           "of the texts",
                           size, work->texts.count);
    fill_words(work);
    status = minnow_vocabulary_merge(&work->words, work->trainer->settings->continuation, size, &work->texts, error);
    return status ? status : assemble(work, memory, tokenizer, error);
}

enum minnow_status minnow_vocabulary_trainer_end(struct minnow_vocabulary_trainer *trainer, uint32_t size,
                                                 struct minnow_memory *memory, struct minnow_tokenizer *tokenizer,
                                                 struct minnow_error *error) {
    struct ending work = {.trainer = trainer};
    enum minnow_status status = end(&work, size, memory, tokenizer, error);
    minnow_text_set_free(&work.texts);
    free(work.new_ids);
    free(work.uses);
    free(work.symbol_of);
    free(work.words.symbols);
    free(work.words.firsts);
    free(work.words.lengths);
    return status;
}
