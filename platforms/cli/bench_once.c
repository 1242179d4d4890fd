/* The process of a cold start: `minnow bench --once`. */
#include "platforms/cli/bench_cold.h"
#include "platforms/cli/bench_work.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/memory.h"
#include "platforms/cli/output.h"

#include "convert/documents.h"
#include "runtime/error.h"

#include <stdlib.h>

enum { MOST_BYTES = 1 << 28 };

struct once {
    struct minnow_documents documents;
    struct minnow_text *texts;
    struct minnow_bench_work work;
    struct minnow_model *model;
    struct minnow_engine engine;
    double begin_ms, open_ms, session_ms, done_ms; /* of minnow_clock_ms */
};

static enum minnow_status read_input(struct once *once, struct minnow_error *error) {
    struct minnow_texts *file = NULL;
    bool end;
    enum minnow_status status = minnow_texts_open("-", &file, error);
    if (!status) status = minnow_documents_read(&once->documents, file, SIZE_MAX, MOST_BYTES, &end, error);
    minnow_texts_close(file);
    if (status) return status;
    once->texts = calloc(once->documents.count + 1, sizeof *once->texts);
    if (!once->texts) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu texts", once->documents.count);
    for (size_t i = 0; i < once->documents.count; i++) once->texts[i] = minnow_documents_text(&once->documents, i);
    return MINNOW_OK;
}

static enum minnow_status encode(struct once *once, const char *path, const char *isa, uint32_t threads,
                                 struct minnow_error *error) {
    once->begin_ms = minnow_clock_ms();
    enum minnow_status status = minnow_open_model(path, isa, &once->model, error);
    if (status) return status;
    once->open_ms = minnow_clock_ms();
    if ((status = minnow_engine_borrow(&once->engine, once->model, threads, error))) return status;
    once->session_ms = minnow_clock_ms();
    size_t count = once->documents.count;
    status = minnow_bench_work_create(&once->work, once->engine.session, &once->engine.info, count, error);
    if (!status) status = minnow_bench_work_run(&once->work, once->texts, count, error);
    once->done_ms = minnow_clock_ms();
    return status;
}

static void print(const struct once *once) {
    struct minnow_json_out json = {stdout, false};
    uint64_t peak = minnow_peak_resident_bytes();
    minnow_put_open(&json, NULL, '{');
    minnow_put_whole(&json, "texts", once->documents.count);
    minnow_put_number(&json, "open_ms", once->open_ms - once->begin_ms);
    minnow_put_number(&json, "session_ms", once->session_ms - once->open_ms);
    minnow_put_number(&json, "encode_ms", once->done_ms - once->session_ms);
    if (peak) minnow_put_whole(&json, "peak_rss_bytes", peak);
    minnow_put_number(&json, "done_clock_ms", once->done_ms);
    minnow_put_close(&json, '}');
    putchar('\n');
}

enum minnow_status minnow_cold_run(const char *model, const char *isa, uint32_t threads, struct minnow_error *error) {
    struct once once = {0};
    enum minnow_status status = read_input(&once, error);
    if (!status) status = encode(&once, model, isa, threads, error);
    if (!status) print(&once);
    minnow_bench_work_free(&once.work);
    minnow_engine_close(&once.engine);
    minnow_model_close(once.model);
    minnow_documents_free(&once.documents);
    free(once.texts);
    return status;
}
