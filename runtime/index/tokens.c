#include "runtime/index/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/index/parts.h"
#include "runtime/index/store.h"

enum { ALIGNMENT = 64, SLACK = 64 }; /* kernels may read some elements past the last row */

void minnow_tokens_free(struct minnow_tokens *tokens) {
    for (size_t i = 0; i < tokens->count; i++) free(tokens->documents[i].memory);
    free(tokens->documents);
    free(tokens->scores);
    free(tokens->guesses);
}

void minnow_tokens_forget(struct minnow_tokens *tokens) {
    tokens->version = -1;
    tokens->complete = false;
}

const struct minnow_document_tokens *minnow_tokens_find(const struct minnow_tokens *tokens, int64_t document) {
    size_t first = 0, end = tokens->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (tokens->documents[middle].document < document)
            first = middle + 1;
        else
            end = middle;
    }
    return first < tokens->count && tokens->documents[first].document == document ? &tokens->documents[first] : NULL;
}

/* ---- One document's memory ---------------------------------------------------------------- */

struct minnow_token_rows minnow_token_rows(const struct minnow_document_tokens *tokens, size_t dimensions) {
    size_t signs = minnow_packed_signs_bytes(tokens->rows, dimensions);
    size_t quantization = MINNOW_PADDED(tokens->rows) * sizeof(struct minnow_row_quantization);
    const uint8_t *memory = tokens->memory;
    return (struct minnow_token_rows){
        .signs = memory,
        .quantization = (const struct minnow_row_quantization *)(const void *)(memory + signs),
        .codes = (const int8_t *)(memory + signs + quantization),
        .bytes = signs + quantization + tokens->rows * MINNOW_PADDED(dimensions)};
}

static void fill(const struct minnow_index *index, struct minnow_document_tokens *tokens,
                 const struct minnow_part_record *record) {
    size_t dimensions = index->space.dimensions, stride = MINNOW_PADDED(dimensions);
    struct minnow_token_rows rows = minnow_token_rows(tokens, dimensions);
    minnow_pack_signs(record->codes, dimensions, record->count, dimensions, tokens->memory);
    struct minnow_row_quantization *quantization = (void *)(uintptr_t)rows.quantization;
    uint8_t *codes = (void *)(uintptr_t)rows.codes;
    memset(codes, index->kernels.gemm_s8.flip, record->count * stride + SLACK);
    for (size_t i = 0; i < record->count; i++) {
        const uint8_t *from = (const uint8_t *)record->codes + i * dimensions;
        memcpy(&quantization[i].scale, record->scales + i * sizeof(float), sizeof(float));
        quantization[i].zero = 0;
        for (size_t c = 0; c < dimensions; c++) codes[i * stride + c] = from[c] ^ index->kernels.gemm_s8.flip;
    }
}

/* The part that `record` shows takes the place of what is in memory. */
static enum minnow_status copy_part(struct minnow_index *index, struct minnow_document_tokens *tokens,
                                    const struct minnow_part_record *record, struct minnow_error *error) {
    if (record->count != tokens->rows) return minnow_damaged(index, "a part has another size than it says", error);
    free(tokens->memory);
    tokens->memory = NULL;
    if (!record->count) return MINNOW_OK;
    size_t bytes = minnow_token_rows(tokens, index->space.dimensions).bytes + SLACK;
    tokens->memory = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (!tokens->memory)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a document of %u vectors", index->path, tokens->rows);
    fill(index, tokens, record);
    return MINNOW_OK;
}

static enum minnow_status load_document(struct minnow_index *index, struct minnow_document_tokens *tokens,
                                        struct minnow_error *error) {
    struct minnow_part_record record;
    bool there;
    if (tokens->loaded == tokens->stored) return MINNOW_OK;
    tokens->loaded = -1;
    enum minnow_status status = minnow_part_find(index, tokens->document, &there, &record, error);
    if (status != MINNOW_OK) return status;
    if (!there) return minnow_damaged(index, "a document's vectors are gone", error);
    status = copy_part(index, tokens, &record, error);
    minnow_part_release(index);
    if (status == MINNOW_OK) tokens->loaded = tokens->stored;
    return status;
}

/* ---- Which documents there are ------------------------------------------------------------ */

struct listing {
    struct minnow_index *index;
    struct minnow_document_tokens *documents;
    size_t count, capacity;
    size_t old; /* the first of the index's documents that is not before the last listed */
};

static enum minnow_status reserve(struct listing *listing, struct minnow_error *error) {
    if (listing->count < listing->capacity) return MINNOW_OK;
    size_t capacity = listing->capacity ? 2 * listing->capacity : 64;
    void *grown = realloc(listing->documents, capacity * sizeof *listing->documents);
    if (!grown)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %zu documents", listing->index->path, capacity);
    listing->documents = grown;
    listing->capacity = capacity;
    return MINNOW_OK;
}

