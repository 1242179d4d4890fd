#include "platforms/cli/arguments.h"
#include "platforms/cli/bench_cold.h"
#include "platforms/cli/bench_report.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"

enum { MOST_SECONDS = 3600 };

static const char notes[] =
    "Every combination of --isa, --threads, --tokens and --batch is measured after a warm-up, at least 10 times, in\n"
    "turns with the others, so that what disturbs the machine meets all alike. Each is also started a few times in a\n"
    "fresh process: what it takes from its start to the first vectors, and its peak of memory. The texts are words of\n"
    "the model's own vocabulary: queries that become a vector; documents that become one a token; or, for models that\n"
    "score pairs, documents that are scored with one short query.";

static int report(struct minnow_bench_plan *plan, bool as_json, bool as_csv, const struct minnow_error *error,
                  enum minnow_status status) {
    if (status) return minnow_report_error(error);
    if (as_json)
        minnow_bench_print_json(plan);
    else if (as_csv)
        minnow_bench_print_csv(plan);
    else
        minnow_bench_print_table(plan);
    return MINNOW_EXIT_OK;
}

static int run(struct minnow_bench_plan *plan, bool as_json, bool as_csv) {
    struct minnow_error error;
    struct minnow_bar bar;
    enum minnow_status status = minnow_bench_prepare(plan, &error);
    minnow_bar_begin(&bar);
    if (!status) status = minnow_bench_measure(plan, &bar, &error);
    minnow_bar_end(&bar);
    int exit_code = report(plan, as_json, as_csv, &error, status);
    minnow_bench_free(plan);
    return minnow_output_end(exit_code);
}

static int run_cold(const struct minnow_bench_plan *plan) {
    struct minnow_error error;
    const char *isa = plan->isas.count ? plan->isas.items[0] : NULL;
    enum minnow_status status = minnow_cold_run(plan->path, isa, plan->threads.items[0], &error);
    return minnow_output_end(status ? minnow_report_error(&error) : MINNOW_EXIT_OK);
}

int minnow_command_bench(int argc, char **argv) {
    struct minnow_bench_plan plan = {.batches = {{1, 32}, 2}, .threads = {{1}, 1}};
    static const struct minnow_numbers usual_tokens = {{8, 16, 128, 256}, 4};
    bool as_json = false, as_csv = false, once = false;
    uint32_t seconds = 1;
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &plan.path, "MODEL", "the model file; the built-in one"},
        {"tokens", 0, MINNOW_OPTION_NUMBERS, &plan.tokens, "N,...",
         "of each text, special ones included; 8,16,128,256"},
        {"batch", 0, MINNOW_OPTION_NUMBERS, &plan.batches, "N,...", "texts at once; 1,32"},
        {"threads", 0, MINNOW_OPTION_NUMBERS, &plan.threads, "N,...", "at most the physical cores; 1"},
        {"isa", 0, MINNOW_OPTION_NAMES, &plan.isas, "NAME,...", "kernel tiers, or all; the best this CPU has"},
        {"seconds", 0, MINNOW_OPTION_NUMBER, &seconds, "N", "spent on each combination, at least; 1"},
        {"json", 0, MINNOW_OPTION_FLAG, &as_json, NULL, "one JSON object"},
        {"csv", 0, MINNOW_OPTION_FLAG, &as_csv, NULL, "a line for each combination, machine and build in each"},
        {"once", 0, MINNOW_OPTION_FLAG, &once, NULL,
         "encode standard input once, as a fresh process does, and say how long each step took"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "bench",
        .operands = "",
        .summary = "measure latency on this device",
        .notes = notes,
        .options = options,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (as_json && as_csv) return minnow_arguments_misused("bench", "--json and --csv: choose one");
    if (seconds > MOST_SECONDS)
        return minnow_arguments_misused("bench", "--seconds: found %u, expected at most %d", seconds, MOST_SECONDS);
    plan.seconds = seconds;
    plan.tokens_chosen = plan.tokens.count > 0;
    if (!plan.tokens_chosen) plan.tokens = usual_tokens;
    return once ? run_cold(&plan) : run(&plan, as_json, as_csv);
}
