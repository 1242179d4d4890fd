/* Adding, replacing and removing: documents, words and vectors in one transaction. */

#include "runtime/index/parts.h"
#include "runtime/index/store.h"

/* ---- The transaction ---------------------------------------------------------------------- */

static enum minnow_status start(struct minnow_index *index, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    if (!minnow_space_has_parts(&index->space)) status = minnow_cache_refresh(index, error);
    if (status == MINNOW_OK) status = minnow_get_meta(index, "sequence", &index->sequence, error);
    if (status == MINNOW_OK) status = minnow_get_meta(index, "replaced", &index->replaced, error);
    if (status != MINNOW_OK) return status;
    if (index->sequence < 0 || index->sequence == INT64_MAX || index->replaced < 0 || index->replaced > INT64_MAX / 2)
        return minnow_damaged(index, "meta holds impossible numbers", error);
    index->sequence++;
    return MINNOW_OK;
}

/* FTS5 only notes that words are gone; merging everything into one segment forgets them. Doing it
 * when as many texts have left as remain costs each text a constant share. */
static enum minnow_status compact_words(struct minnow_index *index, struct minnow_error *error) {
    uint64_t count;
    if (!index->replaced) return MINNOW_OK;
    enum minnow_status status = minnow_store_count(index, &count, error);
    if (status != MINNOW_OK || (uint64_t)index->replaced < count) return status;
    index->replaced = 0;
    return minnow_statement_run(index, MINNOW_SQL_OPTIMIZE_WORDS, SQLITE_OK, "compact its words", error);
}

static enum minnow_status complete(struct minnow_index *index, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    if (minnow_space_has_parts(&index->space))
        minnow_tokens_forget(&index->tokens); /* they are in the file only */
    else
        status = minnow_cache_flush(index, error);
    if (status == MINNOW_OK) status = compact_words(index, error);
    if (status == MINNOW_OK) status = minnow_set_meta(index, "sequence", index->sequence, error);
    return status == MINNOW_OK ? minnow_set_meta(index, "replaced", index->replaced, error) : status;
}

/* ---- One document ------------------------------------------------------------------------- */

struct place {
    bool there;
    int64_t number;
    uint64_t slot;
};

/* Take the words of the row that FIND_DOCUMENT stands on out of the word index. */
static enum minnow_status forget_words(struct minnow_index *index, int64_t number, struct minnow_error *error) {
    sqlite3_stmt *find = index->statements[MINNOW_SQL_FIND_DOCUMENT];
    sqlite3_stmt *words = index->statements[MINNOW_SQL_DELETE_WORDS];
    sqlite3_bind_int64(words, 1, number);
    int bound = sqlite3_bind_value(words, 2, sqlite3_column_value(find, 2));
    if (bound == SQLITE_OK) bound = sqlite3_bind_value(words, 3, sqlite3_column_value(find, 3));
    index->replaced++;
    return minnow_statement_run(index, MINNOW_SQL_DELETE_WORDS, bound, "remove words", error);
}

static enum minnow_status place_found(struct minnow_index *index, struct place *place, struct minnow_error *error) {
    sqlite3_stmt *find = index->statements[MINNOW_SQL_FIND_DOCUMENT];
    place->there = true;
    place->number = sqlite3_column_int64(find, 0);
    place->slot = (uint64_t)sqlite3_column_int64(find, 1);
    if (place->number <= 0) return minnow_damaged(index, "a document has an impossible number", error);
    return forget_words(index, place->number, error);
}

/* Where the document of this id is, without its words from here on. */
static enum minnow_status take_place(struct minnow_index *index, struct minnow_text id, struct place *place,
                                     struct minnow_error *error) {
    sqlite3_stmt *find = index->statements[MINNOW_SQL_FIND_DOCUMENT];
    *place = (struct place){0};
    int result = minnow_bind_bytes(find, 1, id);
    if (result == SQLITE_OK) result = sqlite3_step(find);
    enum minnow_status status = MINNOW_OK;
    if (result == SQLITE_ROW)
        status = place_found(index, place, error);
    else if (result != SQLITE_DONE)
        status = minnow_sqlite_fail(index, result, "find a document", error);
    sqlite3_reset(find);
    return status;
}