/* Memory that holds the same document goes over to the new list. */
static void inherit(struct listing *listing, struct minnow_document_tokens *listed) {
    struct minnow_tokens *tokens = &listing->index->tokens;
    while (listing->old < tokens->count && tokens->documents[listing->old].document < listed->document) listing->old++;
    if (listing->old == tokens->count) return;
    struct minnow_document_tokens *old = &tokens->documents[listing->old];
    if (old->document != listed->document || old->rows != listed->rows) return;
    listed->loaded = old->loaded;
    listed->memory = old->memory;
    old->memory = NULL;
}

/* One row of the list: number, sequence, bytes of scales. */
static enum minnow_status list_document(struct listing *listing, struct minnow_error *error) {
    sqlite3_stmt *list = listing->index->statements[MINNOW_SQL_LIST_PARTS];
    int64_t number = sqlite3_column_int64(list, 0), sequence = sqlite3_column_int64(list, 1);
    int64_t bytes = sqlite3_column_int64(list, 2);
    int64_t last = listing->count ? listing->documents[listing->count - 1].document : 0;
    if (number <= last || sequence < 0 || bytes < 0 || bytes % (int64_t)sizeof(float) ||
        bytes / (int64_t)sizeof(float) > MINNOW_MAX_PART_ROWS)
        return minnow_damaged(listing->index, "its list of parts holds impossible numbers", error);
    enum minnow_status status = reserve(listing, error);
    if (status != MINNOW_OK) return status;
    struct minnow_document_tokens listed = {
        .document = number, .stored = sequence, .loaded = -1, .rows = (uint32_t)(bytes / (int64_t)sizeof(float))};
    inherit(listing, &listed);
    listing->documents[listing->count++] = listed;
    return MINNOW_OK;
}

static enum minnow_status list_documents(struct listing *listing, struct minnow_error *error) {
    sqlite3_stmt *list = listing->index->statements[MINNOW_SQL_LIST_PARTS];
    enum minnow_status status = MINNOW_OK;
    int result;
    while (status == MINNOW_OK && (result = sqlite3_step(list)) != SQLITE_DONE)
        status = result == SQLITE_ROW ? list_document(listing, error)
                                      : minnow_sqlite_fail(listing->index, result, "read its list of parts", error);
    sqlite3_reset(list);
    return status;
}

/* Whatever happens, memory has one owner: the new list takes the old one's place. */
static enum minnow_status refresh(struct minnow_index *index, struct minnow_error *error) {
    struct minnow_tokens *tokens = &index->tokens;
    struct listing listing = {.index = index};
    enum minnow_status status = list_documents(&listing, error);
    minnow_tokens_free(tokens);
    *tokens = (struct minnow_tokens){.documents = listing.documents, .count = listing.count, .version = -1};
    if (status != MINNOW_OK) return status;
    tokens->scores = malloc((tokens->count + 1) * sizeof *tokens->scores);
    tokens->guesses = malloc((tokens->count + 1) * sizeof *tokens->guesses);
    return tokens->scores && tokens->guesses
               ? MINNOW_OK
               : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %zu scores", index->path, tokens->count);
}

static enum minnow_status load_all(struct minnow_index *index, struct minnow_error *error) {
    struct minnow_tokens *tokens = &index->tokens;
    int64_t version = -1;
    enum minnow_status status = minnow_data_version(index, &version, error);
    if (status != MINNOW_OK || (version == tokens->version && tokens->complete)) return status;
    minnow_tokens_forget(tokens);
    status = refresh(index, error);
    for (size_t i = 0; i < tokens->count && status == MINNOW_OK; i++)
        status = load_document(index, &tokens->documents[i], error);
    if (status != MINNOW_OK) return status;
    tokens->version = version;
    tokens->complete = true;
    return MINNOW_OK;
}

/* The list and the parts must come from one state, so there is a transaction; but not for the first look, which mostly
 * sees no change. */
enum minnow_status minnow_tokens_complete(struct minnow_index *index, struct minnow_error *error) {
    if (!sqlite3_get_autocommit(index->database)) return load_all(index, error);
    int64_t version = -1;
    enum minnow_status status = minnow_data_version(index, &version, error);
    if (status != MINNOW_OK || (version == index->tokens.version && index->tokens.complete)) return status;
    if ((status = minnow_begin_read(index, error)) != MINNOW_OK) return status;
    return minnow_finish(index, load_all(index, error), error);
}
