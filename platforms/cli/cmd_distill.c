#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"

#include "minnow_distill.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct distilling {
    struct minnow_distill_options options;
    struct minnow_distill_result result;
    const char *rate, *held_out, *temperature, *soft_temperature, *alpha, *teacher_rate;
    uint32_t steps, epochs, minutes, warm_up, seed, evaluate_every;
    unsigned role;
    bool no_crops, as_json;
    struct minnow_bar bar;
    struct minnow_error error;
};

/* Ctrl-C: the state is saved, and the run can go on later. A second one ends the process as ever. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    interrupted = 1;
    signal(number, SIG_DFL);
}

static bool stop(void *context) {
    (void)context;
    return interrupted;
}

static void progress(void *context, const char *stage, uint64_t done, uint64_t total) {
    struct distilling *work = context;
    minnow_bar_show(&work->bar, stage, done, total);
}

/* ---- What is said ---- */

static void put_figure(FILE *out, const char *name, double value) {
    if (isfinite(value)) fprintf(out, ", %s %.4f", name, value);
}

static void report(void *context, const struct minnow_distill_report *report) {
    struct distilling *work = context;
    minnow_bar_end(&work->bar);
    fprintf(stderr, "step %" PRIu64 " of %" PRIu64, report->step, report->steps);
    put_figure(stderr, "loss", report->loss);
    put_figure(stderr, "held out", report->held_out_loss);
    put_figure(stderr, "cosine", report->cosine);
    put_figure(stderr, "nDCG@10", report->ndcg_at_10);
    if (report->step) fprintf(stderr, ", %.0f texts/s", report->texts_per_second);
    fprintf(stderr, "%s\n", report->best ? ", the best so far" : "");
}

static void put_finite(struct minnow_json_out *json, const char *name, double value) {
    if (isfinite(value)) minnow_put_number(json, name, value);
}

static void print_json(const struct distilling *work) {
    const struct minnow_distill_result *result = &work->result;
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_string(&json, "output", work->options.output);
    minnow_put_whole(&json, "steps", result->steps);
    minnow_put_whole(&json, "best_step", result->best_step);
    minnow_put_whole(&json, "parameters", result->parameters);
    minnow_put_whole(&json, "teacher_parameters", result->teacher_parameters);
    minnow_put_whole(&json, "texts", result->texts);
    minnow_put_whole(&json, "held_out_texts", result->held_out_texts);
    put_finite(&json, "loss", result->loss);
    put_finite(&json, "held_out_loss", result->held_out_loss);
    put_finite(&json, "cosine", result->cosine);
    put_finite(&json, "ndcg@10", result->ndcg_at_10);
    minnow_put_number(&json, "texts_per_second", result->texts_per_second);
    minnow_put_number(&json, "seconds", result->seconds);
    minnow_put_whole(&json, "stopped", result->stopped);
    minnow_put_close(&json, '}');
    putchar('\n');
}

static int length_without_slashes(const char *path) {
    int size = (int)strlen(path);
    while (size > 1 && path[size - 1] == '/') size--;
    return size;
}

static void print_table(const struct distilling *work) {
    const struct minnow_distill_result *result = &work->result;
    printf("%s: %.2f million parameters", work->options.output, (double)result->parameters / 1e6);
    if (result->teacher_parameters)
        printf(", %.1f%% of the teacher's", 100 * (double)result->parameters / (double)result->teacher_parameters);
    printf("; best after step %" PRIu64 " of %" PRIu64, result->best_step, result->steps);
    put_figure(stdout, "loss held out", result->held_out_loss);
    put_figure(stdout, "cosine to the teacher", result->cosine);
    put_figure(stdout, "nDCG@10", result->ndcg_at_10);
    printf("\n%.0f texts/s over %.0f s; metrics.jsonl and curve.svg are in %.*s.run\n", result->texts_per_second,
           result->seconds, length_without_slashes(work->options.output), work->options.output);
    if (result->stopped) printf("interrupted: --resume goes on\n");
}

/* ---- What is asked for ---- */

/* True, or it has been said what is wrong: 0 too, which to the library says nothing. */
static bool parse_number(const char *name, const char *text, double *value) {
    char *end;
    if (!text) return true;
    *value = strtod(text, &end);
    if (end != text && !*end && isfinite(*value) && *value > 0) return true;
    minnow_arguments_misused("distill", "--%s: found '%s', expected a number above 0", name, text);
    return false;
}

