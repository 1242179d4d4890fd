/* Steps, evaluations, and what is kept of them. */
#ifndef MINNOW_TRAINER_RUN_H
#define MINNOW_TRAINER_RUN_H

#include "convert/distill/trainer/evaluation.h"
#include "convert/distill/trainer/trainer.h"

#include <sha2.h>

/* An evaluation with the losses that are added up in it. */
struct minnow_record {
    struct minnow_distill_report report;
    double losses[MINNOW_MOST_LOSSES], held_out_losses[MINNOW_MOST_LOSSES];
};

/* Since the last evaluation. */
struct minnow_window {
    double losses[MINNOW_MOST_LOSSES]; /* sums */
    uint64_t steps, items;
    double seconds;
};

struct minnow_run {
    struct minnow_trainer *trainer;
    struct minnow_evaluation *evaluation; /* or NULL */
    char folder[4096];                    /* OUTPUT.run */
    int lock;                             /* of it; -1: none */
    uint8_t key[SHA256_DIGEST_LENGTH];    /* of all that decides the bits of a run */
    uint64_t step, total_steps;
    double seconds; /* of steps and evaluations, in earlier processes too */
    uint64_t items;
    double training_seconds;
    struct minnow_window window;
    struct minnow_record *records; /* [record_count] */
    size_t record_count, record_room;
    size_t best;     /* index of a record; SIZE_MAX: none yet */
    uint32_t misses; /* evaluations since the best */
    /* Puts the student, as it is now, where it is to be found. */
    enum minnow_status (*keep)(void *context, struct minnow_run *run, struct minnow_error *error);
    void *keep_context;
};

/* Takes the output for this process, before anything is asked of a teacher: MINNOW_BUSY while another one has it. Free
 * the run after a failure too. */
enum minnow_status minnow_run_begin(struct minnow_run *run, struct minnow_error *error);
/* Train to the end, or until options.stop. The trainer's tasks are open; its optimizer is made here. */
enum minnow_status minnow_run_train(struct minnow_run *run, bool *stopped, struct minnow_error *error);
void minnow_run_free(struct minnow_run *run);

/* Better means less, but of nDCG more. Where nothing is measured the last is best. */
bool minnow_record_is_better(const struct minnow_record *record, const struct minnow_record *best);

#endif
