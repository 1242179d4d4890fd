#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"

#include "convert/documents.h"
#include "runtime/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct tokenizing {
    const struct minnow_model *model;
    enum minnow_role role;
    bool no_truncation;
    uint32_t limit;
    uint64_t texts, truncated;
    uint32_t *ids;
    size_t capacity;
    struct minnow_error *error;
};

/* The buffer grows to what a text needs. */
static enum minnow_status tokenize(struct tokenizing *work, struct minnow_text text, unsigned flags, size_t *count) {
    enum minnow_status status =
        minnow_tokenize(work->model, work->role, text, flags, work->ids, work->capacity, count, work->error);
    if (status != MINNOW_BUFFER_TOO_SMALL) return status;
    uint32_t *ids = realloc(work->ids, *count * sizeof *ids);
    if (!ids) return minnow_fail(work->error, MINNOW_OUT_OF_MEMORY, "%zu tokens", *count);
    work->ids = ids;
    work->capacity = *count;
    return minnow_tokenize(work->model, work->role, text, flags, work->ids, work->capacity, count, work->error);
}

static void print_ids(const uint32_t *ids, size_t count) {
    putchar('[');
    for (size_t i = 0; i < count; i++) printf("%s%" PRIu32, i ? "," : "", ids[i]);
    puts("]");
}

static enum minnow_status tokenize_one(struct tokenizing *work, struct minnow_text text) {
    size_t count = 0;
    enum minnow_status status = tokenize(work, text, MINNOW_NO_TRUNCATION, &count);
    if (!status && !work->no_truncation && count > work->limit) {
        work->truncated++;
        status = tokenize(work, text, 0, &count);
    }
    if (!status) print_ids(work->ids, count);
    work->texts++;
    return status;
}

static enum minnow_status tokenize_all(struct tokenizing *work, struct minnow_texts *texts) {
    struct minnow_documents one = {0};
    enum minnow_status status = MINNOW_OK;
    while (!status && !ferror(stdout)) {
        bool end;
        minnow_documents_clear(&one);
        status = minnow_documents_read(&one, texts, 1, SIZE_MAX, &end, work->error);
        if (end || status) break;
        status = tokenize_one(work, minnow_documents_text(&one, 0));
    }
    minnow_documents_free(&one);
    return status;
}

static int run(const char *path, const char *input, struct tokenizing *work) {
    struct minnow_model *model;
    struct minnow_texts *texts;
    struct minnow_model_info info;
    if (minnow_open_model(path, NULL, &model, work->error)) return minnow_report_error(work->error);
    minnow_model_info(model, &info);
    work->model = model;
    work->limit = info.max_tokens[work->role];
    enum minnow_status status = minnow_texts_open(input, &texts, work->error);
    if (!status) status = tokenize_all(work, texts);
    minnow_texts_close(texts);
    minnow_model_close(model);
    free(work->ids);
    minnow_report_truncated(work->truncated, work->texts, work->limit);
    return minnow_output_end(status ? minnow_report_error(work->error) : MINNOW_EXIT_OK);
}

int minnow_command_tokenize(int argc, char **argv) {
    const char *model = NULL, *input = "-";
    unsigned role = MINNOW_DOCUMENT;
    bool no_truncation = false;
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &model, "MODEL", "the model file; the built-in one"},
        {"role", 0, MINNOW_OPTION_CHOICE, &role, "query|document", "whose prompt and limit; document"},
        {"no-truncation", 0, MINNOW_OPTION_FLAG, &no_truncation, NULL, "all tokens, however many"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "tokenize",
        .operands = "[FILE|-]",
        .summary = "texts to token ids, one JSON array a line",
        .notes = "The input is a text a line, or JSONL with \"text\" (and \"title\"); standard input by default.",
        .options = options,
        .operand_values = &input,
        .operand_most = 1,
    };
    int exit_code;
    struct minnow_error error = {0};
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    struct tokenizing work = {.role = (enum minnow_role)role, .no_truncation = no_truncation, .error = &error};
    return run(model, input, &work);
}
