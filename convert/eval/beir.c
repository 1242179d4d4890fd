#include "convert/eval/beir.h"

#include "runtime/error.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int compare_bytes(struct minnow_text a, struct minnow_text b) {
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.bytes, b.bytes, shared) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_id_descending(const void *a, const void *b) {
    return compare_bytes(((const struct minnow_document *)b)->id, ((const struct minnow_document *)a)->id);
}

static size_t find_id(const struct minnow_documents *documents, struct minnow_text id) {
    struct minnow_document key = {id, {"", 0}, {"", 0}};
    const struct minnow_document *found =
        documents->count ? bsearch(&key, documents->items, documents->count, sizeof *documents->items, by_id_descending)
                         : NULL;
    return found ? (size_t)(found - documents->items) : MINNOW_NO_DOCUMENT;
}

static enum minnow_status order_by_id(struct minnow_documents *documents, const char *path,
                                      struct minnow_error *error) {
    if (documents->count) qsort(documents->items, documents->count, sizeof *documents->items, by_id_descending);
    for (size_t i = 1; i < documents->count; i++) {
        struct minnow_text id = documents->items[i].id;
        if (compare_bytes(id, documents->items[i - 1].id) == 0)
            return minnow_fail(error, MINNOW_BAD_INPUT, "%s: _id \"%.*s\" is there twice, expected once", path,
                               id.size < 100 ? (int)id.size : 100, id.bytes);
    }
    return MINNOW_OK;
}

static enum minnow_status read_documents(const char *path, struct minnow_documents *documents,
                                         struct minnow_error *error) {
    struct minnow_texts *texts;
    bool end;
    enum minnow_status status = minnow_texts_open(path, &texts, error);
    if (status) return status;
    status = minnow_documents_read(documents, texts, SIZE_MAX, SIZE_MAX, &end, error);
    minnow_texts_close(texts);
    return status ? status : order_by_id(documents, path, error);
}

static struct minnow_text cut_at_tab(struct minnow_text *rest) {
    const char *tab = rest->size ? memchr(rest->bytes, '\t', rest->size) : NULL;
    struct minnow_text field = {rest->bytes, tab ? (size_t)(tab - rest->bytes) : rest->size};
    size_t used = field.size + (tab != NULL);
    *rest = (struct minnow_text){rest->bytes + used, rest->size - used};
    return field;
}

static bool parse_relevance(struct minnow_text field, int32_t *relevance) {
    char digits[16], *end;
    if (!field.size || field.size >= sizeof digits) return false;
    memcpy(digits, field.bytes, field.size);
    digits[field.size] = 0;
    long value = strtol(digits, &end, 10);
    if (end != digits + field.size || value < INT32_MIN || value > INT32_MAX) return false;
    *relevance = (int32_t)value;
    return true;
}

/* qrels while they are read: the document's id is kept to tell double judgements of documents that the corpus lacks. */
struct line {
    size_t query, number;
    struct minnow_text document;
    int32_t relevance;
};

struct lines {
    const struct minnow_beir *beir;
    struct minnow_documents ids; /* owns the bytes of `document` */
    struct line *items;
    size_t count, capacity;
};

static enum minnow_status keep_line(struct lines *lines, struct line line, struct minnow_error *error) {
    struct minnow_document id = {line.document, {"", 0}, {"", 0}};
    enum minnow_status status = minnow_documents_add(&lines->ids, &id, error);
    if (status) return status;
    if (lines->count == lines->capacity) {
        size_t capacity = lines->capacity ? lines->capacity * 2 : 256;
        struct line *items = realloc(lines->items, capacity * sizeof *items);
        if (!items) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu judgements", lines->count);
        lines->items = items;
        lines->capacity = capacity;
    }
    line.document = lines->ids.items[lines->ids.count - 1].id;
    line.number = lines->count;
    lines->items[lines->count++] = line;
    return MINNOW_OK;
}

