#include "convert/distill/queries/generate.h"

#include "convert/blas.h"
#include "convert/documents.h"
#include "convert/distill/queries/finding.h"
#include "convert/eval/encode_all.h"
#include "convert/output_file.h"
#include "runtime/session.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* Streams of random numbers. */
enum { MASKING = 0, DRAWING = 1 }; /* and on, a document each */

struct origin {
    size_t document;
    enum minnow_query_kind kind;
};

struct generating {
    const struct minnow_generate_options *options;
    struct minnow_session *session;
    struct minnow_generate_result *result;
    struct minnow_documents corpus, queries; /* `queries` are those drawn */
    struct origin *origins;                  /* [origin_capacity], of queries */
    size_t origin_capacity;
    struct minnow_text_set seen;
    struct minnow_word_list words; /* of the document at hand */
    struct minnow_term_weights weights;
    struct minnow_plain_text text; /* the query at hand */
    float *document_vectors;
};

static enum minnow_status read_all(const char *path, struct minnow_documents *documents, struct minnow_error *error) {
    struct minnow_texts *texts;
    bool end;
    enum minnow_status status = minnow_texts_open(path, &texts, error);
    if (status) return status;
    status = minnow_documents_read(documents, texts, SIZE_MAX, SIZE_MAX, &end, error);
    minnow_texts_close(texts);
    if (!status && !documents->count) status = minnow_fail(error, MINNOW_BAD_INPUT, "%s: holds no texts", path);
    return status;
}

/* ---- Drawing --------------------------------------------------------------------------------- */

static bool make_room(struct generating *work) {
    if (work->queries.count < work->origin_capacity) return true;
    size_t capacity = work->origin_capacity ? work->origin_capacity * 2 : 1024;
    struct origin *origins = realloc(work->origins, capacity * sizeof *origins);
    if (!origins) return false;
    work->origins = origins;
    work->origin_capacity = capacity;
    return true;
}

/* The text at hand becomes a query, if it is new. */
static enum minnow_status take_query(struct generating *work, struct origin origin, struct minnow_error *error) {
    struct minnow_document query = {.id = {"", 0}, .title = {"", 0}, .text = {work->text.bytes, work->text.size}};
    uint32_t before = work->seen.count, number;
    if (!query.text.size) return MINNOW_OK;
    enum minnow_status status = minnow_text_set_add(&work->seen, query.text, &number, error);
    if (status || number < before) return status;
    if (!make_room(work)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu queries", work->queries.count);
    work->origins[work->queries.count] = origin;
    work->result->drawn[origin.kind]++;
    return minnow_documents_add(&work->queries, &query, error);
}

static enum minnow_status weigh_terms(struct generating *work, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; !status && i < work->corpus.count; i++) {
        struct minnow_text text = work->corpus.items[i].text;
        status = minnow_word_list_find(&work->words, text, error);
        if (!status) status = minnow_term_weights_add(&work->weights, text, &work->words, error);
    }
    return status;
}

static enum minnow_status find_source(struct generating *work, size_t document, struct minnow_query_source *source,
                                      struct minnow_error *error) {
    const struct minnow_document *found = &work->corpus.items[document];
    *source = (struct minnow_query_source){found->title, found->text, &work->words, &work->weights};
    return minnow_word_list_find(&work->words, found->text, error);
}

/* The title comes first; then half are phrases, the others sentences and terms. */
static enum minnow_query_kind kind_of(uint32_t number, bool has_title, struct minnow_random *random) {
    static const enum minnow_query_kind kinds[4] = {MINNOW_QUERY_PHRASE, MINNOW_QUERY_PHRASE, MINNOW_QUERY_SENTENCE,
                                                    MINNOW_QUERY_TERMS};
    return number == 0 && has_title ? MINNOW_QUERY_TITLE : kinds[minnow_random_below(random, 4)];
}

