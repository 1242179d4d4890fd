#include "convert/eval/trec_run.h"

#include "runtime/error.h"

#include <string.h>

static bool is_one_word(struct minnow_text id) {
    for (size_t i = 0; i < id.size; i++)
        if (!id.bytes[i] || strchr(" \t\n\v\f\r", id.bytes[i])) return false;
    return id.size > 0;
}

static enum minnow_status check_ids(const char *path, const struct minnow_documents *documents,
                                    struct minnow_error *error) {
    for (size_t i = 0; i < documents->count; i++) {
        struct minnow_text id = documents->items[i].id;
        if (!is_one_word(id))
            return minnow_fail(error, MINNOW_BAD_INPUT,
                               "%s: _id \"%.*s\" is empty or holds white space, which TREC's run format cannot say",
                               path, id.size < 100 ? (int)id.size : 100, id.bytes);
    }
    return MINNOW_OK;
}

enum minnow_status minnow_trec_run_check(const char *path, const struct minnow_beir *beir, struct minnow_error *error) {
    enum minnow_status status = check_ids(path, &beir->queries, error);
    return status ? status : check_ids(path, &beir->corpus, error);
}

void minnow_trec_run_write(FILE *file, const struct minnow_beir *beir, size_t query, const struct minnow_hit *hits,
                           size_t count) {
    struct minnow_text query_id = beir->queries.items[query].id;
    for (size_t i = 0; i < count; i++) {
        struct minnow_text id = beir->corpus.items[hits[i].document].id;
        fwrite(query_id.bytes, 1, query_id.size, file);
        fputs(" Q0 ", file);
        fwrite(id.bytes, 1, id.size, file);
        fprintf(file, " %zu %.9g minnow\n", i + 1, (double)hits[i].score);
    }
}
