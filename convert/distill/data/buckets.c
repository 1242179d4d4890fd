#include "convert/distill/data/buckets.h"

#include "convert/distill/random.h"

#include <stdlib.h>
#include <string.h>

struct batch {
    uint32_t first, count;
};

struct minnow_buckets {
    struct minnow_buckets_options options;
    uint32_t count, batch_count;
    uint32_t *lengths, *items; /* [count] */
    uint64_t *keys;            /* [count] length, place in the shuffled order */
    uint32_t *shuffled;        /* [count] */
    struct batch *batches;     /* [count], of which batch_count are used */
    uint32_t *order;           /* [count], of batches */
};

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort_pool(struct minnow_buckets *buckets, uint32_t first, uint32_t count) {
    for (uint32_t i = first; i < first + count; i++)
        buckets->keys[i] = (uint64_t)buckets->lengths[buckets->shuffled[i]] << 32 | i;
    qsort(buckets->keys + first, count, sizeof *buckets->keys, ascending);
    for (uint32_t i = first; i < first + count; i++) buckets->items[i] = buckets->shuffled[(uint32_t)buckets->keys[i]];
}

/* As many of the items from `first` on as make a batch. */
static uint32_t batch_size(const struct minnow_buckets *buckets, uint32_t first, uint32_t end) {
    uint64_t tokens = 0, most = buckets->options.batch_tokens ? buckets->options.batch_tokens : UINT64_MAX;
    uint32_t count = 0;
    while (first + count < end && count < buckets->options.batch_items) {
        tokens += buckets->lengths[buckets->items[first + count]];
        if (count && tokens > most) break;
        count++;
    }
    return count;
}

static void cut_pool(struct minnow_buckets *buckets, uint32_t first, uint32_t end) {
    while (first < end) {
        uint32_t count = batch_size(buckets, first, end);
        buckets->order[buckets->batch_count] = buckets->batch_count;
        buckets->batches[buckets->batch_count++] = (struct batch){first, count};
        first += count;
    }
}

void minnow_buckets_shuffle(struct minnow_buckets *buckets, uint64_t epoch) {
    struct minnow_random random = minnow_random_of(buckets->options.seed, epoch);
    uint64_t pool = (uint64_t)buckets->options.batch_items * buckets->options.pool_batches;
    for (uint32_t i = 0; i < buckets->count; i++) buckets->shuffled[i] = i;
    minnow_random_shuffle(&random, buckets->shuffled, buckets->count);
    buckets->batch_count = 0;
    for (uint32_t first = 0, left; first < buckets->count; first += left) {
        left = buckets->count - first;
        if (left > pool) left = (uint32_t)pool;
        sort_pool(buckets, first, left);
        cut_pool(buckets, first, first + left);
    }
    minnow_random_shuffle(&random, buckets->order, buckets->batch_count);
}

static bool allocate(struct minnow_buckets *buckets, size_t count) {
    buckets->lengths = calloc(count, sizeof *buckets->lengths);
    buckets->items = calloc(count, sizeof *buckets->items);
    buckets->keys = calloc(count, sizeof *buckets->keys);
    buckets->shuffled = calloc(count, sizeof *buckets->shuffled);
    buckets->batches = calloc(count, sizeof *buckets->batches);
    buckets->order = calloc(count, sizeof *buckets->order);
    return buckets->lengths && buckets->items && buckets->keys && buckets->shuffled && buckets->batches &&
           buckets->order;
}

enum minnow_status minnow_buckets_create(const uint32_t *lengths, uint32_t count,
                                         const struct minnow_buckets_options *options, struct minnow_buckets **out,
                                         struct minnow_error *error) {
    *out = NULL;
    if (!options->batch_items)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "a batch of 0 items, expected at least 1");
    struct minnow_buckets *buckets = calloc(1, sizeof *buckets);
    if (!buckets || !allocate(buckets, (size_t)count + 1)) {
        minnow_buckets_free(buckets);
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "batches of %u items", count);
    }
    buckets->options = *options;
    if (!options->pool_batches) buckets->options.pool_batches = 64;
    buckets->count = count;
    if (count) memcpy(buckets->lengths, lengths, count * sizeof *lengths);
    minnow_buckets_shuffle(buckets, 0);
    *out = buckets;
    return MINNOW_OK;
}

void minnow_buckets_free(struct minnow_buckets *buckets) {
    if (!buckets) return;
    free(buckets->lengths);
    free(buckets->items);
    free(buckets->keys);
    free(buckets->shuffled);
    free(buckets->batches);
    free(buckets->order);
    free(buckets);
}

uint32_t minnow_buckets_count(const struct minnow_buckets *buckets) { return buckets->batch_count; }

const uint32_t *minnow_buckets_get(const struct minnow_buckets *buckets, uint32_t batch, uint32_t *count) {
    struct batch found = buckets->batches[buckets->order[batch]];
    *count = found.count;
    return buckets->items + found.first;
}
