#include "convert/distill/trainer/data_folder.h"

#include "convert/eval/beir.h"
#include "convert/distill/queries/word_list.h"
#include "convert/json_line.h"
#include "convert/texts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LONGEST_PATH = 4096 };

static bool ends_with(const char *name, const char *ending) {
    size_t size = strlen(name), end = strlen(ending);
    return size > end && strcmp(name + size - end, ending) == 0;
}

static bool is_there(const char *folder, const char *name) {
    char path[LONGEST_PATH];
    struct stat status;
    int size = snprintf(path, sizeof path, "%s/%s", folder, name);
    return size < (int)sizeof path && stat(path, &status) == 0;
}

/* ---- Text a line, JSONL ---- */

static enum minnow_status add_text(struct minnow_data_folder *data, const struct minnow_document *document,
                                   struct minnow_error *error) {
    struct minnow_plain_text whole = {0};
    uint32_t number;
    if (!document->text.size && !document->title.size) return MINNOW_OK;
    if (!document->title.size) return minnow_text_set_add(&data->texts.queries, document->text, &number, error);
    enum minnow_status status = minnow_plain_text_add(&whole, document->title, error);
    if (!status) status = minnow_plain_text_add(&whole, document->text, error);
    struct minnow_text text = {whole.bytes, whole.size};
    if (!status) status = minnow_text_set_add(&data->texts.passages, text, &number, error);
    minnow_plain_text_free(&whole);
    return status;
}

static enum minnow_status read_texts(struct minnow_data_folder *data, const char *path, struct minnow_error *error) {
    struct minnow_texts *texts;
    struct minnow_document document;
    bool end = false;
    enum minnow_status status = minnow_texts_open(path, &texts, error);
    if (status) return status;
    while (!(status = minnow_texts_next(texts, &document, &end, error)) && !end)
        if ((status = add_text(data, &document, error))) break;
    minnow_texts_close(texts);
    return status;
}

/* The first line with anything in it tells which kind of JSONL a file is. */
static bool first_line_is_a_pair(const char *path) {
    struct minnow_json_line json;
    const char *reason;
    char *line = NULL;
    size_t room = 0;
    bool pair = false;
    FILE *file = fopen(path, "rb");
    ssize_t size = 0;
    while (file && (size = getline(&line, &room, file)) > 0 && strspn(line, " \t\r\n") == (size_t)size) continue;
    if (file && size > 0 && minnow_json_line_parse(line, (size_t)size, &json, &reason)) {
        pair = cJSON_HasObjectItem(json.root, "query") || cJSON_HasObjectItem(json.root, "passage");
        minnow_json_line_free(&json);
    }
    free(line);
    if (file) fclose(file);
    return pair;
}

static enum minnow_status read_jsonl(struct minnow_data_folder *data, const char *path, struct minnow_error *error) {
    return first_line_is_a_pair(path) ? minnow_training_pairs_read(path, &data->texts, error)
                                      : read_texts(data, path, error);
}

/* ---- BEIR layout ---- */

static enum minnow_status add_id(struct minnow_text_set *ids, uint32_t **of_id, size_t *room, struct minnow_text id,
                                 uint32_t number, struct minnow_error *error) {
    uint32_t before = ids->count, place;
    enum minnow_status status = minnow_text_set_add(ids, id, &place, error);
    if (status || place < before) return status; /* the first folder that has an id gives its meaning */
    if (before >= *room) {
        size_t capacity = *room ? *room * 2 : 1024;
        uint32_t *numbers = realloc(*of_id, capacity * sizeof *numbers);
        if (!numbers) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu ids", capacity);
        *of_id = numbers;
        *room = capacity;
    }
    (*of_id)[place] = number;
    return MINNOW_OK;
}

/* numbers: [documents->count], of the set. */
static enum minnow_status add_documents(struct minnow_data_folder *data, bool queries,
                                        const struct minnow_documents *documents, uint32_t *numbers,
                                        struct minnow_error *error) {
    struct minnow_text_set *set = queries ? &data->texts.queries : &data->texts.passages;
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; !status && i < documents->count; i++) {
        status = minnow_text_set_add(set, minnow_documents_text(documents, i), &numbers[i], error);
        if (!status)
            status = queries ? add_id(&data->query_ids, &data->query_of_id, &data->query_room, documents->items[i].id,
                                      numbers[i], error)
                             : add_id(&data->passage_ids, &data->passage_of_id, &data->passage_room,
                                      documents->items[i].id, numbers[i], error);
    }
    return status;
}

static enum minnow_status add_judgements(struct minnow_data_folder *data, const struct minnow_beir *beir,
                                         const uint32_t *queries, const uint32_t *passages,
                                         struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; !status && i < beir->judgement_count; i++) {
        const struct minnow_judgement *judgement = &beir->judgements[i];
        if (judgement->relevance <= 0 || judgement->document == MINNOW_NO_DOCUMENT) continue;
        struct minnow_training_pair pair = {queries[judgement->query], passages[judgement->document]};
        status = minnow_training_pairs_add(&data->texts, pair, error);
    }
    return status;
}