static enum minnow_status insert_document(struct minnow_index *index, const struct minnow_document *document,
                                          struct place *place, struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_INSERT_DOCUMENT];
    bool has_parts = minnow_space_has_parts(&index->space);
    place->slot = has_parts ? 0 : minnow_cache_count(&index->cache);
    sqlite3_bind_int64(statement, 4, (int64_t)place->slot);
    int bound = minnow_bind_bytes(statement, 1, document->id);
    if (bound == SQLITE_OK) bound = minnow_bind_bytes(statement, 2, document->title);
    if (bound == SQLITE_OK) bound = minnow_bind_bytes(statement, 3, document->text);
    enum minnow_status status = minnow_statement_run(index, MINNOW_SQL_INSERT_DOCUMENT, bound, "add a document", error);
    if (status != MINNOW_OK) return status;
    place->number = sqlite3_last_insert_rowid(index->database);
    if (place->number <= 0) return minnow_damaged(index, "a document has an impossible number", error);
    return has_parts ? MINNOW_OK : minnow_cache_append(index, place->number, error);
}

static enum minnow_status update_document(struct minnow_index *index, const struct minnow_document *document,
                                          const struct place *place, struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_UPDATE_DOCUMENT];
    sqlite3_bind_int64(statement, 1, place->number);
    int bound = minnow_bind_bytes(statement, 2, document->title);
    if (bound == SQLITE_OK) bound = minnow_bind_bytes(statement, 3, document->text);
    return minnow_statement_run(index, MINNOW_SQL_UPDATE_DOCUMENT, bound, "replace a document", error);
}

static enum minnow_status insert_words(struct minnow_index *index, int64_t number,
                                       const struct minnow_document *document, struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_INSERT_WORDS];
    sqlite3_bind_int64(statement, 1, number);
    int bound = minnow_bind_bytes(statement, 2, document->title);
    if (bound == SQLITE_OK) bound = minnow_bind_bytes(statement, 3, document->text);
    return minnow_statement_run(index, MINNOW_SQL_INSERT_WORDS, bound, "add words", error);
}

static enum minnow_status set_vector(struct minnow_index *index, const struct place *place, const int8_t *values,
                                     float scale, struct minnow_error *error) {
    struct minnow_chunk chunk;
    enum minnow_status status = minnow_cache_load(index, place->slot, place->number, &chunk, error);
    if (status != MINNOW_OK) return status;
    minnow_block_put(chunk.block, chunk.first + place->slot % MINNOW_CHUNK_SLOTS, values, scale);
    index->cache.chunks[place->slot / MINNOW_CHUNK_SLOTS].changed = true;
    return MINNOW_OK;
}

static enum minnow_status set_kept(struct minnow_index *index, const struct place *place,
                                   const struct minnow_kept *kept, size_t at, struct minnow_error *error) {
    const struct minnow_quantized *vectors = kept->vectors;
    if (!vectors) return minnow_part_put(index, place->number, &kept->parts[at], error);
    return set_vector(index, place, vectors->values + at * vectors->dimensions, vectors->scales[at], error);
}

static enum minnow_status put_document(struct minnow_index *index, const struct minnow_document *document,
                                       const struct minnow_kept *kept, size_t at, struct minnow_error *error) {
    struct place place;
    enum minnow_status status = take_place(index, document->id, &place, error);
    if (status != MINNOW_OK) return status;
    status =
        place.there ? update_document(index, document, &place, error) : insert_document(index, document, &place, error);
    if (status == MINNOW_OK) status = set_kept(index, &place, kept, at, error);
    return status == MINNOW_OK ? insert_words(index, place.number, document, error) : status;
}

enum minnow_status minnow_store_put_kept(struct minnow_index *index, const struct minnow_document *documents,
                                         const struct minnow_kept *kept, struct minnow_error *error) {
    enum minnow_status status = minnow_begin_write(index, error);
    if (status != MINNOW_OK) return status;
    status = start(index, error);
    for (size_t i = 0; i < kept->count && status == MINNOW_OK; i++)
        status = put_document(index, &documents[i], kept, i, error);
    if (status == MINNOW_OK) status = complete(index, error);
    return minnow_finish(index, status, error);
}

