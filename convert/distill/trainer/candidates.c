#include "convert/distill/trainer/candidates.h"

#include "convert/distill/trainer/negatives.h"

#include <stdlib.h>

enum { FEWEST_OWN = 7 }; /* negatives of a query that has candidates of its own */

enum minnow_status minnow_candidates_prepare(struct minnow_trainer *trainer, bool own, struct minnow_error *error) {
    const struct minnow_training_pairs *texts = &trainer->data->texts;
    uint32_t negatives = trainer->options.negatives;
    if (!texts->count)
        return minnow_fail(error, MINNOW_BAD_INPUT,
                           "%.200s: holds no pairs of a query and a passage, which losses over lists need",
                           trainer->options.data);
    if (own && !negatives) negatives = FEWEST_OWN;
    enum minnow_status status = minnow_negatives_mine(trainer, negatives, error);
    if (status || trainer->place) return status;
    trainer->place = malloc((size_t)texts->passages.count * sizeof *trainer->place + 1);
    if (!trainer->place) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u passages", texts->passages.count);
    for (uint32_t i = 0; i < texts->passages.count; i++) trainer->place[i] = UINT32_MAX;
    return MINNOW_OK;
}

static uint32_t length_of(const struct minnow_trainer *trainer, enum minnow_role role, uint32_t text) {
    return trainer->trains[role] ? minnow_token_texts_length(&trainer->pool.tokens[role], text) : 0;
}

uint32_t minnow_candidates_length(const struct minnow_trainer *trainer, uint32_t item) {
    struct minnow_training_pair pair = trainer->data->texts.items[item];
    return length_of(trainer, MINNOW_QUERY, pair.query) + length_of(trainer, MINNOW_DOCUMENT, pair.passage);
}

static uint32_t place_passage(struct minnow_trainer *trainer, uint32_t passage, uint32_t *documents, uint32_t *count) {
    if (trainer->place[passage] == UINT32_MAX) {
        documents[*count] = passage;
        trainer->place[passage] = (*count)++;
    }
    return trainer->place[passage];
}

/* Queries, their positives, and all different passages of the batch. */
static bool put_texts(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                      struct minnow_texts_to_score *texts, uint32_t *positives) {
    size_t each = 1 + (size_t)trainer->negative_count;
    uint32_t *queries = minnow_tape_push(&trainer->tape, count * sizeof *queries), found = 0;
    uint32_t *documents = minnow_tape_push(&trainer->tape, count * each * sizeof *documents);
    if (!queries || !documents) return false;
    for (uint32_t i = 0; i < count; i++) {
        struct minnow_training_pair pair = trainer->data->texts.items[items[i]];
        queries[i] = pair.query;
        positives[i] = place_passage(trainer, pair.passage, documents, &found);
    }
    for (uint32_t i = 0; i < count; i++)
        for (size_t k = 0; k + 1 < each; k++)
            place_passage(trainer, trainer->negatives[items[i] * (each - 1) + k], documents, &found);
    *texts = (struct minnow_texts_to_score){
        .queries = queries, .documents = documents, .query_count = count, .document_count = found};
    return true;
}

/* Its positive first, then its negatives. */
static void put_own(const struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                    struct minnow_text_pair *pairs, uint32_t *lengths, uint32_t *positives) {
    size_t negatives = trainer->negative_count, at = 0;
    for (uint32_t i = 0; i < count; i++) {
        pairs[at++] = (struct minnow_text_pair){i, positives[i]};
        for (size_t k = 0; k < negatives; k++)
            pairs[at++] = (struct minnow_text_pair){i, trainer->place[trainer->negatives[items[i] * negatives + k]]};
        positives[i] = 0;
        lengths[i] = 1 + trainer->negative_count;
    }
}

static void put_all(const struct minnow_texts_to_score *texts, struct minnow_text_pair *pairs, uint32_t *lengths) {
    size_t at = 0;
    for (uint32_t i = 0; i < texts->query_count; i++) {
        for (uint32_t j = 0; j < texts->document_count; j++) pairs[at++] = (struct minnow_text_pair){i, j};
        lengths[i] = texts->document_count;
    }
}

static bool put_pairs(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count, bool own,
                      struct minnow_texts_to_score *texts, uint32_t *lengths, uint32_t *positives) {
    size_t each = own ? 1 + (size_t)trainer->negative_count : texts->document_count;
    struct minnow_text_pair *pairs = minnow_tape_push(&trainer->tape, count * each * sizeof *pairs);
    if (!pairs) return false;
    if (own)
        put_own(trainer, items, count, pairs, lengths, positives);
    else
        put_all(texts, pairs, lengths);
    texts->pairs = pairs;
    texts->count = count * each;
    return true;
}

bool minnow_candidates_collect(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count, bool own,
                               struct minnow_candidates *candidates) {
    uint32_t *positives = minnow_tape_push(&trainer->tape, count * sizeof *positives);
    uint32_t *lengths = minnow_tape_push(&trainer->tape, count * sizeof *lengths);
    *candidates = (struct minnow_candidates){.lists = {count, lengths}, .positives = positives};
    if (!positives || !lengths || !put_texts(trainer, items, count, &candidates->texts, positives)) return false;
    bool whole = put_pairs(trainer, items, count, own, &candidates->texts, lengths, positives);
    for (uint32_t i = 0; i < candidates->texts.document_count; i++)
        trainer->place[candidates->texts.documents[i]] = UINT32_MAX;
    return whole;
}
