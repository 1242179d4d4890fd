#include "convert/distill/heads/scoring.h"

#include <string.h>

static const struct minnow_head *head_of(enum minnow_similarity similarity) {
    switch (similarity) {
    case MINNOW_COSINE: return &minnow_cosine_head;
    case MINNOW_MAXSIM: return &minnow_maxsim_head;
    case MINNOW_DOT:
    case MINNOW_JOINT: break;
    }
    return &minnow_dot_head;
}

static bool take_best(struct minnow_scoring *scoring, struct minnow_tape *tape) {
    scoring->best = minnow_tape_push(tape, scoring->count * sizeof *scoring->best);
    for (size_t i = 0; scoring->best && i < scoring->count; i++) {
        size_t rows = minnow_vectors_count(scoring->queries, scoring->pairs[i].query);
        scoring->best[i] = minnow_tape_push(tape, rows * sizeof **scoring->best);
        if (!scoring->best[i]) return false;
    }
    return scoring->best != NULL;
}

bool minnow_scoring_take(struct minnow_scoring *scoring, struct minnow_tape *tape) {
    scoring->scores = minnow_tape_zeros(tape, scoring->count);
    scoring->gradient = minnow_tape_zeros(tape, scoring->count);
    scoring->best = NULL;
    return scoring->scores && scoring->gradient && (scoring->similarity != MINNOW_MAXSIM || take_best(scoring, tape));
}

void minnow_scoring_run(const struct minnow_scoring *scoring, struct minnow_range pairs) {
    const struct minnow_head *head = head_of(scoring->similarity);
    for (size_t i = pairs.first; i < pairs.end; i++) scoring->scores[i] = scoring->scale * head->score(scoring, i);
}

void minnow_scoring_back(const struct minnow_scoring *scoring, enum minnow_role role, struct minnow_range texts) {
    const struct minnow_head *head = head_of(scoring->similarity);
    for (size_t i = 0; i < scoring->count; i++) {
        uint32_t text = role == MINNOW_QUERY ? scoring->pairs[i].query : scoring->pairs[i].document;
        if (text >= texts.first && text < texts.end)
            head->back(scoring, i, role, scoring->scale * scoring->gradient[i]);
    }
}