static enum minnow_status draw_from(struct generating *work, size_t document, struct minnow_error *error) {
    struct minnow_random random = minnow_random_of(work->options->seed, DRAWING + document);
    struct minnow_query_source source;
    enum minnow_status status = find_source(work, document, &source, error);
    for (uint32_t i = 0; !status && i < work->options->per_document; i++) {
        struct origin origin = {document, kind_of(i, source.title.size > 0, &random)};
        status = minnow_query_draw(&source, origin.kind, &random, &work->text, error);
        if (!status) status = take_query(work, origin, error);
    }
    return status;
}

static enum minnow_status draw_all(struct generating *work, struct minnow_error *error) {
    enum minnow_status status = weigh_terms(work, error);
    for (size_t i = 0; !status && i < work->corpus.count; i++) status = draw_from(work, i, error);
    return status;
}

/* ---- Real queries ---------------------------------------------------------------------------- */

static enum minnow_status mask_each(struct generating *work, const struct minnow_documents *real,
                                    const size_t *nearest, struct minnow_error *error) {
    struct minnow_random random = minnow_random_of(work->options->seed, MASKING);
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; !status && i < real->count; i++) {
        struct minnow_query_source source;
        status = find_source(work, nearest[i], &source, error);
        if (!status) status = minnow_query_mask(real->items[i].text, &source, &random, &work->text, error);
        if (!status) status = take_query(work, (struct origin){nearest[i], MINNOW_QUERY_MASKED}, error);
    }
    return status;
}

static struct minnow_finding finding_of(const struct generating *work, const float *queries, size_t count) {
    return (struct minnow_finding){queries, work->document_vectors, count, work->corpus.count,
                                   work->session->dimensions};
}

static enum minnow_status mask_near_documents(struct generating *work, const struct minnow_documents *real,
                                              struct minnow_error *error) {
    const struct minnow_progress *progress = &work->options->progress;
    float *vectors = NULL;
    size_t *nearest = calloc(real->count + 1, sizeof *nearest);
    if (!nearest) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu queries", real->count);
    enum minnow_status status =
        minnow_encode_all(work->session, MINNOW_QUERY, real, "encoding real queries", progress, &vectors, error);
    if (!status) {
        struct minnow_finding finding = finding_of(work, vectors, real->count);
        status = minnow_find_nearest(&finding, progress, nearest, error);
    }
    if (!status) status = mask_each(work, real, nearest, error);
    free(vectors);
    free(nearest);
    return status;
}

static enum minnow_status mask_all(struct generating *work, struct minnow_error *error) {
    struct minnow_documents real = {0};
    if (!work->options->queries_path) return MINNOW_OK;
    enum minnow_status status = read_all(work->options->queries_path, &real, error);
    if (!status) status = mask_near_documents(work, &real, error);
    minnow_documents_free(&real);
    return status;
}

/* ---- What is kept ---------------------------------------------------------------------------- */

static bool add_string(cJSON *record, const char *key, const struct minnow_plain_text *text) {
    cJSON *item = NULL;
    char *copy = malloc(text->size + 1);
    if (copy) {
        for (size_t i = 0; i < text->size; i++) copy[i] = text->bytes[i];
        copy[text->size] = 0;
        item = cJSON_AddStringToObject(record, key, copy);
    }
    free(copy);
    return item != NULL;
}

/* Ids are made plain too, so that a line is valid whatever they hold. */
static enum minnow_status write_query(struct generating *work, size_t query, FILE *out, struct minnow_error *error) {
    struct origin origin = work->origins[query];
    struct minnow_plain_text text = {0}, id = {0};
    char *line = NULL, name[32];
    cJSON *record = cJSON_CreateObject();
    snprintf(name, sizeof name, "g%zu", query + 1);
    enum minnow_status status = minnow_plain_text_add(&text, work->queries.items[query].text, error);
    if (!status) status = minnow_plain_text_add(&id, work->corpus.items[origin.document].id, error);
    if (!status && cJSON_AddStringToObject(record, "_id", name) && add_string(record, "text", &text) &&
        add_string(record, "document", &id) &&
        cJSON_AddStringToObject(record, "kind", minnow_query_kind_names[origin.kind]))
        line = cJSON_PrintUnformatted(record);
    if (!status && !line) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu queries", work->queries.count);
    if (line) fprintf(out, "%s\n", line);
    cJSON_free(line);
    cJSON_Delete(record);
    minnow_plain_text_free(&text);
    minnow_plain_text_free(&id);
    return status;
}

