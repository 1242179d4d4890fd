/* Documents back out, as the bytes that went in. */
#include <stdlib.h>
#include <string.h>

#include "runtime/index/store.h"

/* Copied, for a statement that stays on its row would keep a lock that shuts out writers. */
static enum minnow_status reserve(struct minnow_index *index, size_t size, struct minnow_error *error) {
    if (size <= index->fetched_capacity) return MINNOW_OK;
    char *grown = realloc(index->fetched, size);
    if (!grown) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a document of %zu bytes", index->path, size);
    index->fetched = grown;
    index->fetched_capacity = size;
    return MINNOW_OK;
}

static enum minnow_status copy_texts(struct minnow_index *index, struct minnow_text *texts[3],
                                     struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_DOCUMENT];
    const void *bytes[3];
    size_t sizes[3], total = 1; /* never an empty buffer: its texts have an address */
    for (int i = 0; i < 3; i++) {
        bytes[i] = sqlite3_column_blob(statement, i);
        sizes[i] = (size_t)sqlite3_column_bytes(statement, i);
        if (!bytes[i] && sizes[i]) return minnow_sqlite_fail(index, SQLITE_NOMEM, "read a document", error);
        total += sizes[i];
    }
    enum minnow_status status = reserve(index, total, error);
    if (status != MINNOW_OK) return status;
    char *to = index->fetched;
    for (int i = 0; i < 3; i++) {
        if (sizes[i]) memcpy(to, bytes[i], sizes[i]);
        *texts[i] = (struct minnow_text){to, sizes[i]};
        to += sizes[i];
    }
    return MINNOW_OK;
}

enum minnow_status minnow_index_document(struct minnow_index *index, int64_t document, struct minnow_document *out,
                                         struct minnow_error *error) {
    if (!index || !out) return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_document: index or out");
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_DOCUMENT];
    sqlite3_bind_int64(statement, 1, document);
    int result = sqlite3_step(statement);
    enum minnow_status status;
    if (result == SQLITE_ROW)
        status = copy_texts(index, (struct minnow_text *[]){&out->id, &out->title, &out->text}, error);
    else if (result == SQLITE_DONE)
        status = minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s: no document %lld: it was removed, or never there",
                             index->path, (long long)document);
    else
        status = minnow_sqlite_fail(index, result, "read a document", error);
    sqlite3_reset(statement);
    return status;
}

/* Documents of vectors are counted by their chunks, which are fewer. */
enum minnow_status minnow_store_count(struct minnow_index *index, uint64_t *count, struct minnow_error *error) {
    if (!minnow_space_has_parts(&index->space)) {
        enum minnow_status status = minnow_cache_refresh(index, error);
        *count = minnow_cache_count(&index->cache);
        return status;
    }
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_COUNT_DOCUMENTS];
    int result = sqlite3_step(statement);
    enum minnow_status status = MINNOW_OK;
    if (result == SQLITE_ROW)
        *count = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        status = minnow_sqlite_fail(index, result, "count its documents", error);
    sqlite3_reset(statement);
    return status;
}

enum minnow_status minnow_index_count(struct minnow_index *index, uint64_t *count, struct minnow_error *error) {
    uint64_t counted = 0;
    if (!index || !count) return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_count: index or count");
    enum minnow_status status = minnow_begin_read(index, error);
    if (status != MINNOW_OK) return status;
    status = minnow_finish(index, minnow_store_count(index, &counted, error), error);
    if (status == MINNOW_OK) *count = counted;
    return status;
}
