#include "convert/distill/vocabulary/token_counts.h"

#include <stdlib.h>

enum minnow_status minnow_token_counts_begin(const struct minnow_tokenizer *tokenizer,
                                             struct minnow_token_counts *counts, struct minnow_error *error) {
    *counts = (struct minnow_token_counts){.tokenizer = tokenizer};
    counts->counts = calloc(tokenizer->vocabulary, sizeof *counts->counts);
    if (counts->counts) return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "counts of %u tokens", tokenizer->vocabulary);
}

static bool make_room(struct minnow_token_counts *counts, size_t ids_wanted) {
    if (ids_wanted <= counts->room) return true;
    size_t room = ids_wanted + ids_wanted / 2;
    uint32_t *ids = realloc(counts->ids, room * sizeof *ids);
    if (!ids) return false;
    counts->ids = ids;
    counts->room = room;
    return true;
}

enum minnow_status minnow_token_counts_add(struct minnow_token_counts *counts, struct minnow_text text,
                                           struct minnow_error *error) {
    size_t count = text.size; /* a token rarely takes less than a byte */
    do {
        if (!make_room(counts, count))
            return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the tokens of a text of %zu bytes", text.size);
        count = minnow_tokenizer_encode(counts->tokenizer, (struct minnow_text){"", 0}, text, counts->ids,
                                        counts->room, SIZE_MAX);
    } while (count > counts->room);
    for (size_t i = 0; i < count; i++) counts->counts[counts->ids[i]]++;
    counts->total += count;
    return MINNOW_OK;
}

void minnow_token_counts_free(struct minnow_token_counts *counts) {
    free(counts->counts);
    free(counts->ids);
    *counts = (struct minnow_token_counts){0};
}
