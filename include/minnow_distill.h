/* Minnow: a small student of a big teacher. The fine-tuning API.
 *
 * A run reads texts from a folder, asks the teacher what it makes of them, trains the student to do the same, and
 * writes the best student it met as a checkpoint folder, for `minnow convert` and for sentence-transformers. Beside it,
 * in OUTPUT.run/, lie metrics.jsonl (an object a line, one for each evaluation), curve.svg, and, until the run is over,
 * the state from which a run that was interrupted goes on to the same bits.
 *
 * Not part of the device library: the program, and those who build convert/, have it. As in minnow.h, functions return
 * a status and fill the optional error; the library never prints or exits. */
#ifndef MINNOW_DISTILL_H
#define MINNOW_DISTILL_H

#include "minnow.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is trained. QUERY: the student takes the queries alone, and is compared with documents by the teacher
 * (EmbedDistill's asymmetric student, arXiv 2301.12005). BOTH: it takes both. DOCUMENT: the documents alone. */
enum minnow_distill_role {
    MINNOW_DISTILL_AUTO = 0, /* QUERY where the student's vectors can stand beside the teacher's; else BOTH */
    MINNOW_DISTILL_QUERY,
    MINNOW_DISTILL_DOCUMENT,
    MINNOW_DISTILL_BOTH,
};

struct minnow_distill_report;

/* What is 0 or NULL has the value in brackets. */
struct minnow_distill_options {
    size_t size;         /* of this struct */
    const char *teacher; /* checkpoint folder: a bi-encoder or a cross-encoder; may be NULL where no loss needs one */
    const char *student; /* checkpoint folder, or a SPEC: "layers=0,5,rank=128,dimensions=384" */
    const char *data;    /* folder of texts; see README.md */
    const char *losses;  /* "NAME[:WEIGHT],..." */
    const char *output;  /* checkpoint folder; appears whole or not at all */
    enum minnow_distill_role role;
    uint64_t steps, epochs, minutes; /* whichever is given; [one epoch] */
    uint32_t batch;                  /* texts, queries or triples a step [128] */
    double rate;                     /* of learning, at its highest [0.0005] */
    uint64_t warm_up;                /* steps [a twentieth of all] */
    uint64_t seed;
    uint32_t threads;           /* [all physical cores] */
    const char *evaluate;       /* folder in BEIR layout whose nDCG@10 decides which student is best [NULL: what was
                                   held out decides] */
    uint64_t evaluate_every;    /* steps [500] */
    uint32_t patience;          /* evaluations without a better one, then the run ends [0: never] */
    double held_out;            /* share of the texts, at most 1000 of them, that is not trained on [0.01]; below 0:
                                   nothing */
    bool resume;                /* go on with a run that was interrupted, where there is one */
    const char *teacher_model;  /* the teacher as a model file, in 8 bits: its vectors are there several times sooner,
                                   and as good to learn from [NULL: the checkpoint's own, in f32] */
    const char *cache;          /* file of the teacher's vectors and scores, kept from run to run [NULL: none] */
    uint32_t negatives;         /* hard negatives a query, from the teacher's ranking [those of the batch alone; 1 where
                                   losses look at pairs, 7 where scores are made of both texts together] */
    uint32_t crops;             /* texts like queries drawn from each passage [2 with losses over vectors or score-kl,
                                   else none]; UINT32_MAX: none */
    double temperature;         /* of scores [0.05 for cosines, else 1] */
    double soft_temperature;    /* of soft labels in soft-bce [1] */
    double alpha;               /* share of soft labels in soft-bce [0.7]; -1: none */
    const char *teacher_scores; /* "FILE,...": their mean [NULL: the *.tsv of data] */
    const char *quantize;       /* "s4": the student learns with words and encoder blocks as a model file of 4 bits has
                                   them, and `minnow convert --weights s4` keeps them [NULL: f32] */
    double teacher_rate;        /* the teacher learns, too, from labelled candidates and from the student, at this rate
                                   (LEAD, arXiv 2212.05225); it is not written [0: it stays as it is] */
    uint32_t layer_pairs;       /* layers of either side that lead draws [as many as the smaller side has] */

    /* stage is a short present participle; total 0: not known. May be NULL. */
    void (*progress)(void *context, const char *stage, uint64_t done, uint64_t total);
    /* After each evaluation. May be NULL. */
    void (*report)(void *context, const struct minnow_distill_report *report);
    /* Asked after each step; true: save the state and end. May be NULL. */
    bool (*stop)(void *context);
    void *context;
};

/* An evaluation. NaN for what is not measured. */
struct minnow_distill_report {
    uint64_t step, steps;         /* taken; in all */
    double loss;                  /* mean since the evaluation before */
    double held_out_loss, cosine; /* on what is held out: the same loss, and the mean cosine to the teacher's vectors */
    double ndcg_at_10;
    double rate, gradient_norm, texts_per_second, seconds;
    bool best; /* so far: it has been written to the output */
};

struct minnow_distill_result {
    uint64_t steps, best_step, parameters, teacher_parameters, texts, held_out_texts;
    double loss, held_out_loss, cosine, ndcg_at_10; /* of the best */
    double texts_per_second, seconds;
    bool stopped; /* by `stop`: the state waits for a run with `resume` */
};

/* Train a student. MINNOW_INVALID_ARGUMENT: an option, named with what it may be; MINNOW_BAD_INPUT: a line of the data,
 * by file and number; MINNOW_BUSY: another process trains into the output, or has the cache; MINNOW_NOT_FINITE: the
 * loss or a gradient is none any more (a lower rate helps), the best student stays. *result is filled as far as the run
 * came. */
enum minnow_status minnow_distill(const struct minnow_distill_options *options, struct minnow_distill_result *result,
                                  struct minnow_error *error);

/* The losses, one after the other: its name, and in *text, if that is not NULL, a line about it; NULL after the
 * last. */
const char *minnow_distill_loss(size_t index, const char **text);

#ifdef __cplusplus
}
#endif
#endif
