#include "convert/distill/queries/term_weights.h"

#include <math.h>
#include <stdlib.h>

static bool make_room(struct minnow_term_weights *weights) {
    if (weights->terms.count <= weights->capacity) return true;
    size_t capacity = (size_t)weights->terms.count * 2;
    uint32_t *documents = realloc(weights->documents, capacity * sizeof *documents);
    if (documents) weights->documents = documents;
    uint32_t *last = realloc(weights->last, capacity * sizeof *last);
    if (last) weights->last = last;
    if (!documents || !last) return false;
    for (size_t i = weights->capacity; i < capacity; i++) documents[i] = last[i] = 0;
    weights->capacity = capacity;
    return true;
}

static enum minnow_status add_word(struct minnow_term_weights *weights, struct minnow_text word,
                                   struct minnow_error *error) {
    char bytes[MINNOW_LONGEST_TERM];
    uint32_t number;
    struct minnow_text term = {bytes, minnow_term_of(word, bytes)};
    if (!term.size) return MINNOW_OK;
    enum minnow_status status = minnow_text_set_add(&weights->terms, term, &number, error);
    if (status) return status;
    if (!make_room(weights)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u terms", weights->terms.count);
    if (weights->last[number] == weights->count) return MINNOW_OK;
    weights->last[number] = weights->count;
    weights->documents[number]++;
    return MINNOW_OK;
}

enum minnow_status minnow_term_weights_add(struct minnow_term_weights *weights, struct minnow_text text,
                                           const struct minnow_word_list *words, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    weights->count++;
    for (size_t i = 0; !status && i < words->count; i++) {
        struct minnow_word_span span = words->items[i];
        status = add_word(weights, (struct minnow_text){text.bytes + span.begin, span.end - span.begin}, error);
    }
    return status;
}

double minnow_term_weight(const struct minnow_term_weights *weights, struct minnow_text word) {
    char bytes[MINNOW_LONGEST_TERM];
    size_t size = minnow_term_of(word, bytes);
    uint32_t number = size ? minnow_text_set_find(&weights->terms, (struct minnow_text){bytes, size}) : MINNOW_NO_TEXT;
    return number == MINNOW_NO_TEXT ? 0 : log((double)weights->count / (double)weights->documents[number]);
}

void minnow_term_weights_free(struct minnow_term_weights *weights) {
    minnow_text_set_free(&weights->terms);
    free(weights->documents);
    free(weights->last);
    *weights = (struct minnow_term_weights){0};
}
