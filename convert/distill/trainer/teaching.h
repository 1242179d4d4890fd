/* The teacher at work beside the student, where a loss looks into its layers, or where it learns too (LEAD, arXiv
 * 2212.05225, trains both). */
#ifndef MINNOW_TRAINER_TEACHING_H
#define MINNOW_TRAINER_TEACHING_H

#include "convert/distill/trainer/student_scores.h"

struct minnow_teaching {
    struct minnow_network network;
    struct minnow_team team;
    struct minnow_token_texts tokens[2];
    bool learns;
    struct minnow_optimizer *optimizer; /* the run's to make, where it learns */
};

/* Whether the options and losses ask for one. */
bool minnow_teaching_is_wanted(const struct minnow_trainer *trainer);
/* trainer->teaching, taken from its memory, with the tokens of all its texts. MINNOW_INVALID_ARGUMENT: what the options
 * ask for cannot be. */
enum minnow_status minnow_teaching_open(struct minnow_trainer *trainer, struct minnow_error *error);
void minnow_teaching_close(struct minnow_teaching *teaching);

/* A batch's texts forward, as far as the layers need: encoded, or, where tokens are joined, its pairs scored. */
enum minnow_status minnow_teaching_encode(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                          struct minnow_error *error);
/* The same, and the pairs' scores into teaching->team.scoring. */
enum minnow_status minnow_teaching_score(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                         struct minnow_error *error);

static inline bool minnow_teacher_learns(const struct minnow_trainer *trainer) {
    return trainer->teaching && trainer->teaching->learns;
}

#endif
