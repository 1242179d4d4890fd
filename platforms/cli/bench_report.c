#include "platforms/cli/bench_report.h"

#include "platforms/cli/bench_work.h"
#include "platforms/cli/build_info.h"
#include "platforms/cli/json_out.h"

#include <inttypes.h>

/* One case, in numbers. Unknown figures are 0. */
struct row {
    const char *isa;
    uint32_t tokens, batch, threads;
    struct minnow_summary encode;
    double texts_a_second, tokens_a_second, open_ms, first_ms;
    uint64_t peak_bytes;
};

static struct row row_of(const struct minnow_bench_plan *plan, struct minnow_bench_case *one) {
    struct minnow_model_info info;
    minnow_model_info(plan->models[one->tier], &info);
    struct minnow_summary encode = minnow_samples_summary(&one->encode_ms);
    double texts_a_second = encode.median > 0 ? one->batch / encode.median * 1e3 : 0;
    return (struct row){.isa = info.isa,
                        .tokens = one->tokens,
                        .batch = one->batch,
                        .threads = one->threads,
                        .encode = encode,
                        .texts_a_second = texts_a_second,
                        .tokens_a_second = texts_a_second * one->tokens,
                        .open_ms = minnow_samples_summary(&one->open_ms).median,
                        .first_ms = minnow_samples_summary(&one->first_ms).median,
                        .peak_bytes = one->peak_bytes};
}

static struct minnow_model_info info_of(const struct minnow_bench_plan *plan) {
    struct minnow_model_info info;
    minnow_model_info(plan->models[0], &info);
    return info;
}

/* ---- For people ---- */

static void print_known(int width, int digits, double value) {
    if (value > 0)
        printf(" %*.*f", width, digits, value);
    else
        printf(" %*s", width, "n/a");
}

static void print_table_row(const struct row *row) {
    const struct minnow_summary *encode = &row->encode;
    printf("%-12s %6" PRIu32 " %5" PRIu32 " %7" PRIu32 " %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %9.1f %9.0f", row->isa,
           row->tokens, row->batch, row->threads, encode->median, encode->p90, encode->p99, encode->min, encode->mean,
           encode->deviation, row->texts_a_second, row->tokens_a_second);
    print_known(8, 1, row->first_ms);
    print_known(7, 1, (double)row->peak_bytes / 1e6);
    printf(" %6zu\n", encode->runs);
}

/* Where it is not queries to vectors. */
static void print_work(const struct minnow_model_info *info) {
    if (info->similarity == MINNOW_JOINT)
        printf("\nTexts are documents, scored in batches with the query \"%s\".\n", minnow_bench_query.bytes);
    else if (info->token_vectors)
        printf("\nTexts are documents, encoded to a vector a token.\n");
}

void minnow_bench_print_table(struct minnow_bench_plan *plan) {
    struct minnow_model_info info = info_of(plan);
    printf("%s, %s weights, ", info.name, info.weights);
    if (info.dimensions) printf("%" PRIu32 " dimensions, ", info.dimensions);
    printf("%.1f MB, opened in %.2f ms\n", (double)info.file_bytes / 1e6, plan->open_ms);
    printf("CPU %s, kernels", minnow_cpu_name());
    for (size_t i = 0; i < plan->tiers; i++) {
        minnow_model_info(plan->models[i], &info);
        printf("%s %s", i ? "," : "", info.isa);
    }
    printf("\nMinnow %s, commit %s, %s\n\n", minnow_version(), minnow_commit, minnow_compiler);
    printf("%-12s %6s %5s %7s %9s %9s %9s %9s %9s %9s %9s %9s %8s %7s %6s\n", "tier", "tokens", "batch", "threads",
           "median ms", "p90", "p99", "min", "mean", "deviation", "texts/s", "tokens/s", "first ms", "peak MB", "runs");
    for (size_t i = 0; i < plan->count; i++) {
        struct row row = row_of(plan, &plan->cases[i]);
        print_table_row(&row);
    }
    print_work(&info);
    printf("\nfirst ms: from the start of a fresh process to its vectors; peak MB: the most memory it had, the model's\n"
           "pages included.\n");
}

/* ---- For programs ---- */

