/* The student's scores of pairs of texts, whatever its kind. */
#ifndef MINNOW_TRAINER_STUDENT_SCORES_H
#define MINNOW_TRAINER_STUDENT_SCORES_H

#include "convert/distill/trainer/trainer.h"

/* Texts of the pool, and pairs of places among them. */
struct minnow_texts_to_score {
    const uint32_t *queries, *documents; /* [query_count], [document_count] */
    uint32_t query_count, document_count;
    const struct minnow_text_pair *pairs; /* [count]; on the trainer's tape */
    size_t count;
};

/* What scoring needs of the pool: tokens of what is trained, the teacher's vectors of what is not. */
enum minnow_status minnow_student_scores_prepare(struct minnow_trainer *trainer, struct minnow_error *error);

/* Some texts to a team's vectors of their role. Batches lie on `tape`. */
enum minnow_status minnow_texts_encode(struct minnow_team *team, const struct minnow_token_texts *tokens,
                                       const uint32_t *texts, uint32_t count, struct minnow_tape *tape,
                                       struct minnow_error *error);
/* Pairs whose tokens the team's joint route takes, to its scoring; tokens: by role, plain. */
enum minnow_status minnow_texts_score_tokens(struct minnow_team *team, const struct minnow_token_texts tokens[2],
                                             const struct minnow_texts_to_score *texts, struct minnow_tape *tape,
                                             struct minnow_error *error);

/* Texts of both roles to team.vectors: those of a role that is not trained are the teacher's. */
enum minnow_status minnow_student_encode(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                         struct minnow_error *error);
/* Into team.scoring. */
enum minnow_status minnow_student_scores(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                         struct minnow_error *error);

#endif
