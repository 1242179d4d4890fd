#include "platforms/cli/hits_out.h"

#include "platforms/cli/output.h"

#include <inttypes.h>

enum { ID_COLUMNS = 32 };

static enum minnow_status fetch(const struct minnow_found *found, size_t i, struct minnow_document *document,
                                struct minnow_error *error) {
    if (found->index) return minnow_index_document(found->index, found->hits[i].document, document, error);
    *document = found->candidates[found->hits[i].document];
    return MINNOW_OK;
}

static void put_hit(struct minnow_json_out *json, size_t rank, float score, const struct minnow_document *document) {
    minnow_put_open(json, NULL, '{');
    minnow_put_whole(json, "rank", rank);
    minnow_put_text(json, "id", document->id);
    minnow_put_float(json, "score", score);
    minnow_put_text(json, "title", document->title);
    minnow_put_text(json, "text", document->text);
    minnow_put_close(json, '}');
}

static void print_hit(size_t rank, float score, const struct minnow_document *document, size_t columns) {
    size_t used = (size_t)printf("%3zu  %7.4f  ", rank, (double)score);
    used += minnow_print_line(document->id, ID_COLUMNS) + 2;
    fputs("  ", stdout);
    if (document->title.size) {
        used += minnow_print_line(document->title, columns > used ? columns - used : 0) + 3;
        fputs(" | ", stdout);
    }
    if (columns > used + 8) minnow_print_line(document->text, columns - used);
    putchar('\n');
}

/* json NULL: for people. */
static enum minnow_status print_hits(const struct minnow_found *found, struct minnow_json_out *json,
                                     struct minnow_error *error) {
    size_t columns = minnow_terminal_columns();
    for (size_t i = 0; i < found->count; i++) {
        struct minnow_document document;
        enum minnow_status status = fetch(found, i, &document, error);
        if (status) return status;
        if (json)
            put_hit(json, i + 1, found->hits[i].score, &document);
        else
            print_hit(i + 1, found->hits[i].score, &document, columns);
    }
    return MINNOW_OK;
}

static enum minnow_status print_table(const struct minnow_found *found, struct minnow_error *error) {
    enum minnow_status status = print_hits(found, NULL, error);
    if (!status) printf("%zu of %" PRIu64 " documents, %.1f ms\n", found->count, found->documents, found->took_ms);
    return status;
}

enum minnow_status minnow_found_print(const struct minnow_found *found, bool as_json, struct minnow_error *error) {
    if (!as_json) return print_table(found, error);
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_text(&json, "query", found->query);
    minnow_put_number(&json, "took_ms", found->took_ms);
    minnow_put_whole(&json, "documents", found->documents);
    minnow_put_open(&json, "hits", '[');
    enum minnow_status status = print_hits(found, &json, error);
    minnow_put_close(&json, ']');
    minnow_put_close(&json, '}');
    putchar('\n');
    return status;
}
