#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/vector_file.h"

#include "convert/documents.h"
#include "runtime/error.h"

#include <stdlib.h>

/* A batch ends at whichever comes first, so memory is bounded whatever the input. */
enum { BATCH_TEXTS = 256, BATCH_BYTES = 1 << 20 };

struct encode {
    const char *model, *isa, *input, *output;
    unsigned role, format;
    uint32_t threads, dimensions;
    struct minnow_engine engine;
    struct minnow_vector_file out;
    struct minnow_documents batch;
    float *vectors;
    uint64_t truncated;
    struct minnow_bar bar;
    struct minnow_error error;
};

/* Of one vector a text. */
static enum minnow_status encode_texts(struct encode *work, const struct minnow_text *texts, size_t count,
                                       struct minnow_text_result *results) {
    size_t dimensions = work->engine.info.dimensions;
    enum minnow_status status = minnow_encode(work->engine.session, (enum minnow_role)work->role, texts, count,
                                              work->vectors, results, &work->error);
    for (size_t i = 0; i < count && !status; i++)
        status = minnow_vector_file_write(&work->out, work->batch.items[i].id, work->vectors + i * dimensions,
                                          &work->error);
    return status;
}

/* Of one vector a token: a text at a time, for each may be long. */
static enum minnow_status encode_tokens(struct encode *work, const struct minnow_text *texts, size_t count,
                                        struct minnow_text_result *results) {
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        uint32_t vectors = 0;
        status = minnow_encode_tokens(work->engine.session, (enum minnow_role)work->role, &texts[i], 1, work->vectors,
                                      &vectors, &results[i], &work->error);
        if (!status)
            status = minnow_vector_file_write_tokens(&work->out, work->batch.items[i].id, work->vectors, vectors,
                                                     &work->error);
    }
    return status;
}

static enum minnow_status encode_batch(struct encode *work) {
    struct minnow_text texts[BATCH_TEXTS];
    struct minnow_text_result results[BATCH_TEXTS];
    size_t count = work->batch.count;
    for (size_t i = 0; i < count; i++) texts[i] = minnow_documents_text(&work->batch, i);
    enum minnow_status status = (work->engine.info.token_vectors ? encode_tokens : encode_texts)(work, texts, count, results);
    for (size_t i = 0; i < count && !status; i++) work->truncated += results[i].truncated;
    return status;
}

static enum minnow_status encode_batches(struct encode *work, struct minnow_texts *texts) {
    for (bool end = false; !end;) {
        uint64_t done, total;
        minnow_documents_clear(&work->batch);
        enum minnow_status status =
            minnow_documents_read(&work->batch, texts, BATCH_TEXTS, BATCH_BYTES, &end, &work->error);
        if (!status && work->batch.count) status = encode_batch(work);
        if (status) return status;
        minnow_texts_position(texts, &done, &total);
        minnow_bar_show(&work->bar, "encoding", total ? done : work->out.rows, total);
    }
    return MINNOW_OK;
}

static enum minnow_status encode_all(struct encode *work, struct minnow_texts *texts) {
    enum minnow_status status = minnow_vector_file_open(
        &work->out, work->output, (enum minnow_vector_format)work->format, work->engine.info.dimensions, &work->error);
    if (status) return status;
    minnow_bar_begin(&work->bar);
    status = encode_batches(work, texts);
    minnow_bar_end(&work->bar);
    if (!status) return minnow_vector_file_commit(&work->out, &work->error);
    minnow_vector_file_abandon(&work->out);
    return status;
}

/* Room for the vectors of a batch, or of one text's tokens. */
static enum minnow_status make_room(struct encode *work) {
    const struct minnow_model_info *info = &work->engine.info;
    size_t rows = info->token_vectors ? info->max_tokens[work->role] : BATCH_TEXTS;
    if (info->token_vectors && work->format != MINNOW_VECTORS_JSONL)
        return minnow_fail(&work->error, MINNOW_UNSUPPORTED,
                           "%s: a text has a vector a token, which only --output-format jsonl can tell apart",
                           info->name);
    work->vectors = malloc(rows * info->dimensions * sizeof(float) + 1);
    return work->vectors ? MINNOW_OK : minnow_fail(&work->error, MINNOW_OUT_OF_MEMORY, "%zu vectors", rows);
}

static enum minnow_status open_engine(struct encode *work) {
    enum minnow_status status = minnow_engine_open_model(&work->engine, work->model, work->isa, &work->error);
    if (!status) status = minnow_engine_start(&work->engine, work->threads, work->dimensions, &work->error);
    return status ? status : make_room(work);
}

static int run(struct encode *work) {
    struct minnow_texts *texts = NULL;
    enum minnow_status status = open_engine(work);
    if (!status) status = minnow_texts_open(work->input, &texts, &work->error);
    if (!status) status = encode_all(work, texts);
    minnow_report_truncated(work->truncated, work->out.rows, work->engine.info.max_tokens[work->role]);
    minnow_texts_close(texts);
    minnow_documents_free(&work->batch);
    free(work->vectors);
    minnow_engine_close(&work->engine);
    return minnow_output_end(status ? minnow_report_error(&work->error) : MINNOW_EXIT_OK);
}

int minnow_command_encode(int argc, char **argv) {
    struct encode work = {.input = "-", .role = MINNOW_DOCUMENT};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &work.model, "MODEL", "the model file; the built-in one"},
        {"role", 0, MINNOW_OPTION_CHOICE, &work.role, "query|document", "whose prompt and limit; document"},
        {"output-format", 0, MINNOW_OPTION_CHOICE, &work.format, "jsonl|npy|f32|s8|bits", "jsonl"},
        {"dimensions", 0, MINNOW_OPTION_NUMBER, &work.dimensions, "N", "vectors are cut to so many (Matryoshka); all"},
        {"output", 'o', MINNOW_OPTION_TEXT, &work.output, "OUT", "a file, whole or not at all; standard output"},
        {"isa", 0, MINNOW_OPTION_TEXT, &work.isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &work.threads, "N", "at most the physical cores; 1"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "encode",
        .operands = "[FILE|-]",
        .summary = "texts to vectors",
        .notes =
            "The input is a text a line, or JSONL with \"text\" (and \"title\", \"_id\"); standard input by default.\n"
            "jsonl: {\"_id\",\"vector\"} a line, {\"_id\",\"vectors\"} of models of a vector a token. npy: one NumPy array.\n"
            "f32: little-endian floats, nothing else. s8: a row is a float, the scale, and a signed byte a dimension.\n"
            "bits: a row is a bit a dimension, 1 above 0, highest bit first, in whole bytes.",
        .options = options,
        .operand_values = &work.input,
        .operand_most = 1,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    return run(&work);
}
