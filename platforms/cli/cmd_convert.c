#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/quality.h"

#include "convert/convert.h"
#include "runtime/error.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Of each choice: nothing said. */
enum { POOLING_AS_GIVEN = 3, SIMILARITY_AS_GIVEN = 2, MASKS_AS_GIVEN = 2, BOTH_ROUTES = 2 };

struct converting {
    struct minnow_convert_options options;
    struct minnow_convert_report report;
    const char *collection; /* BEIR folder, or NULL */
    struct minnow_eval_result before, after;
    bool as_json;
    struct minnow_bar bar;
    struct minnow_error error;
};

static enum minnow_status evaluate(struct converting *work, struct minnow_engine *engine,
                                   struct minnow_eval_result *result) {
    struct minnow_eval_options options = {.folder = work->collection, .progress = work->options.progress};
    return minnow_eval(&options, engine->session, engine->session, result, &work->error);
}

static enum minnow_status evaluate_contents(struct converting *work, const struct minnow_contents *contents) {
    struct minnow_model *model;
    struct minnow_engine engine;
    enum minnow_status status = minnow_model_open_contents(contents, NULL, &model, &work->error);
    if (status) return status;
    status = minnow_engine_borrow(&engine, model, work->options.threads, &work->error);
    if (!status) status = evaluate(work, &engine, &work->before);
    minnow_engine_close(&engine);
    minnow_model_close(model);
    return status;
}

static enum minnow_status evaluate_checkpoint(struct converting *work) {
    struct minnow_checkpoint *checkpoint;
    enum minnow_status status =
        minnow_checkpoint_open(work->options.checkpoint, &work->options.reading, &checkpoint, &work->error);
    if (status) return status;
    status = evaluate_contents(work, &checkpoint->contents);
    minnow_checkpoint_close(checkpoint);
    return status;
}

static enum minnow_status evaluate_written(struct converting *work) {
    struct minnow_engine engine;
    enum minnow_status status =
        minnow_engine_open(&engine, work->options.output, NULL, work->options.threads, &work->error);
    if (status) return status;
    status = evaluate(work, &engine, &work->after);
    minnow_engine_close(&engine);
    return status;
}

static enum minnow_status check_folder(const char *path, struct minnow_error *error) {
    struct stat about;
    if (stat(path, &about) != 0)
        return minnow_fail(error, MINNOW_IO, "%s: could not be opened: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is a file, expected the folder of a checkpoint", path);
}

/* The checkpoint first: a collection that cannot be read is found before the long work. */
static enum minnow_status convert(struct converting *work) {
    enum minnow_status status = check_folder(work->options.checkpoint, &work->error);
    if (!status && work->collection) status = evaluate_checkpoint(work);
    if (!status) status = minnow_convert(&work->options, &work->report, &work->error);
    if (!status && work->collection) status = evaluate_written(work);
    return status;
}

static const char *weights_name(const struct converting *work) {
    static const char *const names[] = {"f32", "s8", "s4"}; /* by enum minnow_weight_type */
    return names[work->options.weights];
}

static void json_quality(struct minnow_json_out *json, const char *key, const struct minnow_eval_result *result) {
    minnow_put_open(json, key, '{');
    minnow_quality_json(json, result);
    minnow_put_close(json, '}');
}

/* Of a model whose only result is the score of a pair. */
static bool compares_scores(const struct converting *work) {
    return work->report.mean_cosine == 0 && work->report.score_correlation != 0;
}

static void print_json(const struct converting *work) {
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_string(&json, "output", work->options.output);
    minnow_put_string(&json, "weights", weights_name(work));
    minnow_put_whole(&json, "file_bytes", work->report.file_bytes);
    minnow_put_whole(&json, "parameters", work->report.parameters);
    minnow_put_whole(&json, "calibration_texts", work->report.calibration_texts);
    if (compares_scores(work)) {
        minnow_put_number(&json, "score_correlation", work->report.score_correlation);
    } else {
        minnow_put_number(&json, "mean_cosine", work->report.mean_cosine);
        minnow_put_number(&json, "worst_cosine", work->report.worst_cosine);
    }
    if (work->collection) {
        minnow_put_open(&json, "eval", '{');
        json_quality(&json, "f32", &work->before);
        json_quality(&json, "written", &work->after);
        minnow_put_close(&json, '}');
    }
    minnow_put_close(&json, '}');
    putchar('\n');
}

static void print_quality(const char *name, const struct minnow_eval_result *result) {
    printf("%-8s nDCG@10 %.4f, MRR@10 %.4f, Recall@100 %.4f\n", name, result->ndcg_at_10, result->mrr_at_10,
           result->recall_at_100);
}

static void print_table(const struct converting *work) {
    printf("%s: %s weights, %.2f MB, %.2f million parameters\n", work->options.output, weights_name(work),
           (double)work->report.file_bytes / 1e6, (double)work->report.parameters / 1e6);
    if (compares_scores(work))
        printf("correlation with the checkpoint's scores in f32 over %" PRIu32 " texts: %.5f\n",
               work->report.calibration_texts, work->report.score_correlation);
    else
        printf("cosine to the checkpoint in f32 over %" PRIu32 " texts: mean %.5f, worst %.5f\n",
               work->report.calibration_texts, work->report.mean_cosine, work->report.worst_cosine);
    if (!work->collection) return;
    printf("%s: %" PRIu64 " documents, %" PRIu64 " queries\n", work->collection, work->after.documents,
           work->after.queries);
    print_quality("f32", &work->before);
    print_quality("written", &work->after);
}