enum minnow_status minnow_store_put_quantized(struct minnow_index *index, const struct minnow_document *documents,
                                              const struct minnow_quantized *vectors, struct minnow_error *error) {
    struct minnow_kept kept = {.vectors = vectors, .count = vectors->count};
    return minnow_store_put_kept(index, documents, &kept, error);
}

/* ---- Removing ----------------------------------------------------------------------------- */

/* The last row moves into the hole, so that slots stay without holes and the last chunk shrinks. */
static enum minnow_status close_hole(struct minnow_index *index, const struct place *hole, struct minnow_error *error) {
    struct minnow_chunk to, from;
    uint64_t last = minnow_cache_count(&index->cache) - 1;
    enum minnow_status status = minnow_cache_load(index, hole->slot, hole->number, &to, error);
    if (status == MINNOW_OK) status = minnow_cache_load(index, last, 0, &from, error);
    if (status != MINNOW_OK || hole->slot == last) return status;
    size_t row = to.first + hole->slot % MINNOW_CHUNK_SLOTS, last_row = from.first + last % MINNOW_CHUNK_SLOTS;
    to.block->documents[row] = from.block->documents[last_row];
    minnow_block_get(from.block, last_row, index->moved);
    minnow_block_put(to.block, row, index->moved, from.block->scales[last_row]);
    index->cache.chunks[hole->slot / MINNOW_CHUNK_SLOTS].changed = true;
    sqlite3_stmt *move = index->statements[MINNOW_SQL_MOVE_DOCUMENT];
    sqlite3_bind_int64(move, 1, to.block->documents[row]);
    sqlite3_bind_int64(move, 2, (int64_t)hole->slot);
    status = minnow_statement_run(index, MINNOW_SQL_MOVE_DOCUMENT, SQLITE_OK, "move a vector", error);
    if (status == MINNOW_OK && sqlite3_changes(index->database) != 1)
        status = minnow_damaged(index, "a vector has no document", error);
    return status;
}

static enum minnow_status remove_kept(struct minnow_index *index, const struct place *place,
                                      struct minnow_error *error) {
    if (minnow_space_has_parts(&index->space)) return minnow_part_remove(index, place->number, error);
    enum minnow_status status = close_hole(index, place, error);
    if (status == MINNOW_OK) minnow_cache_shorten(&index->cache);
    return status;
}

static enum minnow_status remove_document(struct minnow_index *index, struct minnow_text id, size_t *removed,
                                          struct minnow_error *error) {
    struct place place;
    enum minnow_status status = take_place(index, id, &place, error);
    if (status != MINNOW_OK || !place.there) return status;
    if ((status = remove_kept(index, &place, error)) != MINNOW_OK) return status;
    ++*removed;
    sqlite3_bind_int64(index->statements[MINNOW_SQL_DELETE_DOCUMENT], 1, place.number);
    return minnow_statement_run(index, MINNOW_SQL_DELETE_DOCUMENT, SQLITE_OK, "remove a document", error);
}

static bool texts_valid(const struct minnow_text *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!texts[i].bytes && texts[i].size) return false;
    return true;
}

enum minnow_status minnow_index_remove(struct minnow_index *index, const struct minnow_text *ids, size_t count,
                                       size_t *removed, struct minnow_error *error) {
    if (!index || (count && !ids) || !texts_valid(ids, count))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_remove: index or ids");
    size_t found = 0;
    enum minnow_status status = minnow_begin_write(index, error);
    if (status != MINNOW_OK) return status;
    status = start(index, error);
    for (size_t i = 0; i < count && status == MINNOW_OK; i++) status = remove_document(index, ids[i], &found, error);
    if (status == MINNOW_OK && found) status = complete(index, error);
    status = minnow_finish(index, status, error);
    if (removed) *removed = status == MINNOW_OK ? found : 0;
    return status;
}