/* 0 is said by a number below it. */
static bool parse_share(const char *name, const char *text, double *value) {
    char *end;
    if (!text || (strtod(text, &end) == 0 && end != text && !*end)) {
        *value = text ? -1 : 0;
        return true;
    }
    return parse_number(name, text, value);
}

static bool take_numbers(struct distilling *work) {
    struct minnow_distill_options *options = &work->options;
    if (!parse_number("rate", work->rate, &options->rate) ||
        !parse_share("held-out", work->held_out, &options->held_out) ||
        !parse_number("temperature", work->temperature, &options->temperature) ||
        !parse_number("soft-temperature", work->soft_temperature, &options->soft_temperature) ||
        !parse_number("teacher-rate", work->teacher_rate, &options->teacher_rate) ||
        !parse_share("alpha", work->alpha, &options->alpha))
        return false;
    options->steps = work->steps;
    options->epochs = work->epochs;
    options->minutes = work->minutes;
    options->warm_up = work->warm_up;
    options->seed = work->seed;
    options->evaluate_every = work->evaluate_every;
    options->role = (enum minnow_distill_role)work->role;
    if (work->no_crops) options->crops = UINT32_MAX;
    return true;
}

static int run(struct distilling *work) {
    work->options.size = sizeof work->options;
    work->options.progress = progress;
    work->options.report = report;
    work->options.stop = stop;
    work->options.context = work;
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    minnow_bar_begin(&work->bar);
    enum minnow_status status = minnow_distill(&work->options, &work->result, &work->error);
    minnow_bar_end(&work->bar);
    if (status) return minnow_report_error(&work->error);
    if (work->as_json)
        print_json(work);
    else
        print_table(work);
    return minnow_output_end(MINNOW_EXIT_OK);
}

static const char *missing(const struct minnow_distill_options *options) {
    if (!options->student) return "--student CHECKPOINT|SPEC";
    if (!options->data) return "--data FOLDER";
    if (!options->losses) return "--loss NAME[:WEIGHT],...";
    return options->output ? NULL : "-o CHECKPOINT";
}

static const char notes[] =
    "A SPEC says what a student begins as: layers=0,5,rank=128 takes two of the teacher's layers and its words as a\n"
    "product of two factors (README.md has the rest). FOLDER holds *.txt (a query a line), *.jsonl ({\"query\",\n"
    "\"passage\"} or {\"text\"}), *.tsv (pos_score, neg_score, query, passage, other passage), folders in BEIR layout\n"
    "with qrels/train.tsv; from passages, texts like queries are drawn. Losses, mixed by weight:\n"
    "  embedding, embedding-mse, embedding-cosine   the teacher's vectors (EmbedDistill, arXiv 2301.12005)\n"
    "  score-kl, contrastive                        candidates, in-batch and mined: the teacher's scores, or labels\n"
    "  margin-mse, pointwise-mse, ranknet,          a relevant passage and another (arXiv 2010.02666)\n"
    "  weighted-ranknet\n"
    "  lead                                         scores by drawn layers of both (LEAD, arXiv 2212.05225)\n"
    "  relation                                     between tokens, last block (MiniLMv2, arXiv 2012.15828)\n"
    "  soft-bce                                     soft labels mixed with hard ones (arXiv 1911.11065)\n"
    "CHECKPOINT appears whole, each time the student is better than before; beside it, in CHECKPOINT.run/,\n"
    "metrics.jsonl, curve.svg and the state that --resume goes on from, to the same bits.";