static int run(struct converting *work) {
    work->options.progress = minnow_bar_begin(&work->bar);
    enum minnow_status status = convert(work);
    minnow_bar_end(&work->bar);
    /* The reader of checkpoints names files within the folder. */
    if (status == MINNOW_BAD_CHECKPOINT && !strstr(work->error.message, work->options.checkpoint))
        minnow_fail_within(&work->error, status, "%s", work->options.checkpoint);
    if (status) return minnow_report_error(&work->error);
    if (work->as_json)
        print_json(work);
    else
        print_table(work);
    return minnow_output_end(MINNOW_EXIT_OK);
}

struct choices {
    unsigned weights, pooling, similarity, masks, route;
};

static int check_and_run(struct converting *work, const struct choices *choices) {
    static const enum minnow_weight_type types[] = {MINNOW_WEIGHT_S8, MINNOW_WEIGHT_S4, MINNOW_WEIGHT_F32};
    static const char *const poolings[] = {"cls", "mean", "max", NULL};
    static const char *const similarities[] = {"cosine", "dot", NULL};
    static const char *const masks[] = {"before-sep", "after-sep", NULL};
    static const char *const routes[] = {"query", "document", NULL};
    if (!work->options.output) return minnow_arguments_misused("convert", "-o MODEL is needed");
    work->options.weights = types[choices->weights];
    work->options.reading.pooling = poolings[choices->pooling];
    work->options.reading.similarity = similarities[choices->similarity];
    work->options.reading.mask_tokens = masks[choices->masks];
    work->options.reading.route = routes[choices->route];
    return run(work);
}

static const char notes[] =
    "The folder is in a layout of Hugging Face's transformers, sentence-transformers (encoders, pairs of them behind a\n"
    "Router, cross-encoders), model2vec, Stanford's ColBERT, LEAD's ColBERT, or that of Margin-MSE's authors (BERT_Dot,\n"
    "BERT_Cat, ColBERT, PreTTR, a run folder with TK).\n"
    "A transformer alone needs --pooling: cls vectors are then compared by dot product, others by cosine, unless\n"
    "--similarity says otherwise. A cross-encoder whose folder names no activation gives a sigmoid of its logit.\n"
    "--route query makes a model of a pair's query side alone, which searches what the pair or its document side\n"
    "indexed: the space stays the pair's. --base to --document-length say what a published folder leaves out. A limit\n"
    "counts [CLS] and [SEP], not the [MASK] tokens of BERT models' queries.";

int minnow_command_convert(int argc, char **argv) {
    struct converting work = {0};
    struct minnow_checkpoint_options *reading = &work.options.reading;
    struct choices choices = {0, POOLING_AS_GIVEN, SIMILARITY_AS_GIVEN, MASKS_AS_GIVEN, BOTH_ROUTES};
    const struct minnow_option options[] = {
        {"output", 'o', MINNOW_OPTION_TEXT, &work.options.output, "MODEL", "the model file; whole or not at all"},
        {"weights", 0, MINNOW_OPTION_CHOICE, &choices.weights, "s8|s4|f32", "s8"},
        {"calibrate", 0, MINNOW_OPTION_TEXT, &work.options.calibration_path, "FILE",
         "texts to calibrate with; built-in ones"},
        {"query-prompt", 0, MINNOW_OPTION_TEXT, &reading->query_prompt, "P", "as the checkpoint says"},
        {"document-prompt", 0, MINNOW_OPTION_TEXT, &reading->document_prompt, "P", "as the checkpoint says"},
        {"pooling", 0, MINNOW_OPTION_CHOICE, &choices.pooling, "cls|mean|max", "as the checkpoint says"},
        {"similarity", 0, MINNOW_OPTION_CHOICE, &choices.similarity, "cosine|dot", "as the checkpoint says"},
        {"max-tokens", 0, MINNOW_OPTION_NUMBER, &reading->max_tokens, "N", "as the checkpoint says"},
        {"base", 0, MINNOW_OPTION_TEXT, &reading->base, "FOLDER",
         "config.json and tokenizer that it began with; its subfolder \"base\""},
        {"join-layer", 0, MINNOW_OPTION_NUMBER, &reading->join_layer, "N", "blocks before PreTTR joins a pair; 3"},
        {"mask-tokens", 0, MINNOW_OPTION_CHOICE, &choices.masks, "before-sep|after-sep",
         "where queries have [MASK]; after-sep"},
        {"query-length", 0, MINNOW_OPTION_NUMBER, &reading->query_length, "N", "tokens of a query; as --max-tokens"},
        {"document-length", 0, MINNOW_OPTION_NUMBER, &reading->document_length, "N",
         "tokens of a document; as --max-tokens"},
        {"route", 0, MINNOW_OPTION_CHOICE, &choices.route, "query|document", "of a pair of models this one alone; both"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &work.options.threads, "N", "at most the physical cores; 1"},
        {"eval", 0, MINNOW_OPTION_TEXT, &work.collection, "BEIR_FOLDER", "quality of the checkpoint and of the model"},
        {"json", 0, MINNOW_OPTION_FLAG, &work.as_json, NULL, "one JSON object"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "convert",
        .operands = "CHECKPOINT",
        .summary = "turn a checkpoint folder into a model file",
        .notes = notes,
        .options = options,
        .operand_values = &work.options.checkpoint,
        .operand_least = 1,
        .operand_most = 1,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    return check_and_run(&work, &choices);
}
