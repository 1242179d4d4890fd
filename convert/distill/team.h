/* Workers that train one network together: each takes some texts of a batch all the way forward and back, with
 * gradients of its own. BLAS has one thread while a team exists: it is the workers that divide the work.
 *
 * A step: begin; encode the queries and the documents (or the pairs of a cross-encoder); score; fill in gradients of
 * the scores, of the vectors, or after any layer of a worker's trace; back; the optimizer. Steps with the same batches
 * give the same bits whenever they run, for one number of workers. */
#ifndef MINNOW_TEAM_H
#define MINNOW_TEAM_H

#include "convert/distill/heads/joined.h"
#include "convert/distill/optimizer.h"

struct minnow_worker {
    struct minnow_trace roles[2], joint; /* joint: pairs, where the similarity is MINNOW_JOINT */
    struct minnow_joined joined;         /* pairs of this worker */
    struct minnow_tape tape;
    enum minnow_status status;
    struct minnow_error error;
};

struct minnow_team {
    struct minnow_network *network;
    struct minnow_kernels kernels;
    struct minnow_threads *threads;
    bool borrows_threads;
    struct minnow_worker *workers;
    size_t worker_count;
    struct minnow_gradients *gradients; /* [worker_count], as the optimizer takes them; or NULL */
    struct minnow_tape tape;            /* of one step */
    bool encoded[2];
    struct minnow_vectors vectors[2]; /* of a role's texts, once they are encoded */
    struct minnow_scoring scoring;    /* scores and gradient: [count], in the order of the pairs */
    int blas_threads;                 /* before the team */
};

struct minnow_team_settings {
    uint32_t workers;               /* more of them than processors only wait for each other */
    bool learns;                    /* a team that does not has no gradients, and never goes back */
    struct minnow_threads *threads; /* another team's, of as many workers, which is idle meanwhile; NULL: of its own */
};

/* Gradients are taken from `memory`. */
enum minnow_status minnow_team_create(struct minnow_network *network, const struct minnow_team_settings *settings,
                                      struct minnow_memory *memory, struct minnow_team *team,
                                      struct minnow_error *error);
void minnow_team_free(struct minnow_team *team);

/* What the last step left is gone. */
void minnow_team_begin(struct minnow_team *team);
/* Texts of a role to vectors. */
enum minnow_status minnow_team_encode(struct minnow_team *team, enum minnow_role role, struct minnow_batch batch,
                                      struct minnow_error *error);
/* Scores of pairs of encoded texts, by the network's similarity, times `scale`. Vectors of a role that is not encoded
 * may be the caller's (team->vectors): they are not trained. */
enum minnow_status minnow_team_score(struct minnow_team *team, const struct minnow_text_pair *pairs, size_t count,
                                     float scale, struct minnow_error *error);
/* Scores of pairs whose tokens the joint route takes; each text of the batch is a pair. */
enum minnow_status minnow_team_score_tokens(struct minnow_team *team, struct minnow_batch pairs,
                                            struct minnow_error *error);
/* Everything back, down to the workers' gradients. */
enum minnow_status minnow_team_back(struct minnow_team *team, struct minnow_error *error);

#endif
