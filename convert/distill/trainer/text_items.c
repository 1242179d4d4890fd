#include "convert/distill/trainer/text_items.h"

static uint32_t query_items(const struct minnow_trainer *trainer) {
    return trainer->trains[MINNOW_QUERY] ? trainer->pool.sets[MINNOW_QUERY]->count : 0;
}

uint32_t minnow_text_items_count(const struct minnow_trainer *trainer) {
    uint32_t passages = trainer->trains[MINNOW_DOCUMENT] ? trainer->pool.sets[MINNOW_DOCUMENT]->count : 0;
    return query_items(trainer) + passages;
}

uint32_t minnow_text_items_length(const struct minnow_trainer *trainer, uint32_t item) {
    uint32_t queries = query_items(trainer);
    return item < queries ? minnow_token_texts_length(&trainer->pool.tokens[MINNOW_QUERY], item)
                          : minnow_token_texts_length(&trainer->pool.tokens[MINNOW_DOCUMENT], item - queries);
}

enum minnow_status minnow_text_items_run(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                         minnow_role_texts_fn *run, struct minnow_measured *measured,
                                         struct minnow_error *error) {
    uint32_t *texts[2] = {minnow_tape_push(&trainer->tape, count * sizeof(uint32_t)),
                          minnow_tape_push(&trainer->tape, count * sizeof(uint32_t))};
    uint32_t counts[2] = {0, 0}, queries = query_items(trainer);
    enum minnow_status status = MINNOW_OK;
    if (!texts[0] || !texts[1]) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u texts", count);
    for (uint32_t i = 0; i < count; i++) {
        int role = items[i] < queries ? MINNOW_QUERY : MINNOW_DOCUMENT;
        texts[role][counts[role]++] = items[i] < queries ? items[i] : items[i] - queries;
    }
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++)
        if (counts[role])
            status = run(trainer, (enum minnow_role)role, texts[role], counts[role], count, measured, error);
    return status;
}
