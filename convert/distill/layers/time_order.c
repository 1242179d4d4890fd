#include "convert/distill/layers/time_order.h"

#include <string.h>

static size_t longest_text(const struct minnow_batch *batch) {
    size_t longest = 0;
    for (size_t i = 0; i < batch->text_count; i++)
        if (batch->spans[i].count > longest) longest = batch->spans[i].count;
    return longest;
}

/* A text of n tokens stands behind those that take step n, which are the longer ones. */
static void order_texts(const struct minnow_batch *batch, const uint32_t *active, size_t steps, uint32_t *next,
                        uint32_t *texts) {
    memcpy(next, active, (steps + 1) * sizeof *next);
    for (size_t i = 0; i < batch->text_count; i++) texts[next[batch->spans[i].count]++] = (uint32_t)i;
}

static void order_rows(const struct minnow_batch *batch, const uint32_t *texts, bool backward,
                       const struct minnow_time_order *order) {
    uint32_t *next = order->rows;
    for (uint32_t t = 0; t < order->steps; t++)
        for (size_t i = 0; i < order->active[t]; i++) {
            struct minnow_span span = batch->spans[texts[i]];
            *next++ = span.first + (backward ? span.count - 1 - t : t);
        }
}

bool minnow_time_order(const struct minnow_batch *batch, bool backward, struct minnow_tape *tape,
                       struct minnow_time_order *order) {
    order->steps = longest_text(batch);
    order->rows = minnow_tape_push(tape, batch->token_count * sizeof(uint32_t));
    order->active = minnow_tape_push(tape, (order->steps + 1) * sizeof(uint32_t));
    uint32_t *next = minnow_tape_push(tape, (order->steps + 1) * sizeof(uint32_t));
    uint32_t *texts = minnow_tape_push(tape, batch->text_count * sizeof(uint32_t));
    if (!order->rows || !order->active || !next || !texts) return false;
    memset(order->active, 0, (order->steps + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < batch->text_count; i++)
        for (size_t t = 0; t < batch->spans[i].count; t++) order->active[t]++;
    order_texts(batch, order->active, order->steps, next, texts);
    order_rows(batch, texts, backward, order);
    return true;
}
