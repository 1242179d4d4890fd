/* A small model of a family under training, with the texts of family_results.h on both sides of pairs. For cmocka
 * tests. */
#ifndef MINNOW_TESTS_TRAINING_FIXTURE_H
#define MINNOW_TESTS_TRAINING_FIXTURE_H

#include "convert/distill/team.h"
#include "runtime/tokenize.h"
#include "tests/unit/family_results.h"

enum { TRAINED_PAIRS = SMALL_TEXTS * SMALL_TEXTS, TRAINED_TOKENS = 2 * TRAINED_PAIRS * MAX_TOKENS };

struct tokens_of_texts {
    uint32_t ids[TRAINED_TOKENS], positions[TRAINED_TOKENS], types[TRAINED_TOKENS];
    struct minnow_span spans[TRAINED_PAIRS];
    struct minnow_batch batch;
};

struct training {
    struct small_model *model;
    struct minnow_network network;
    struct minnow_team team;
    struct tokens_of_texts texts[2], joined; /* by role; pairs whose tokens go together */
    struct minnow_text_pair pairs[TRAINED_PAIRS];
    size_t pair_count;
    float scale;
};

/* Tokens behind those of the text that is under way. */
static inline void put_ids(struct tokens_of_texts *texts, const uint32_t *ids, uint32_t count, uint32_t position,
                           uint32_t type) {
    for (uint32_t i = 0; i < count; i++) {
        size_t at = texts->batch.token_count++;
        texts->ids[at] = ids[i];
        texts->positions[at] = position + i;
        texts->types[at] = type;
    }
}

static inline void end_text(struct tokens_of_texts *texts, size_t first, uint32_t seen) {
    uint32_t count = (uint32_t)(texts->batch.token_count - first);
    texts->spans[texts->batch.text_count++] =
        (struct minnow_span){.first = (uint32_t)first, .count = count, .seen = seen};
    texts->batch.ids = texts->ids;
    texts->batch.positions = texts->positions;
    texts->batch.types = texts->types;
    texts->batch.spans = texts->spans;
}

static inline void put_texts(struct training *training, int role) {
    const struct minnow_input *input = &training->model->contents.inputs[role];
    struct tokens_of_texts *texts = &training->texts[role];
    for (size_t i = 0; i < SMALL_TEXTS; i++) {
        uint32_t ids[4 * MAX_TOKENS];
        size_t first = texts->batch.token_count;
        struct minnow_tokens tokens =
            minnow_tokenize_for_role(&training->model->contents, (enum minnow_role)role, small_texts[i], ids);
        put_ids(texts, ids, tokens.count, input->first_position, input->type);
        end_text(texts, first, tokens.seen);
    }
}

static inline void put_joined(struct training *training, struct minnow_text_pair pair) {
    const struct tokens_of_texts *query = &training->texts[MINNOW_QUERY], *document = &training->texts[MINNOW_DOCUMENT];
    struct minnow_span q = query->spans[pair.query], d = document->spans[pair.document];
    size_t first = training->joined.batch.token_count;
    put_ids(&training->joined, query->ids + q.first, q.count, 0, 0);
    put_ids(&training->joined, document->ids + d.first, d.count, q.count, 1);
    end_text(&training->joined, first, q.count + d.count);
}

/* Every `nth` pair. */
static inline void begin_training(struct training *training, struct small_model *model, uint32_t workers,
                                  uint32_t nth) {
    struct minnow_error error = {0};
    *training = (struct training){.model = model, .scale = 1};
    put_texts(training, MINNOW_QUERY);
    put_texts(training, MINNOW_DOCUMENT);
    for (uint32_t i = 0; i < TRAINED_PAIRS; i += nth) {
        struct minnow_text_pair pair = {i / SMALL_TEXTS, i % SMALL_TEXTS};
        training->pairs[training->pair_count++] = pair;
        put_joined(training, pair);
    }
    must(minnow_network_create(&model->contents, model->memory, &training->network, &error), &error);
    must(minnow_team_create(&training->network, &(struct minnow_team_settings){.workers = workers, .learns = true},
                            model->memory, &training->team, &error),
         &error);
}

static inline void end_training(struct training *training) {
    minnow_team_free(&training->team);
    small_model_free(training->model);
}

/* All pairs: scores in team.scoring. */
static inline void train_forward(struct training *training) {
    struct minnow_team *team = &training->team;
    struct minnow_error error = {0};
    minnow_team_begin(team);
    if (minnow_joint_takes_tokens(&training->network.contents)) {
        must(minnow_team_score_tokens(team, training->joined.batch, &error), &error);
        return;
    }
    must(minnow_team_encode(team, MINNOW_QUERY, training->texts[MINNOW_QUERY].batch, &error), &error);
    must(minnow_team_encode(team, MINNOW_DOCUMENT, training->texts[MINNOW_DOCUMENT].batch, &error), &error);
    must(minnow_team_score(team, training->pairs, training->pair_count, training->scale, &error), &error);
}

static inline void train_back(struct training *training) {
    struct minnow_error error = {0};
    must(minnow_team_back(&training->team, &error), &error);
}

#endif
