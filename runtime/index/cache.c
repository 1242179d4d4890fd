/* The vectors in memory: a copy of the chunks table that follows what other connections commit. */
#include "runtime/index/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/index/quantize.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "chunks are stored in little-endian order");

enum { ID_BYTES = sizeof(int64_t), SCALE_BYTES = sizeof(float) };
enum { BLOCK_BYTES = 1 << 22, BLOCK_STEP = 16 }; /* at most, and a multiple of so many chunks, unless that is more */

static void drop_from(struct minnow_cache *cache, size_t first) {
    if (first < cache->chunk_count) cache->chunk_count = first;
    if (!cache->blocks) return;
    for (size_t i = (first + cache->block_chunks - 1) / cache->block_chunks; i < cache->block_capacity; i++) {
        free(cache->blocks[i]);
        cache->blocks[i] = NULL;
    }
}

void minnow_cache_free(struct minnow_cache *cache) {
    drop_from(cache, 0);
    free(cache->blocks);
    free(cache->chunks);
}

/* Memory stays for the next load; what is in it does not count any more. */
void minnow_cache_forget(struct minnow_cache *cache) {
    cache->version = -1;
    cache->complete = false;
    for (size_t i = 0; i < cache->chunk_count; i++) {
        cache->chunks[i].loaded = -1;
        cache->chunks[i].changed = false;
    }
}

uint64_t minnow_cache_count(const struct minnow_cache *cache) {
    if (!cache->chunk_count) return 0;
    return (uint64_t)(cache->chunk_count - 1) * MINNOW_CHUNK_SLOTS + cache->chunks[cache->chunk_count - 1].rows;
}

static enum minnow_status grow(const struct minnow_index *index, void **array, size_t count, size_t size,
                               struct minnow_error *error) {
    void *grown = realloc(*array, count * size);
    if (!grown) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %zu chunks", index->path, count);
    *array = grown;
    return MINNOW_OK;
}

/* Room for one more entry. */
static enum minnow_status reserve(struct minnow_index *index, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    if (cache->chunk_count < cache->capacity) return MINNOW_OK;
    size_t capacity = cache->capacity ? 2 * cache->capacity : 16;
    void *chunks = cache->chunks;
    enum minnow_status status = grow(index, &chunks, capacity, sizeof *cache->chunks, error);
    if (status != MINNOW_OK) return status;
    cache->chunks = chunks;
    cache->capacity = capacity;
    return MINNOW_OK;
}

static enum minnow_status reserve_block(struct minnow_index *index, size_t block, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    if (block < cache->block_capacity) return MINNOW_OK;
    size_t capacity = 2 * block + 8;
    void *blocks = cache->blocks;
    enum minnow_status status = grow(index, &blocks, capacity, sizeof *cache->blocks, error);
    if (status != MINNOW_OK) return status;
    cache->blocks = blocks;
    for (; cache->block_capacity < capacity; cache->block_capacity++) cache->blocks[cache->block_capacity] = NULL;
    return MINNOW_OK;
}

static size_t chunks_of_block(size_t dimensions) {
    size_t chunks = (BLOCK_BYTES - 4096) / (MINNOW_CHUNK_SLOTS * minnow_block_row_bytes(dimensions));
    return chunks > BLOCK_STEP ? chunks / BLOCK_STEP * BLOCK_STEP : chunks ? chunks : 1;
}

/* Pages that no chunk uses yet are not touched; those of the first block, perhaps the only one, stay small. */
static enum minnow_status allocate_block(struct minnow_index *index, size_t block, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    enum minnow_status status = reserve_block(index, block, error);
    if (status != MINNOW_OK || cache->blocks[block]) return status;
    size_t rows = cache->block_chunks * MINNOW_CHUNK_SLOTS;
    cache->blocks[block] = minnow_block_create(rows, index->space.dimensions, block > 0);
    return cache->blocks[block]
               ? MINNOW_OK
               : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: memory for %zu vectors", index->path, rows);
}