static enum minnow_status take_line(struct lines *lines, const char *path, const struct minnow_document *record,
                                    struct minnow_error *error) {
    struct minnow_text rest = record->text;
    struct line line = {0};
    bool is_first = record->id.size == 1 && record->id.bytes[0] == '1';
    struct minnow_text query = cut_at_tab(&rest);
    line.document = cut_at_tab(&rest);
    if (!record->text.size) return MINNOW_OK;
    if (!parse_relevance(cut_at_tab(&rest), &line.relevance) || rest.size) {
        if (is_first) return MINNOW_OK; /* query-id, corpus-id, score */
        return minnow_fail(error, MINNOW_BAD_INPUT,
                           "%s:%.*s: expected three fields parted by tabs: query id, document id, whole number", path,
                           (int)record->id.size, record->id.bytes);
    }
    line.query = find_id(&lines->beir->queries, query);
    return line.query == MINNOW_NO_DOCUMENT ? MINNOW_OK : keep_line(lines, line, error);
}

static enum minnow_status read_lines(const char *path, struct lines *lines, struct minnow_error *error) {
    struct minnow_texts *texts;
    enum minnow_status status = minnow_texts_open(path, &texts, error);
    if (status) return status;
    for (bool end = false; !status;) {
        struct minnow_document record;
        status = minnow_texts_next(texts, &record, &end, error);
        if (end) break;
        if (!status) status = take_line(lines, path, &record, error);
    }
    minnow_texts_close(texts);
    return status;
}

static int by_query_and_document(const void *a, const void *b) {
    const struct line *x = a, *y = b;
    if (x->query != y->query) return x->query < y->query ? -1 : 1;
    int order = compare_bytes(x->document, y->document);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static bool judged_again(const struct lines *lines, size_t i) {
    return i + 1 < lines->count && lines->items[i].query == lines->items[i + 1].query &&
           compare_bytes(lines->items[i].document, lines->items[i + 1].document) == 0;
}

static enum minnow_status keep_judgements(const char *path, struct lines *lines, struct minnow_beir *beir,
                                          struct minnow_error *error) {
    if (!lines->count)
        return minnow_fail(error, MINNOW_BAD_INPUT, "%s: no judgement is of a query in queries.jsonl", path);
    qsort(lines->items, lines->count, sizeof *lines->items, by_query_and_document);
    beir->judgements = calloc(lines->count, sizeof *beir->judgements);
    if (!beir->judgements) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu judgements", lines->count);
    for (size_t i = 0; i < lines->count; i++) {
        if (judged_again(lines, i)) continue;
        const struct line *line = &lines->items[i];
        beir->judgements[beir->judgement_count++] =
            (struct minnow_judgement){line->query, find_id(&beir->corpus, line->document), line->relevance};
    }
    return MINNOW_OK;
}

static enum minnow_status read_judgements(const char *path, struct minnow_beir *beir, struct minnow_error *error) {
    struct lines lines = {.beir = beir};
    enum minnow_status status = read_lines(path, &lines, error);
    if (!status) status = keep_judgements(path, &lines, beir, error);
    minnow_documents_free(&lines.ids);
    free(lines.items);
    return status;
}

static enum minnow_status join_path(char *path, size_t size, const char *folder, const char *name, const char *suffix,
                                    struct minnow_error *error) {
    int used = snprintf(path, size, "%s/%s%s", folder, name, suffix);
    if (used > 0 && (size_t)used < size) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s/%s%s: the path is longer than %zu bytes", folder, name,
                       suffix, size - 1);
}

static enum minnow_status read_all(const char *folder, const char *split, struct minnow_beir *beir,
                                   struct minnow_error *error) {
    char path[PATH_MAX], qrels[NAME_MAX];
    enum minnow_status status = join_path(path, sizeof path, folder, "corpus", ".jsonl", error);
    if (!status) status = read_documents(path, &beir->corpus, error);
    if (!status) status = join_path(path, sizeof path, folder, "queries", ".jsonl", error);
    if (!status) status = read_documents(path, &beir->queries, error);
    if (!status) status = join_path(qrels, sizeof qrels, "qrels", split, ".tsv", error);
    if (!status) status = join_path(path, sizeof path, folder, qrels, "", error);
    return status ? status : read_judgements(path, beir, error);
}

enum minnow_status minnow_beir_read(const char *folder, const char *split, struct minnow_beir *beir,
                                    struct minnow_error *error) {
    *beir = (struct minnow_beir){0};
    enum minnow_status status = read_all(folder, split, beir, error);
    if (status) minnow_beir_free(beir);
    return status;
}

void minnow_beir_free(struct minnow_beir *beir) {
    minnow_documents_free(&beir->corpus);
    minnow_documents_free(&beir->queries);
    free(beir->judgements);
    *beir = (struct minnow_beir){0};
}