static enum minnow_status take_beir(struct minnow_data_folder *data, const struct minnow_beir *beir,
                                    struct minnow_error *error) {
    uint32_t *queries = calloc(beir->queries.count + 1, sizeof *queries);
    uint32_t *passages = calloc(beir->corpus.count + 1, sizeof *passages);
    enum minnow_status status = MINNOW_OK;
    if (!queries || !passages) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu texts", beir->corpus.count);
    if (!status) status = add_documents(data, false, &beir->corpus, passages, error);
    if (!status) status = add_documents(data, true, &beir->queries, queries, error);
    if (!status) status = add_judgements(data, beir, queries, passages, error);
    free(queries);
    free(passages);
    return status;
}

/* Without judgements there is only text to read. */
static enum minnow_status read_unjudged(struct minnow_data_folder *data, const char *folder,
                                        struct minnow_error *error) {
    static const char *const names[] = {"corpus.jsonl", "queries.jsonl"};
    enum minnow_status status = MINNOW_OK;
    for (int i = 0; i < 2 && !status; i++) {
        char path[LONGEST_PATH];
        snprintf(path, sizeof path, "%.4000s/%s", folder, names[i]);
        struct minnow_texts *texts;
        struct minnow_documents documents = {0};
        uint32_t *numbers = NULL;
        bool end;
        if (!is_there(folder, names[i])) continue;
        if ((status = minnow_texts_open(path, &texts, error))) return status;
        status = minnow_documents_read(&documents, texts, SIZE_MAX, SIZE_MAX, &end, error);
        if (!status && !(numbers = calloc(documents.count + 1, sizeof *numbers)))
            status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu texts", documents.count);
        if (!status) status = add_documents(data, i == 1, &documents, numbers, error);
        free(numbers);
        minnow_documents_free(&documents);
        minnow_texts_close(texts);
    }
    return status;
}

static enum minnow_status read_beir(struct minnow_data_folder *data, const char *folder, struct minnow_error *error) {
    struct minnow_beir beir;
    if (!is_there(folder, "qrels/train.tsv")) return read_unjudged(data, folder, error);
    enum minnow_status status = minnow_beir_read(folder, "train", &beir, error);
    if (status) return status;
    status = take_beir(data, &beir, error);
    minnow_beir_free(&beir);
    return status;
}

/* ---- The folder ---- */

static enum minnow_status add_score_file(struct minnow_data_folder *data, const char *path,
                                         struct minnow_error *error) {
    if (data->score_file_count == MINNOW_MOST_SCORE_FILES)
        return minnow_fail(error, MINNOW_BAD_INPUT, "%.300s: there are more than %d files of scores", path,
                           MINNOW_MOST_SCORE_FILES);
    data->score_files[data->score_file_count] = strdup(path);
    if (!data->score_files[data->score_file_count]) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s", path);
    data->score_file_count++;
    return MINNOW_OK;
}

static enum minnow_status read_entry(struct minnow_data_folder *data, const char *folder, const char *name,
                                     struct minnow_error *error) {
    char path[LONGEST_PATH];
    struct stat status;
    if (name[0] == '.') return MINNOW_OK;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return minnow_fail(error, MINNOW_IO, "%.300s: the name is too long", folder);
    if (stat(path, &status) != 0) return minnow_fail(error, MINNOW_IO, "%.300s: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode)) return is_there(path, "corpus.jsonl") ? read_beir(data, path, error) : MINNOW_OK;
    if (ends_with(name, ".txt")) return read_texts(data, path, error);
    if (ends_with(name, ".jsonl")) return read_jsonl(data, path, error);
    if (ends_with(name, ".tsv")) return add_score_file(data, path, error);
    return MINNOW_OK;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static enum minnow_status read_entries(struct minnow_data_folder *data, const char *folder,
                                       struct minnow_error *error) {
    struct dirent **entries;
    enum minnow_status status = MINNOW_OK;
    int count = scandir(folder, &entries, NULL, by_name);
    if (count < 0) return minnow_fail(error, MINNOW_IO, "%.300s: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (!status) status = read_entry(data, folder, entries[i]->d_name, error);
        free(entries[i]);
    }
    free(entries);
    return status;
}

enum minnow_status minnow_data_folder_read(const char *path, struct minnow_data_folder *data,
                                           struct minnow_error *error) {
    enum minnow_status status = is_there(path, "corpus.jsonl") ? read_beir(data, path, error)
                                                               : read_entries(data, path, error);
    if (status || data->texts.queries.count || data->texts.passages.count || data->score_file_count) return status;
    return minnow_fail(error, MINNOW_BAD_INPUT,
                       "%.300s: holds nothing to train on; expected *.txt, *.jsonl, *.tsv or folders with corpus.jsonl",
                       path);
}

void minnow_data_folder_free(struct minnow_data_folder *data) {
    minnow_training_pairs_free(&data->texts);
    minnow_text_set_free(&data->query_ids);
    minnow_text_set_free(&data->passage_ids);
    free(data->query_of_id);
    free(data->passage_of_id);
    free(data->triples);
    for (size_t i = 0; i < data->score_file_count; i++) free(data->score_files[i]);
    *data = (struct minnow_data_folder){0};
}

enum minnow_status minnow_data_folder_resolve(struct minnow_data_folder *data, bool query, struct minnow_text named,
                                              uint32_t *number, struct minnow_error *error) {
    uint32_t id = minnow_text_set_find(query ? &data->query_ids : &data->passage_ids, named);
    if (id == MINNOW_NO_TEXT)
        return minnow_text_set_add(query ? &data->texts.queries : &data->texts.passages, named, number, error);
    *number = query ? data->query_of_id[id] : data->passage_of_id[id];
    return MINNOW_OK;
}