static enum minnow_status allocate_chunk(struct minnow_index *index, size_t at, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    struct minnow_chunk *chunk = &cache->chunks[at].memory;
    if (chunk->block) return MINNOW_OK;
    if (!cache->block_chunks) cache->block_chunks = chunks_of_block(index->space.dimensions);
    size_t block = at / cache->block_chunks;
    enum minnow_status status = allocate_block(index, block, error);
    if (status != MINNOW_OK) return status;
    *chunk = (struct minnow_chunk){cache->blocks[block], at % cache->block_chunks * MINNOW_CHUNK_SLOTS};
    minnow_block_clear(chunk->block, chunk->first, MINNOW_CHUNK_SLOTS); /* kernels read whole groups */
    return MINNOW_OK;
}

/* ---- Which chunks there are --------------------------------------------------------------- */

/* One row of the list: chunk, sequence, bytes of document numbers. */
static enum minnow_status list_chunk(struct minnow_index *index, size_t at, struct minnow_error *error) {
    sqlite3_stmt *list = index->statements[MINNOW_SQL_LIST_CHUNKS];
    struct minnow_cache *cache = &index->cache;
    int64_t chunk = sqlite3_column_int64(list, 0), sequence = sqlite3_column_int64(list, 1);
    int64_t bytes = sqlite3_column_int64(list, 2);
    bool last_was_full = at == 0 || cache->chunks[at - 1].rows == MINNOW_CHUNK_SLOTS;
    if (chunk != (int64_t)at || sequence < 0 || !last_was_full || bytes <= 0 || bytes % ID_BYTES ||
        bytes > MINNOW_CHUNK_SLOTS * ID_BYTES)
        return minnow_damaged(index, "its chunks of vectors are not in order", error);
    if (at == cache->chunk_count) {
        enum minnow_status status = reserve(index, error);
        if (status != MINNOW_OK) return status;
        cache->chunks[cache->chunk_count++] = (struct minnow_cached_chunk){.loaded = -1};
    }
    struct minnow_cached_chunk *cached = &cache->chunks[at];
    uint32_t rows = (uint32_t)(bytes / ID_BYTES);
    if (rows != cached->rows) cached->loaded = -1;
    cached->rows = rows;
    cached->stored = sequence;
    return MINNOW_OK;
}

static enum minnow_status list_chunks(struct minnow_index *index, struct minnow_error *error) {
    sqlite3_stmt *list = index->statements[MINNOW_SQL_LIST_CHUNKS];
    enum minnow_status status = MINNOW_OK;
    size_t count = 0;
    int result;
    while (status == MINNOW_OK && (result = sqlite3_step(list)) != SQLITE_DONE)
        status = result == SQLITE_ROW ? list_chunk(index, count++, error)
                                      : minnow_sqlite_fail(index, result, "read its chunks", error);
    sqlite3_reset(list);
    if (status == MINNOW_OK) drop_from(&index->cache, count);
    return status;
}

enum minnow_status minnow_data_version(struct minnow_index *index, int64_t *version, struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_DATA_VERSION];
    int result = sqlite3_step(statement);
    enum minnow_status status = MINNOW_OK;
    if (result == SQLITE_ROW)
        *version = sqlite3_column_int64(statement, 0);
    else
        status = minnow_sqlite_fail(index, result, "read", error);
    sqlite3_reset(statement);
    return status;
}

enum minnow_status minnow_cache_refresh(struct minnow_index *index, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    int64_t version = -1;
    enum minnow_status status = minnow_data_version(index, &version, error);
    if (status != MINNOW_OK || version == cache->version) return status;
    cache->complete = false;
    cache->version = -1;
    if ((status = list_chunks(index, error)) == MINNOW_OK) cache->version = version;
    return status;
}

/* ---- Their vectors ------------------------------------------------------------------------ */

static bool is_blob(sqlite3_stmt *statement, int column, size_t bytes) {
    return sqlite3_column_type(statement, column) == SQLITE_BLOB &&
           (size_t)sqlite3_column_bytes(statement, column) == bytes;
}

/* What SQLite holds of one chunk: blobs at any address. */
struct record {
    const uint8_t *documents, *scales;
    const int8_t *vectors;
};

