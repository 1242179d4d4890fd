#include "platforms/cli/arguments.h"
#include "platforms/cli/bench_text.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"

#include "runtime/error.h"
#include "runtime/parallel.h"

#include <inttypes.h>
#include <stdlib.h>

/* Each measurement runs until it has both, or the most. */
enum { LEAST_RUNS = 10, MOST_RUNS = 2000 };
static const double least_ms = 1000;

struct timing {
    uint32_t tokens, batch, threads, runs;
    double median_ms, p90_ms, min_ms;
};

struct bench {
    const char *path, *isa;
    struct minnow_numbers tokens, batches, threads;
    bool tokens_chosen, as_json;
    struct minnow_model *model;
    struct minnow_model_info info;
    struct minnow_words words;
    double open_ms;
    struct timing *timings;
    size_t timing_count, timing_total;
    struct minnow_bar bar;
    struct minnow_error error;
};

/* The texts of one measurement, and where their vectors go. */
struct load {
    struct minnow_text *texts;
    struct minnow_text_result *results;
    float *vectors;
    uint32_t count;
};

static void free_load(struct load *load) {
    for (uint32_t i = 0; load->texts && i < load->count; i++) free((void *)(uintptr_t)load->texts[i].bytes);
    free(load->texts);
    free(load->results);
    free(load->vectors);
}

static enum minnow_status make_load(struct bench *work, uint32_t tokens, uint32_t count, struct load *load) {
    *load = (struct load){.count = count};
    load->texts = calloc(count, sizeof *load->texts);
    load->results = calloc(count, sizeof *load->results);
    load->vectors = calloc(count, work->info.dimensions * sizeof(float));
    if (!load->texts || !load->results || !load->vectors)
        return minnow_fail(&work->error, MINNOW_OUT_OF_MEMORY, "a batch of %u texts", count);
    for (uint32_t i = 0; i < count; i++) {
        enum minnow_status status = minnow_words_make_text(&work->words, tokens, i, &load->texts[i], &work->error);
        if (status) return status;
    }
    return MINNOW_OK;
}

