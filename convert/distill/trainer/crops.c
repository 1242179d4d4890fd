#include "convert/distill/trainer/crops.h"

#include "convert/distill/queries/draw.h"

enum { SHORT_WORDS = 24 };

struct cropping {
    struct minnow_word_list words; /* of the passage at hand */
    struct minnow_term_weights weights;
    struct minnow_plain_text text;
    struct minnow_training_pairs *texts;
};

static enum minnow_status weigh(struct cropping *work, const struct minnow_text_set *passages,
                                struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; !status && i < passages->count; i++) {
        struct minnow_text text = minnow_text_set_get(passages, i);
        status = minnow_word_list_find(&work->words, text, error);
        if (!status) status = minnow_term_weights_add(&work->weights, text, &work->words, error);
    }
    return status;
}

static enum minnow_status add(struct cropping *work, struct minnow_text text, uint32_t passage,
                              struct minnow_error *error) {
    struct minnow_training_pairs *texts = work->texts;
    struct minnow_training_pair pair = {0, passage};
    uint32_t before = texts->queries.count;
    if (!text.size) return MINNOW_OK;
    enum minnow_status status = minnow_text_set_add(&texts->queries, text, &pair.query, error);
    if (status || pair.query < before) return status; /* a query like another has that one's passage */
    return minnow_training_pairs_add(texts, pair, error);
}

/* One in eight is as long as a paragraph; of the others, half are phrases, a quarter sentences, a quarter terms. */
static enum minnow_status draw(struct cropping *work, const struct minnow_query_source *source,
                               struct minnow_random *random, struct minnow_error *error) {
    static const enum minnow_query_kind kinds[4] = {MINNOW_QUERY_PHRASE, MINNOW_QUERY_PHRASE, MINNOW_QUERY_SENTENCE,
                                                    MINNOW_QUERY_TERMS};
    if (minnow_random_below(random, 8) == 0) return minnow_part_draw(source, random, &work->text, error);
    return minnow_query_draw(source, kinds[minnow_random_below(random, 4)], random, &work->text, error);
}

static enum minnow_status crop(struct cropping *work, uint32_t number, uint32_t each, struct minnow_random random,
                               struct minnow_error *error) {
    struct minnow_text passage = minnow_text_set_get(&work->texts->passages, number);
    const struct minnow_query_source source = {{"", 0}, passage, &work->words, &work->weights};
    enum minnow_status status = minnow_word_list_find(&work->words, passage, error);
    if (!status && work->words.count <= SHORT_WORDS) status = add(work, passage, number, error);
    for (uint32_t i = 0; !status && i < each; i++) {
        status = draw(work, &source, &random, error);
        if (!status) status = add(work, (struct minnow_text){work->text.bytes, work->text.size}, number, error);
    }
    return status;
}

enum minnow_status minnow_crops_add(struct minnow_training_pairs *texts, uint32_t each, uint64_t seed,
                                    const struct minnow_progress *progress, struct minnow_error *error) {
    struct cropping work = {.texts = texts};
    enum minnow_status status = weigh(&work, &texts->passages, error);
    for (uint32_t i = 0; !status && i < texts->passages.count; i++) {
        status = crop(&work, i, each, minnow_random_of(seed, i), error);
        if (progress->report && i % 1000 == 0)
            progress->report(progress->context, "drawing texts", i, texts->passages.count);
    }
    minnow_word_list_free(&work.words);
    minnow_term_weights_free(&work.weights);
    minnow_plain_text_free(&work.text);
    return status;
}
