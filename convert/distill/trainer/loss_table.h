/* Every loss that a run may name, what it looks at, and its function (losses/).
 *
 * A loss looks at one kind of thing, which one kind of step makes (task.h): vectors of texts beside the teacher's;
 * scores of each query's candidates; scores of a relevant and another document; scores that layers give; what the
 * tokens of a text have to do with each other. */
#ifndef MINNOW_TRAINER_LOSS_TABLE_H
#define MINNOW_TRAINER_LOSS_TABLE_H

#include "convert/distill/losses/lead.h"
#include "convert/distill/losses/minilm_relation.h"
#include "convert/distill/losses/score_pairs.h"
#include "runtime/error.h"

enum minnow_task_kind {
    MINNOW_TASK_VECTORS,
    MINNOW_TASK_LISTS,
    MINNOW_TASK_PAIRS,
    MINNOW_TASK_LAYERS,
    MINNOW_TASK_RELATIONS,
    MINNOW_TASK_KINDS,
};

/* teacher, student, gradient: [count][width]. */
struct minnow_vectors_seen {
    const float *teacher, *student;
    float *gradient; /* or NULL */
    size_t count, width;
};

/* Arrays as in score_lists.h, list beside list. */
struct minnow_lists_seen {
    struct minnow_score_lists lists;
    const uint32_t *positives;
    const float *teacher; /* NULL where no loss needs it */
    const float *student;
    float *teacher_gradient; /* NULL where the teacher does not learn */
    float *gradient;         /* or NULL */
    double teacher_temperature, temperature;
};

struct minnow_pairs_seen {
    struct minnow_pair_scores teacher, student; /* teacher's are NULL where no loss needs them */
    struct minnow_pair_gradients gradients;     /* or NULLs */
    size_t count;
    double temperature, alpha; /* of soft labels */
};

struct minnow_layers_seen {
    struct minnow_lead_candidates candidates;
    const struct minnow_lead_pair *pairs; /* [count]; scores are divided by their temperatures already */
    size_t count;
};

/* One text's tokens: their queries, or their keys, or their values. teacher, student, gradient: [tokens][width]. */
struct minnow_relations_seen {
    struct minnow_relations relations;
    const float *teacher, *student;
    float *gradient;
    double *scratch; /* [2 * tokens] */
};

/* The loss of what is seen; adds `weight` times its gradient. */
struct minnow_loss {
    const char *name, *text; /* a line about it, with its paper */
    enum minnow_task_kind task;
    bool needs_teacher; /* scores or vectors of one */
    bool labels;        /* of pairs: scores are logits of labels, not a teacher's scores */
    double (*vectors)(const struct minnow_vectors_seen *seen, double weight);
    double (*lists)(const struct minnow_lists_seen *seen, double weight);
    double (*pairs)(const struct minnow_pairs_seen *seen, double weight);
    double (*layers)(const struct minnow_layers_seen *seen, double weight);
    double (*relations)(const struct minnow_relations_seen *seen, double weight);
};

extern const struct minnow_loss minnow_losses[];
extern const size_t minnow_loss_count;

enum { MINNOW_MOST_LOSSES = 8 }; /* at once */

struct minnow_weighted_loss {
    const struct minnow_loss *loss;
    double weight;
};

struct minnow_loss_list {
    struct minnow_weighted_loss items[MINNOW_MOST_LOSSES];
    size_t count;
};

/* "NAME[:WEIGHT],...". MINNOW_INVALID_ARGUMENT names what was found and what may be. */
enum minnow_status minnow_loss_list_parse(const char *text, struct minnow_loss_list *losses,
                                          struct minnow_error *error);
bool minnow_loss_list_has(const struct minnow_loss_list *losses, enum minnow_task_kind task);
bool minnow_loss_list_needs_teacher(const struct minnow_loss_list *losses, enum minnow_task_kind task);

#endif
