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

bool minnow_text_items_divide(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                              struct minnow_texts_by_role *roles) {
    uint32_t queries = query_items(trainer);
    *roles = (struct minnow_texts_by_role){{minnow_tape_push(&trainer->tape, count * sizeof(uint32_t)),
                                            minnow_tape_push(&trainer->tape, count * sizeof(uint32_t))},
                                           {0, 0}};
    if (!roles->texts[0] || !roles->texts[1]) return false;
    for (uint32_t i = 0; i < count; i++) {
        int role = items[i] < queries ? MINNOW_QUERY : MINNOW_DOCUMENT;
        roles->texts[role][roles->counts[role]++] = items[i] < queries ? items[i] : items[i] - queries;
    }
    return true;
}
