/* Which items make a batch together: those of like length, in an order that seed and epoch decide.
 * An epoch's items are shuffled, cut into pools of some batches, sorted by length within each, cut into batches, and
 * the batches shuffled: every item once, random company, little difference of length. */
#ifndef MINNOW_BUCKETS_H
#define MINNOW_BUCKETS_H

#include "runtime/error.h"

struct minnow_buckets_options {
    uint32_t batch_items;  /* at most so many items a batch; at least 1 */
    uint32_t batch_tokens; /* and so many tokens, unless it is one item; 0: any number */
    uint32_t pool_batches; /* so many batches are sorted together; 0: 64; 1: no sorting by length to speak of */
    uint64_t seed;
};

struct minnow_buckets;

/* lengths: [count], in tokens; copied. *buckets: owned by the caller. They hold the order of epoch 0. */
enum minnow_status minnow_buckets_create(const uint32_t *lengths, uint32_t count,
                                         const struct minnow_buckets_options *options, struct minnow_buckets **buckets,
                                         struct minnow_error *error);
void minnow_buckets_free(struct minnow_buckets *buckets); /* NULL is allowed */
/* Another epoch's order. Allocates nothing. */
void minnow_buckets_shuffle(struct minnow_buckets *buckets, uint64_t epoch);
/* The number of batches may differ from epoch to epoch where batch_tokens cuts them. */
uint32_t minnow_buckets_count(const struct minnow_buckets *buckets);
/* Items of a batch, the short ones first; borrowed until the next shuffle. */
const uint32_t *minnow_buckets_get(const struct minnow_buckets *buckets, uint32_t batch, uint32_t *count);

#endif
