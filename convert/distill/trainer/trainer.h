/* A run while it is under way: what it learns from, the student, and where it stands. */
#ifndef MINNOW_TRAINER_H
#define MINNOW_TRAINER_H

#include "convert/distill/losses/score_scale.h"
#include "convert/distill/team.h"
#include "convert/distill/trainer/loss_table.h"
#include "convert/distill/trainer/text_pool.h"
#include "convert/distill/weight_rounding.h"
#include "minnow_distill.h"

#define MINNOW_COSINE_TEMPERATURE 0.05 /* where nothing else is said */

struct minnow_buckets;
struct minnow_teaching;

/* Means over texts, queries or triples; the cosine to the teacher's vectors is NaN where there are none. */
struct minnow_measured {
    double losses[MINNOW_MOST_LOSSES]; /* as minnow_loss_list has them, unweighted */
    double cosine;
    bool has_cosine;
};

/* A kind of step with the items it goes through: texts, labelled pairs, triples. An epoch sees each once. */
struct minnow_task {
    enum minnow_task_kind kind;
    uint32_t item_count, held_out_count;
    uint32_t *order;                         /* [item_count]: those held out, then those trained on */
    struct minnow_buckets *train, *held_out; /* of places in the two tasks of `order`; NULL: empty */
    uint64_t epoch;                          /* from 0 */
    uint32_t next;                           /* batch of the epoch */
};

struct minnow_triple {
    float positive_score, negative_score; /* the teacher's, where a loss needs them */
    uint32_t query, positive, negative;
};

struct minnow_trainer {
    struct minnow_distill_options options; /* with every default in its place */
    struct minnow_progress progress;
    struct minnow_loss_list losses;
    bool trains[2]; /* by role; the other role's vectors are the teacher's */
    struct minnow_memory *memory;
    struct minnow_teacher_session teacher;
    struct minnow_teaching *teaching; /* or NULL */
    struct minnow_data_folder *data;  /* borrowed */
    struct minnow_text_pool pool;
    struct minnow_network network;
    struct minnow_team team;
    struct minnow_optimizer *optimizer;
    struct minnow_weight_rounding *rounding;  /* NULL: f32 */
    struct minnow_score_scale scale;          /* of the student's scores in losses over pairs; learned for cosines */
    struct minnow_score_scale scale_gradient; /* of the batch at hand */
    size_t scale_parameter;                   /* its index; SIZE_MAX: it stays */
    struct minnow_tape tape;                  /* of one step */
    struct minnow_task tasks[MINNOW_TASK_KINDS];
    size_t task_count;

    uint64_t step; /* taken so far; 0 where what is held out is measured */

    /* Of lists, pairs and layers. */
    uint32_t negative_count; /* a labelled pair */
    uint32_t *negatives;     /* [pairs][negative_count], passages */
    float *list_scores;      /* [pairs][1 + negative_count], of a teacher that scores pairs alone; or NULL */
    uint32_t *place;         /* [passages], in the batch at hand; UINT32_MAX outside a step */
    struct minnow_triple *triples;
    size_t triple_count;
};

/* Scores of a query and a document are made of both texts' tokens together. */
static inline bool minnow_trainer_joins_tokens(const struct minnow_trainer *trainer) {
    const struct minnow_contents *contents = &trainer->network.contents;
    return contents->similarity == MINNOW_JOINT && minnow_joint_takes_tokens(contents);
}

/* The teacher is a cross-encoder. */
static inline bool minnow_teacher_joins_tokens(const struct minnow_trainer *trainer) {
    const struct minnow_contents *teacher = trainer->teacher.contents;
    return teacher && teacher->similarity == MINNOW_JOINT && minnow_joint_takes_tokens(teacher);
}

/* What the teacher's scores are divided by: cosines on both sides have one temperature, other scores stay as they
 * are. */
static inline double minnow_trainer_teacher_temperature(const struct minnow_trainer *trainer) {
    const struct minnow_contents *teacher = trainer->teacher.contents;
    if (!teacher || teacher->similarity != MINNOW_COSINE) return 1;
    return trainer->network.contents.similarity == MINNOW_COSINE ? trainer->options.temperature
                                                                 : MINNOW_COSINE_TEMPERATURE;
}

#endif