static bool record_valid(const struct record *record, size_t rows, size_t dimensions) {
    bool valid = true;
    for (size_t i = 0; i < rows; i++) {
        int64_t document;
        float scale;
        memcpy(&document, record->documents + i * ID_BYTES, ID_BYTES);
        memcpy(&scale, record->scales + i * SCALE_BYTES, SCALE_BYTES);
        valid &= document > 0 && scale >= 0 && scale <= MINNOW_MAX_SCALE;
    }
    for (size_t i = 0; i < rows * dimensions; i++) valid &= record->vectors[i] != INT8_MIN; /* as quantized */
    return valid;
}

/* Sizes are compared before a byte is read. */
static enum minnow_status find_record(struct minnow_index *index, size_t rows, struct record *record,
                                      struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_CHUNK];
    size_t dimensions = index->space.dimensions;
    if (!is_blob(statement, 0, rows * ID_BYTES) || !is_blob(statement, 1, rows * SCALE_BYTES) ||
        !is_blob(statement, 2, rows * dimensions))
        return minnow_damaged(index, "a chunk of vectors has the wrong size", error);
    record->documents = sqlite3_column_blob(statement, 0);
    record->scales = sqlite3_column_blob(statement, 1);
    record->vectors = sqlite3_column_blob(statement, 2);
    if (!record->documents || !record->scales || !record->vectors)
        return minnow_sqlite_fail(index, sqlite3_errcode(index->database), "read its vectors", error);
    return record_valid(record, rows, dimensions) ? MINNOW_OK
                                                  : minnow_damaged(index, "a chunk holds impossible vectors", error);
}

static enum minnow_status copy_chunk(struct minnow_index *index, size_t at, struct minnow_error *error) {
    struct record record = {0};
    size_t rows = index->cache.chunks[at].rows;
    enum minnow_status status = find_record(index, rows, &record, error);
    if (status == MINNOW_OK) status = allocate_chunk(index, at, error);
    if (status != MINNOW_OK) return status;
    const struct minnow_chunk *chunk = &index->cache.chunks[at].memory;
    memcpy(chunk->block->documents + chunk->first, record.documents, rows * ID_BYTES);
    for (size_t i = 0; i < rows; i++) {
        float scale;
        memcpy(&scale, record.scales + i * SCALE_BYTES, SCALE_BYTES);
        minnow_block_put(chunk->block, chunk->first + i, record.vectors + i * index->space.dimensions, scale);
    }
    return MINNOW_OK;
}

static enum minnow_status load_chunk(struct minnow_index *index, size_t at, struct minnow_error *error) {
    struct minnow_cached_chunk *cached = &index->cache.chunks[at];
    if (cached->changed || cached->loaded == cached->stored) return MINNOW_OK;
    cached->loaded = -1;
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_CHUNK];
    sqlite3_bind_int64(statement, 1, (int64_t)at);
    int result = sqlite3_step(statement);
    enum minnow_status status = result == SQLITE_ROW    ? copy_chunk(index, at, error)
                                : result == SQLITE_DONE ? minnow_damaged(index, "a chunk is missing", error)
                                                        : minnow_sqlite_fail(index, result, "read its vectors", error);
    sqlite3_reset(statement);
    if (status == MINNOW_OK) cached->loaded = cached->stored;
    return status;
}

static enum minnow_status load_all(struct minnow_index *index, struct minnow_error *error) {
    enum minnow_status status = minnow_cache_refresh(index, error);
    for (size_t i = 0; i < index->cache.chunk_count && status == MINNOW_OK; i++) status = load_chunk(index, i, error);
    index->cache.complete = status == MINNOW_OK;
    return status;
}

/* The first look needs no transaction: if it sees no change, what is in memory is a state that was
 * committed. To read a change, the list and the chunks must come from one state. */
enum minnow_status minnow_cache_complete(struct minnow_index *index, struct minnow_error *error) {
    if (!sqlite3_get_autocommit(index->database)) return load_all(index, error);
    int64_t version = -1;
    enum minnow_status status = minnow_data_version(index, &version, error);
    if (status != MINNOW_OK || (version == index->cache.version && index->cache.complete)) return status;
    if ((status = minnow_begin_read(index, error)) != MINNOW_OK) return status;
    return minnow_finish(index, load_all(index, error), error);
}