int minnow_command_distill(int argc, char **argv) {
    static struct distilling work;
    struct minnow_distill_options *o = &work.options;
    const struct minnow_option options[] = {
        {"teacher", 0, MINNOW_OPTION_TEXT, &o->teacher, "CHECKPOINT", "a bi-encoder or cross-encoder"},
        {"teacher-model", 0, MINNOW_OPTION_TEXT, &o->teacher_model, "MODEL",
         "the same converted, in 8 bits: its vectors come sooner"},
        {"student", 0, MINNOW_OPTION_TEXT, &o->student, "CHECKPOINT|SPEC", "what the student begins as"},
        {"data", 0, MINNOW_OPTION_TEXT, &o->data, "FOLDER", "texts, pairs, teacher scores"},
        {"loss", 0, MINNOW_OPTION_TEXT, &o->losses, "NAME[:WEIGHT],...", "what is made small; see below"},
        {"output", 'o', MINNOW_OPTION_TEXT, &o->output, "CHECKPOINT", "the best student; whole or not at all"},
        {"role", 0, MINNOW_OPTION_CHOICE, &work.role, "auto|query|document|both",
         "what the student takes, the rest is the teacher's; query if its vectors can stand beside those"},
        {"steps", 0, MINNOW_OPTION_NUMBER, &work.steps, "N", "so many"},
        {"epochs", 0, MINNOW_OPTION_NUMBER, &work.epochs, "N", "or so often every text; 1"},
        {"minutes", 0, MINNOW_OPTION_NUMBER, &work.minutes, "M", "or as many steps as take so long, by the first ones"},
        {"batch", 0, MINNOW_OPTION_NUMBER, &o->batch, "N", "texts a step; 128"},
        {"rate", 0, MINNOW_OPTION_TEXT, &work.rate, "R", "of learning, at its highest; 0.0005"},
        {"warm-up", 0, MINNOW_OPTION_NUMBER, &work.warm_up, "N", "steps until then; a twentieth"},
        {"seed", 0, MINNOW_OPTION_NUMBER, &work.seed, "N", "of the random numbers; 1"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &o->threads, "N", "all physical cores"},
        {"evaluate", 0, MINNOW_OPTION_TEXT, &o->evaluate, "BEIR_FOLDER", "nDCG@10 on it decides which student is best"},
        {"evaluate-every", 0, MINNOW_OPTION_NUMBER, &work.evaluate_every, "N", "steps; 500"},
        {"patience", 0, MINNOW_OPTION_NUMBER, &o->patience, "N", "end after so many evaluations without a better one"},
        {"held-out", 0, MINNOW_OPTION_TEXT, &work.held_out, "SHARE", "of the texts, to measure on, at most 1000; 0.01"},
        {"resume", 0, MINNOW_OPTION_FLAG, &o->resume, NULL, "go on where an interrupted run stopped"},
        {"cache", 0, MINNOW_OPTION_TEXT, &o->cache, "FILE", "the teacher's vectors and scores, from run to run"},
        {"negatives", 0, MINNOW_OPTION_NUMBER, &o->negatives, "N",
         "hard ones a query, mined by the teacher; as few as the loss needs"},
        {"crops", 0, MINNOW_OPTION_NUMBER, &o->crops, "N", "texts drawn from a passage; 2 where labels are not needed"},
        {"no-crops", 0, MINNOW_OPTION_FLAG, &work.no_crops, NULL, "none of them"},
        {"temperature", 0, MINNOW_OPTION_TEXT, &work.temperature, "T", "of scores; 0.05 for cosines, else 1"},
        {"soft-temperature", 0, MINNOW_OPTION_TEXT, &work.soft_temperature, "T", "of soft labels in soft-bce; 1"},
        {"alpha", 0, MINNOW_OPTION_TEXT, &work.alpha, "A", "share of soft labels in soft-bce, from 0 to 1; 0.7"},
        {"teacher-scores", 0, MINNOW_OPTION_TEXT, &o->teacher_scores, "FILE,...", "their mean, in place of the *.tsv"},
        {"quantize", 0, MINNOW_OPTION_TEXT, &o->quantize, "s4", "learn with the weights of a 4-bit file"},
        {"teacher-rate", 0, MINNOW_OPTION_TEXT, &work.teacher_rate, "R", "of the teacher, which learns too; it stays"},
        {"layers", 0, MINNOW_OPTION_NUMBER, &o->layer_pairs, "K", "of either side that lead draws; the smaller side's"},
        {"json", 0, MINNOW_OPTION_FLAG, &work.as_json, NULL, "one JSON object"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "distill",
        .operands = "",
        .summary = "train a small student of a big teacher",
        .notes = notes,
        .options = options,
    };
    int exit_code;
    work.seed = 1;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (missing(o)) return minnow_arguments_misused("distill", "%s is needed", missing(o));
    if (!take_numbers(&work)) return MINNOW_EXIT_USAGE;
    return run(&work);
}