static enum minnow_status write_kept(struct generating *work, const size_t *places, struct minnow_error *error) {
    struct minnow_output_file *file;
    enum minnow_status status = minnow_output_file_open(work->options->output_path, &file, error);
    if (status) return status;
    for (size_t i = 0; !status && i < work->queries.count; i++) {
        if (places[i] >= work->options->keep_rank) continue;
        work->result->kept[work->origins[i].kind]++;
        status = write_query(work, i, minnow_output_file_stream(file), error);
    }
    if (!status) return minnow_output_file_commit(file, error);
    minnow_output_file_abandon(file);
    return status;
}

static enum minnow_status place(struct generating *work, size_t *owners, size_t *places, struct minnow_error *error) {
    const struct minnow_progress *progress = &work->options->progress;
    float *vectors = NULL;
    for (size_t i = 0; i < work->queries.count; i++) owners[i] = work->origins[i].document;
    enum minnow_status status =
        minnow_encode_all(work->session, MINNOW_QUERY, &work->queries, "encoding queries", progress, &vectors, error);
    if (!status) {
        struct minnow_finding finding = finding_of(work, vectors, work->queries.count);
        status = minnow_find_places(&finding, owners, progress, places, error);
    }
    free(vectors);
    return status;
}

static enum minnow_status keep_found(struct generating *work, struct minnow_error *error) {
    size_t count = work->queries.count, *owners = calloc(count + 1, sizeof *owners);
    size_t *places = calloc(count + 1, sizeof *places);
    enum minnow_status status = MINNOW_OK;
    if (!owners || !places) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu queries", count);
    if (!status) status = place(work, owners, places, error);
    if (!status) status = write_kept(work, places, error);
    free(owners);
    free(places);
    return status;
}

/* ---- All of it -------------------------------------------------------------------------------- */

static enum minnow_status check_teacher(const struct minnow_session *session, struct minnow_error *error) {
    struct minnow_model_info info;
    minnow_model_info(session->model, &info);
    if (info.dimensions && !info.token_vectors) return minnow_blas_check(error);
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: gives %s, expected a teacher that makes a text one vector (cosine or dot)", info.name,
                       info.token_vectors ? "a vector a token" : "scores of pairs alone");
}

static enum minnow_status generate(struct generating *work, struct minnow_error *error) {
    enum minnow_status status = check_teacher(work->session, error);
    if (!status) status = read_all(work->options->corpus_path, &work->corpus, error);
    if (status) return status;
    work->result->documents = work->corpus.count;
    status = draw_all(work, error);
    if (!status)
        status = minnow_encode_all(work->session, MINNOW_DOCUMENT, &work->corpus, "encoding documents",
                                   &work->options->progress, &work->document_vectors, error);
    if (!status) status = mask_all(work, error);
    return status ? status : keep_found(work, error);
}

enum minnow_status minnow_generate_queries(const struct minnow_generate_options *options,
                                           struct minnow_session *session, struct minnow_generate_result *result,
                                           struct minnow_error *error) {
    struct generating work = {.options = options, .session = session, .result = result};
    *result = (struct minnow_generate_result){0};
    enum minnow_status status = generate(&work, error);
    minnow_documents_free(&work.corpus);
    minnow_documents_free(&work.queries);
    free(work.origins);
    minnow_text_set_free(&work.seen);
    minnow_word_list_free(&work.words);
    minnow_term_weights_free(&work.weights);
    minnow_plain_text_free(&work.text);
    free(work.document_vectors);
    return status;
}
