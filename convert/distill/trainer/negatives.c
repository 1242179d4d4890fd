#include "convert/distill/trainer/negatives.h"

#include "convert/distill/queries/finding.h"
#include "convert/distill/random.h"

#include <stdlib.h>
#include <string.h>

enum { SPARE = 16, DRAWS = 64, STREAM = 1 << 29 };

struct mining {
    const struct minnow_training_pairs *texts;
    struct minnow_training_pair *sorted; /* all pairs, by query and passage */
    uint32_t *best;                      /* [queries][depth]; NULL: there is no ranking */
    size_t depth;
};

static int by_texts(const void *a, const void *b) {
    const struct minnow_training_pair *x = a, *y = b;
    if (x->query != y->query) return x->query < y->query ? -1 : 1;
    return (x->passage > y->passage) - (x->passage < y->passage);
}

static bool is_labelled(const struct mining *mining, uint32_t query, uint32_t passage) {
    const struct minnow_training_pair pair = {query, passage};
    return bsearch(&pair, mining->sorted, mining->texts->count, sizeof pair, by_texts) != NULL;
}

static bool is_among(const uint32_t *items, uint32_t count, uint32_t item) {
    for (uint32_t i = 0; i < count; i++)
        if (items[i] == item) return true;
    return false;
}

/* Random ones need not be different where there are few passages, and may be labelled where there are no others. */
static uint32_t draw(const struct mining *mining, uint32_t query, const uint32_t *taken, uint32_t count,
                     struct minnow_random *random) {
    uint32_t passage = 0;
    for (int i = 0; i < DRAWS; i++) {
        passage = (uint32_t)minnow_random_below(random, mining->texts->passages.count);
        if (!is_labelled(mining, query, passage) && !is_among(taken, count, passage)) break;
    }
    return passage;
}

static void mine_pair(const struct mining *mining, size_t pair, uint64_t seed, uint32_t count, uint32_t *negatives) {
    struct minnow_random random = minnow_random_of(seed, STREAM + pair);
    uint32_t query = mining->texts->items[pair].query, found = 0;
    for (size_t i = 0; mining->best && i < mining->depth && found < count; i++) {
        uint32_t passage = mining->best[query * mining->depth + i];
        if (passage == UINT32_MAX) break;
        if (!is_labelled(mining, query, passage)) negatives[found++] = passage;
    }
    for (; found < count; found++) negatives[found] = draw(mining, query, negatives, found, &random);
}

static enum minnow_status rank(struct minnow_trainer *trainer, struct mining *mining, struct minnow_error *error) {
    const struct minnow_training_pairs *texts = mining->texts;
    enum minnow_status status =
        minnow_text_pool_encode(&trainer->pool, &trainer->teacher, MINNOW_QUERY, &trainer->progress, error);
    if (!status)
        status = minnow_text_pool_encode(&trainer->pool, &trainer->teacher, MINNOW_DOCUMENT, &trainer->progress, error);
    if (status) return status;
    mining->best = malloc((size_t)texts->queries.count * mining->depth * sizeof *mining->best + 1);
    if (!mining->best) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "negatives");
    const struct minnow_finding finding = {trainer->pool.vectors[MINNOW_QUERY], trainer->pool.vectors[MINNOW_DOCUMENT],
                                           texts->queries.count, texts->passages.count, trainer->pool.dimensions};
    return minnow_find_best(&finding, mining->depth, &trainer->progress, mining->best, error);
}

static enum minnow_status mine(struct minnow_trainer *trainer, struct mining *mining, struct minnow_error *error) {
    const struct minnow_training_pairs *texts = mining->texts;
    enum minnow_status status = MINNOW_OK;
    mining->sorted = malloc(texts->count * sizeof *mining->sorted + 1);
    trainer->negatives = malloc(texts->count * trainer->negative_count * sizeof *trainer->negatives + 1);
    if (!mining->sorted || !trainer->negatives)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "negatives of %zu pairs", texts->count);
    if (texts->count) memcpy(mining->sorted, texts->items, texts->count * sizeof *mining->sorted);
    qsort(mining->sorted, texts->count, sizeof *mining->sorted, by_texts);
    if (minnow_teacher_session_has_vectors(&trainer->teacher)) status = rank(trainer, mining, error);
    for (size_t i = 0; !status && i < texts->count; i++)
        mine_pair(mining, i, trainer->options.seed, trainer->negative_count,
                  trainer->negatives + i * trainer->negative_count);
    return status;
}

enum minnow_status minnow_negatives_mine(struct minnow_trainer *trainer, uint32_t count, struct minnow_error *error) {
    struct mining mining = {.texts = &trainer->data->texts, .depth = count + SPARE};
    if (trainer->negatives || !count) return MINNOW_OK;
    trainer->negative_count = count;
    enum minnow_status status = mine(trainer, &mining, error);
    free(mining.sorted);
    free(mining.best);
    return status;
}