/* ---- Changing them ------------------------------------------------------------------------ */

enum minnow_status minnow_cache_load(struct minnow_index *index, uint64_t slot, int64_t document,
                                     struct minnow_chunk *chunk, struct minnow_error *error) {
    if (slot >= minnow_cache_count(&index->cache)) return minnow_damaged(index, "a document has no vector", error);
    size_t at = (size_t)(slot / MINNOW_CHUNK_SLOTS);
    enum minnow_status status = load_chunk(index, at, error);
    if (status != MINNOW_OK) return status;
    *chunk = index->cache.chunks[at].memory;
    if (document && chunk->block->documents[chunk->first + slot % MINNOW_CHUNK_SLOTS] != document)
        return minnow_damaged(index, "a vector belongs to another document", error);
    return MINNOW_OK;
}

static enum minnow_status add_chunk(struct minnow_index *index, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    enum minnow_status status = reserve(index, error);
    if (status != MINNOW_OK) return status;
    cache->chunks[cache->chunk_count] = (struct minnow_cached_chunk){.stored = -1, .loaded = -1, .changed = true};
    if ((status = allocate_chunk(index, cache->chunk_count, error)) == MINNOW_OK) cache->chunk_count++;
    return status;
}

enum minnow_status minnow_cache_append(struct minnow_index *index, int64_t document, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    uint64_t slot = minnow_cache_count(cache);
    enum minnow_status status =
        slot % MINNOW_CHUNK_SLOTS ? load_chunk(index, cache->chunk_count - 1, error) : add_chunk(index, error);
    if (status != MINNOW_OK) return status;
    struct minnow_cached_chunk *last = &cache->chunks[cache->chunk_count - 1];
    last->memory.block->documents[last->memory.first + last->rows++] = document;
    last->changed = true;
    return MINNOW_OK;
}

void minnow_cache_shorten(struct minnow_cache *cache) {
    struct minnow_cached_chunk *last = &cache->chunks[cache->chunk_count - 1];
    last->changed = true;
    if (--last->rows == 0) drop_from(cache, cache->chunk_count - 1);
}

/* ---- Writing them back -------------------------------------------------------------------- */

static enum minnow_status put_chunk(struct minnow_index *index, size_t at, int8_t *packed, struct minnow_error *error) {
    struct minnow_cached_chunk *cached = &index->cache.chunks[at];
    const struct minnow_chunk *chunk = &cached->memory;
    size_t rows = cached->rows, dimensions = index->space.dimensions;
    for (size_t i = 0; i < rows; i++) minnow_block_get(chunk->block, chunk->first + i, packed + i * dimensions);
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_PUT_CHUNK];
    sqlite3_bind_int64(statement, 1, (int64_t)at);
    sqlite3_bind_int64(statement, 2, index->sequence);
    sqlite3_bind_blob64(statement, 3, chunk->block->documents + chunk->first, rows * ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 4, chunk->block->scales + chunk->first, rows * SCALE_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 5, packed, rows * dimensions, SQLITE_STATIC);
    enum minnow_status status =
        minnow_statement_run(index, MINNOW_SQL_PUT_CHUNK, SQLITE_OK, "write its vectors", error);
    cached->stored = cached->loaded = index->sequence;
    cached->changed = false;
    return status;
}

enum minnow_status minnow_cache_flush(struct minnow_index *index, struct minnow_error *error) {
    struct minnow_cache *cache = &index->cache;
    int8_t *packed = malloc((size_t)MINNOW_CHUNK_SLOTS * index->space.dimensions);
    if (!packed) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: one chunk of vectors", index->path);
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < cache->chunk_count && status == MINNOW_OK; i++)
        if (cache->chunks[i].changed) status = put_chunk(index, i, packed, error);
    free(packed);
    if (status != MINNOW_OK) return status;
    sqlite3_bind_int64(index->statements[MINNOW_SQL_DROP_CHUNKS], 1, (int64_t)cache->chunk_count);
    return minnow_statement_run(index, MINNOW_SQL_DROP_CHUNKS, SQLITE_OK, "free its vectors", error);
}