/* Left out where it is not known. */
static void put_known(struct minnow_json_out *json, const char *key, double value) {
    if (value > 0) minnow_put_number(json, key, value);
}

static void put_row(struct minnow_json_out *json, const struct row *row) {
    minnow_put_open(json, NULL, '{');
    minnow_put_string(json, "isa", row->isa);
    minnow_put_whole(json, "tokens", row->tokens);
    minnow_put_whole(json, "batch", row->batch);
    minnow_put_whole(json, "threads", row->threads);
    minnow_put_number(json, "median_ms", row->encode.median);
    minnow_put_number(json, "p90_ms", row->encode.p90);
    minnow_put_number(json, "p99_ms", row->encode.p99);
    minnow_put_number(json, "min_ms", row->encode.min);
    minnow_put_number(json, "mean_ms", row->encode.mean);
    minnow_put_number(json, "deviation_ms", row->encode.deviation);
    minnow_put_number(json, "texts_per_second", row->texts_a_second);
    minnow_put_number(json, "tokens_per_second", row->tokens_a_second);
    put_known(json, "cold_open_ms", row->open_ms);
    put_known(json, "first_vector_ms", row->first_ms);
    put_known(json, "peak_rss_bytes", (double)row->peak_bytes);
    minnow_put_whole(json, "runs", row->encode.runs);
    minnow_put_close(json, '}');
}

void minnow_bench_print_json(struct minnow_bench_plan *plan) {
    struct minnow_json_out json = {stdout, false};
    struct minnow_model_info info = info_of(plan);
    minnow_put_open(&json, NULL, '{');
    minnow_put_string(&json, "model", info.name);
    minnow_put_string(&json, "weights", info.weights);
    minnow_put_whole(&json, "file_bytes", info.file_bytes);
    minnow_put_string(&json, "cpu", minnow_cpu_name());
    minnow_put_string(&json, "isa", info.isa);
    minnow_put_string(&json, "version", minnow_version());
    minnow_put_string(&json, "commit", minnow_commit);
    minnow_put_string(&json, "compiler", minnow_compiler);
    minnow_put_string(&json, "work", minnow_bench_work_name(&info));
    minnow_put_number(&json, "open_ms", plan->open_ms);
    minnow_put_open(&json, "encode", '[');
    for (size_t i = 0; i < plan->count; i++) {
        struct row row = row_of(plan, &plan->cases[i]);
        put_row(&json, &row);
    }
    minnow_put_close(&json, ']');
    minnow_put_close(&json, '}');
    putchar('\n');
}

/* ---- For spreadsheets ---- */

static void print_csv_text(const char *text) {
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    fputs("\",", stdout);
}

static void print_csv_known(double value) {
    if (value > 0) printf("%.12g", value);
    putchar(',');
}

static void print_csv_row(const struct row *row) {
    const struct minnow_summary *encode = &row->encode;
    print_csv_text(row->isa);
    printf("%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", row->tokens, row->batch, row->threads);
    const double numbers[] = {encode->median, encode->p90,       encode->p99,         encode->min,
                              encode->mean,   encode->deviation, row->texts_a_second, row->tokens_a_second};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) printf("%.12g,", numbers[i]);
    print_csv_known(row->open_ms);
    print_csv_known(row->first_ms);
    print_csv_known((double)row->peak_bytes);
    printf("%zu\n", encode->runs);
}

void minnow_bench_print_csv(struct minnow_bench_plan *plan) {
    struct minnow_model_info info = info_of(plan);
    puts("model,weights,cpu,version,commit,compiler,isa,tokens,batch,threads,median_ms,p90_ms,p99_ms,min_ms,mean_ms,"
         "deviation_ms,texts_per_second,tokens_per_second,cold_open_ms,first_vector_ms,peak_rss_bytes,runs");
    const char *const same[] = {info.name,        info.weights,  minnow_cpu_name(),
                                minnow_version(), minnow_commit, minnow_compiler};
    for (size_t i = 0; i < plan->count; i++) {
        struct row row = row_of(plan, &plan->cases[i]);
        for (size_t s = 0; s < sizeof same / sizeof *same; s++) print_csv_text(same[s]);
        print_csv_row(&row);
    }
}