static int by_value(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void summarize(double *times, uint32_t runs, struct timing *timing) {
    qsort(times, runs, sizeof *times, by_value);
    timing->runs = runs;
    timing->min_ms = times[0];
    timing->median_ms = runs % 2 ? times[runs / 2] : (times[runs / 2 - 1] + times[runs / 2]) / 2;
    timing->p90_ms = times[(runs * 9 + 9) / 10 - 1]; /* nearest rank */
}

static enum minnow_status run_once(struct bench *work, struct minnow_session *session, struct load *load,
                                   double *time_ms) {
    double started = minnow_clock_ms();
    enum minnow_status status =
        minnow_encode(session, MINNOW_QUERY, load->texts, load->count, load->vectors, load->results, &work->error);
    *time_ms = minnow_clock_ms() - started;
    return status;
}

static enum minnow_status check_tokens(struct bench *work, const struct load *load, uint32_t tokens) {
    for (uint32_t i = 0; i < load->count; i++)
        if (load->results[i].tokens != tokens)
            return minnow_fail(&work->error, MINNOW_MISMATCH, "a text for %u tokens has %u", tokens,
                               load->results[i].tokens);
    return MINNOW_OK;
}

static enum minnow_status measure(struct bench *work, struct minnow_session *session, struct load *load,
                                  struct timing *timing) {
    double times[MOST_RUNS], total = 0;
    uint32_t runs = 0;
    enum minnow_status status = run_once(work, session, load, times); /* warm-up */
    if (!status) status = check_tokens(work, load, timing->tokens);
    while (!status && runs < MOST_RUNS && (runs < LEAST_RUNS || total < least_ms)) {
        status = run_once(work, session, load, &times[runs]);
        total += times[runs++];
    }
    if (!status) summarize(times, runs, timing);
    return status;
}

static enum minnow_status measure_one(struct bench *work, struct minnow_session *session, struct timing *timing) {
    struct load load;
    enum minnow_status status = make_load(work, timing->tokens, timing->batch, &load);
    if (!status) status = measure(work, session, &load, timing);
    free_load(&load);
    work->timing_count++;
    minnow_bar_show(&work->bar, "measuring", work->timing_count, work->timing_total);
    return status;
}

static enum minnow_status measure_threads(struct bench *work, uint32_t threads) {
    struct minnow_engine engine;
    uint32_t used = minnow_threads_capped(threads); /* what is reported is what ran */
    enum minnow_status status = minnow_engine_borrow(&engine, work->model, threads, &work->error);
    for (size_t t = 0; !status && t < work->tokens.count; t++)
        for (size_t b = 0; !status && b < work->batches.count; b++) {
            struct timing *timing = &work->timings[work->timing_count];
            *timing =
                (struct timing){.tokens = work->tokens.items[t], .batch = work->batches.items[b], .threads = used};
            status = measure_one(work, engine.session, timing);
        }
    minnow_engine_close(&engine);
    return status;
}

/* Sizes that the user did not choose are left out where the model cannot have them. */
static enum minnow_status fit_tokens(struct bench *work) {
    uint32_t least = (uint32_t)work->words.frame, most = work->info.max_tokens[MINNOW_QUERY];
    size_t kept = 0;
    for (size_t i = 0; i < work->tokens.count; i++) {
        uint32_t tokens = work->tokens.items[i];
        if (tokens >= least && tokens <= most)
            work->tokens.items[kept++] = tokens;
        else if (work->tokens_chosen)
            return minnow_fail(&work->error, MINNOW_INVALID_ARGUMENT, "--tokens: found %u, the model takes %u to %u",
                               tokens, least, most);
    }
    work->tokens.count = kept;
    return MINNOW_OK;
}

static enum minnow_status measure_all(struct bench *work) {
    enum minnow_status status = minnow_words_find(work->model, MINNOW_QUERY, &work->words, &work->error);
    if (!status) status = fit_tokens(work);
    if (status) return status;
    work->timing_total = work->tokens.count * work->batches.count * work->threads.count;
    work->timings = calloc(work->timing_total + 1, sizeof *work->timings);
    if (!work->timings) return minnow_fail(&work->error, MINNOW_OUT_OF_MEMORY, "%zu timings", work->timing_total);
    minnow_bar_begin(&work->bar);
    for (size_t i = 0; !status && i < work->threads.count; i++) status = measure_threads(work, work->threads.items[i]);
    minnow_bar_end(&work->bar);
    return status;
}

static double texts_a_second(const struct timing *timing) { return timing->batch / timing->median_ms * 1e3; }

static void print_table(const struct bench *work) {
    printf("%s, %s weights, %" PRIu32 " dimensions\nCPU %s, kernels %s, model opened in %.1f ms\n\n", work->info.name,
           work->info.weights, work->info.dimensions, minnow_cpu_name(), work->info.isa, work->open_ms);
    printf("%6s %6s %8s %11s %11s %11s %11s %6s\n", "tokens", "batch", "threads", "median ms", "p90 ms", "min ms",
           "texts/s", "runs");
    for (size_t i = 0; i < work->timing_count; i++) {
        const struct timing *timing = &work->timings[i];
        printf("%6" PRIu32 " %6" PRIu32 " %8" PRIu32 " %11.3f %11.3f %11.3f %11.1f %6" PRIu32 "\n", timing->tokens,
               timing->batch, timing->threads, timing->median_ms, timing->p90_ms, timing->min_ms,
               texts_a_second(timing), timing->runs);
    }
}

static void print_timing_json(struct minnow_json_out *json, const struct timing *timing) {
    minnow_put_open(json, NULL, '{');
    minnow_put_whole(json, "tokens", timing->tokens);
    minnow_put_whole(json, "batch", timing->batch);
    minnow_put_whole(json, "threads", timing->threads);
    minnow_put_number(json, "median_ms", timing->median_ms);
    minnow_put_number(json, "p90_ms", timing->p90_ms);
    minnow_put_number(json, "min_ms", timing->min_ms);
    minnow_put_number(json, "texts_per_second", texts_a_second(timing));
    minnow_put_whole(json, "runs", timing->runs);
    minnow_put_close(json, '}');
}

static void print_json(const struct bench *work) {
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_string(&json, "model", work->info.name);
    minnow_put_string(&json, "weights", work->info.weights);
    minnow_put_string(&json, "cpu", minnow_cpu_name());
    minnow_put_string(&json, "isa", work->info.isa);
    minnow_put_number(&json, "open_ms", work->open_ms);
    minnow_put_open(&json, "encode", '[');
    for (size_t i = 0; i < work->timing_count; i++) print_timing_json(&json, &work->timings[i]);
    minnow_put_close(&json, ']');
    minnow_put_close(&json, '}');
    putchar('\n');
}

static int run(struct bench *work) {
    double started = minnow_clock_ms();
    if (minnow_open_model(work->path, work->isa, &work->model, &work->error)) return minnow_report_error(&work->error);
    work->open_ms = minnow_clock_ms() - started;
    minnow_model_info(work->model, &work->info);
    enum minnow_status status = measure_all(work);
    if (!status && work->as_json) print_json(work);
    if (!status && !work->as_json) print_table(work);
    free(work->timings);
    minnow_words_free(&work->words);
    minnow_model_close(work->model);
    return minnow_output_end(status ? minnow_report_error(&work->error) : MINNOW_EXIT_OK);
}

int minnow_command_bench(int argc, char **argv) {
    struct bench work = {.batches = {{1, 32}, 2}, .threads = {{1}, 1}};
    static const struct minnow_numbers usual_tokens = {{8, 16, 128, 256}, 4};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &work.path, "MODEL", "the model file"},
        {"tokens", 0, MINNOW_OPTION_NUMBERS, &work.tokens, "N,...",
         "of each text, special ones included; 8,16,128,256"},
        {"batch", 0, MINNOW_OPTION_NUMBERS, &work.batches, "N,...", "texts at once; 1,32"},
        {"threads", 0, MINNOW_OPTION_NUMBERS, &work.threads, "N,...", "at most the physical cores; 1"},
        {"isa", 0, MINNOW_OPTION_TEXT, &work.isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"json", 0, MINNOW_OPTION_FLAG, &work.as_json, NULL, "one JSON object"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "bench",
        .operands = "",
        .summary = "measure latency on this device",
        .notes = "Every combination of --tokens, --batch and --threads is encoded for a second, at least 10 times,\n"
                 "after a warm-up. The texts are words of the model's own vocabulary.",
        .options = options,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (!minnow_has_model("bench", work.path)) return MINNOW_EXIT_USAGE;
    work.tokens_chosen = work.tokens.count > 0;
    if (!work.tokens_chosen) work.tokens = usual_tokens;
    return run(&work);
}
