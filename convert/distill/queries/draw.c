#include "convert/distill/queries/draw.h"

#include <stdlib.h>
#include <string.h>

enum { SALIENT = 8, FEWEST_TERMS = 2, MOST_TERMS = 5 };

const char *const minnow_query_kind_names[MINNOW_QUERY_KINDS] = {"title", "sentence", "phrase", "terms", "masked"};

static struct minnow_text word_at(struct minnow_text text, struct minnow_word_span span) {
    return (struct minnow_text){text.bytes + span.begin, span.end - span.begin};
}

static enum minnow_status add_words(const struct minnow_query_source *source, size_t first, size_t count,
                                    struct minnow_plain_text *query, struct minnow_error *error) {
    const struct minnow_word_span *words = source->words->items;
    if (!count) return MINNOW_OK;
    struct minnow_word_span span = {words[first].begin, words[first + count - 1].end, false};
    return minnow_plain_text_add(query, word_at(source->text, span), error);
}

static size_t draw_between(struct minnow_random *random, size_t least, size_t most) {
    return least + (size_t)minnow_random_below(random, most - least + 1);
}

static enum minnow_status draw_run(const struct minnow_query_source *source, size_t least, size_t most,
                                   struct minnow_random *random, struct minnow_plain_text *query,
                                   struct minnow_error *error) {
    size_t total = source->words->count, count = draw_between(random, least, most);
    if (count > total) count = total;
    return add_words(source, draw_between(random, 0, total - count), count, query, error);
}

enum minnow_status minnow_part_draw(const struct minnow_query_source *source, struct minnow_random *random,
                                    struct minnow_plain_text *part, struct minnow_error *error) {
    part->size = 0;
    return draw_run(source, MINNOW_MOST_WORDS + 1, MINNOW_MOST_PART_WORDS, random, part, error);
}

/* A random word's sentence, so that long ones come more often. */
static enum minnow_status draw_sentence(const struct minnow_query_source *source, struct minnow_random *random,
                                        struct minnow_plain_text *query, struct minnow_error *error) {
    const struct minnow_word_list *words = source->words;
    if (!words->count) return MINNOW_OK;
    size_t first = (size_t)minnow_random_below(random, words->count), end = first;
    while (first > 0 && !words->items[first - 1].ends_sentence) first--;
    while (!words->items[end].ends_sentence) end++;
    size_t count = end + 1 - first;
    return add_words(source, first, count < MINNOW_MOST_WORDS ? count : MINNOW_MOST_WORDS, query, error);
}

/* ---- Terms ---------------------------------------------------------------------------------- */

struct term {
    double weight;
    size_t word; /* where it first comes */
};

struct terms {
    struct term items[SALIENT]; /* the heaviest, heaviest first */
    size_t count;
};

static bool is_there(const struct minnow_query_source *source, const struct terms *terms, struct minnow_text word) {
    char a[MINNOW_LONGEST_TERM], b[MINNOW_LONGEST_TERM];
    size_t size = minnow_term_of(word, a);
    for (size_t i = 0; i < terms->count; i++) {
        struct minnow_text other = word_at(source->text, source->words->items[terms->items[i].word]);
        if (size == minnow_term_of(other, b) && memcmp(a, b, size) == 0) return true;
    }
    return false;
}

static void offer(struct terms *terms, struct term term) {
    size_t at = terms->count < SALIENT ? terms->count++ : SALIENT - 1;
    for (; at > 0 && terms->items[at - 1].weight < term.weight; at--) terms->items[at] = terms->items[at - 1];
    terms->items[at] = term;
}

static void find_terms(const struct minnow_query_source *source, struct terms *terms) {
    for (size_t i = 0; i < source->words->count; i++) {
        struct minnow_text word = word_at(source->text, source->words->items[i]);
        double weight = minnow_term_weight(source->weights, word);
        bool full = terms->count == SALIENT;
        if (weight <= 0 || (full && weight <= terms->items[SALIENT - 1].weight)) continue;
        if (!is_there(source, terms, word)) offer(terms, (struct term){weight, i});
    }
}

static int by_word(const void *a, const void *b) {
    size_t x = ((const struct term *)a)->word, y = ((const struct term *)b)->word;
    return (x > y) - (x < y);
}

/* Some of the heaviest, in the text's order. */
static enum minnow_status draw_terms(const struct minnow_query_source *source, struct minnow_random *random,
                                     struct minnow_plain_text *query, struct minnow_error *error) {
    struct terms terms = {.count = 0};
    enum minnow_status status = MINNOW_OK;
    find_terms(source, &terms);
    qsort(terms.items, terms.count, sizeof *terms.items, by_word);
    size_t wanted = draw_between(random, FEWEST_TERMS, MOST_TERMS);
    for (size_t i = 0; !status && wanted && i < terms.count; i++) {
        if (minnow_random_below(random, terms.count - i) >= wanted) continue;
        wanted--;
        status = minnow_plain_text_add(query, word_at(source->text, source->words->items[terms.items[i].word]), error);
    }
    return status;
}

enum minnow_status minnow_query_draw(const struct minnow_query_source *source, enum minnow_query_kind kind,
                                     struct minnow_random *random, struct minnow_plain_text *query,
                                     struct minnow_error *error) {
    query->size = 0;
    switch (kind) {
    case MINNOW_QUERY_TITLE: return minnow_plain_text_add(query, source->title, error);
    case MINNOW_QUERY_SENTENCE: return draw_sentence(source, random, query, error);
    case MINNOW_QUERY_PHRASE:
        return draw_run(source, MINNOW_FEWEST_WORDS, MINNOW_MOST_WORDS, random, query, error);
    case MINNOW_QUERY_TERMS: return draw_terms(source, random, query, error);
    default: return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "a query of kind %d cannot be drawn", (int)kind);
    }
}

/* ---- Masked queries -------------------------------------------------------------------------- */

static enum minnow_status add_masked(const struct minnow_query_source *source, struct minnow_random *random,
                                     struct minnow_plain_text *query, struct minnow_error *error) {
    if (!source->words->count || minnow_random_below(random, 4) == 0) return MINNOW_OK;
    size_t word = (size_t)minnow_random_below(random, source->words->count);
    return minnow_plain_text_add(query, word_at(source->text, source->words->items[word]), error);
}

static enum minnow_status mask(struct minnow_text real, const struct minnow_word_list *words,
                               const struct minnow_query_source *source, struct minnow_random *random,
                               struct minnow_plain_text *query, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    size_t masked = (size_t)((0.15 + 0.15 * minnow_random_unit(random)) * (double)words->count + 0.5);
    if (!masked) masked = 1;
    for (size_t i = 0; !status && i < words->count; i++) {
        if (minnow_random_below(random, words->count - i) < masked) {
            masked--;
            status = add_masked(source, random, query, error);
        } else {
            status = minnow_plain_text_add(query, word_at(real, words->items[i]), error);
        }
    }
    return status;
}

enum minnow_status minnow_query_mask(struct minnow_text real, const struct minnow_query_source *source,
                                     struct minnow_random *random, struct minnow_plain_text *query,
                                     struct minnow_error *error) {
    struct minnow_word_list words = {0};
    query->size = 0;
    enum minnow_status status = minnow_word_list_find(&words, real, error);
    if (!status) status = mask(real, &words, source, random, query, error);
    minnow_word_list_free(&words);
    return status;
}
