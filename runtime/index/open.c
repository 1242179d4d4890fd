/* Opening an index file that may be anybody's. */
#include "runtime/index/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_MILLISECONDS = 5000, ALIGNMENT = 64, STRIPE = MINNOW_PLANE_COLUMNS };

/* Crash safety: a rollback journal (SQLite's default), not a write-ahead log. Between transactions
 * the index is then one file, which can be copied, shipped as an asset of an app and opened where
 * nothing may be written; a log would be two more files, shared memory, and documents that are
 * lost when the first file is copied alone. EXTRA also syncs the folder when the journal goes, so
 * a commit survives a power cut, not only a crash. Writers hold their lock briefly: vectors are
 * computed before it is taken.
 * Untrusted files: the schema may call no function that has effects, and cells are checked. */
static const char settings[] = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                               "PRAGMA synchronous = EXTRA; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;";

static const int switches[][2] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},     {SQLITE_DBCONFIG_DQS_DDL, 0},
};

/* Minnow's and FTS5's statements stay far below these; a crafted schema need not. */
static const int limits[][2] = {
    {SQLITE_LIMIT_LENGTH, 1000000000}, {SQLITE_LIMIT_SQL_LENGTH, 100000}, {SQLITE_LIMIT_COLUMN, 64},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},    {SQLITE_LIMIT_COMPOUND_SELECT, 8}, {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},   {SQLITE_LIMIT_WORKER_THREADS, 0},
};

static void harden(sqlite3 *database) {
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        sqlite3_db_config(database, switches[i][0], switches[i][1], NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) sqlite3_limit(database, limits[i][0], limits[i][1]);
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, BUSY_MILLISECONDS);
}

/* SQLite reads "file:..." as a URI and ":memory:" as no file; here a path is a path. */
static char *plain_path(const char *path) {
    size_t size = strlen(path) + sizeof "./";
    char *copy = malloc(size);
    bool special = path[0] == ':' || strncmp(path, "file:", 5) == 0;
    if (copy) snprintf(copy, size, "%s%s", special ? "./" : "", path);
    return copy;
}

static enum minnow_status open_database(struct minnow_index *index, bool read_only, struct minnow_error *error) {
    if (!index->path) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: its path");
    int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE;
    int result = sqlite3_open_v2(index->path, &index->database, flags, NULL);
    if (result != SQLITE_OK) return minnow_sqlite_fail(index, result, "open", error);
    harden(index->database);
    result = sqlite3_exec(index->database, settings, NULL, NULL, NULL);
    return result == SQLITE_OK ? MINNOW_OK : minnow_sqlite_fail(index, result, "open", error);
}

static void *zeroed(size_t bytes) {
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, rounded);
    if (memory) memset(memory, 0, rounded);
    return memory;
}

static enum minnow_status allocate(struct minnow_index *index, struct minnow_error *error) {
    index->stride = (index->space.dimensions + STRIPE - 1) / STRIPE * STRIPE;
    index->encoded = zeroed(index->stride * sizeof *index->encoded);
    index->vector = zeroed(index->stride * sizeof *index->vector);
    index->query = zeroed(index->stride);
    index->moved = zeroed(index->stride);
    index->candidates = zeroed(MINNOW_CANDIDATES * sizeof *index->candidates);
    if (index->encoded && index->vector && index->query && index->moved && index->candidates)
        return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: %zu dimensions", index->stride);
}

static enum minnow_status fill(struct minnow_index *index, const struct minnow_store_options *options,
                               struct minnow_error *error) {
    enum minnow_status status = open_database(index, options->read_only, error);
    if (status == MINNOW_OK) status = minnow_schema_prepare(index, options, error);
    if (status == MINNOW_OK) status = allocate(index, error);
    return status == MINNOW_OK ? minnow_statements_prepare(index, error) : status;
}

enum minnow_status minnow_store_open(const char *path, const struct minnow_store_options *options,
                                     const struct minnow_kernels *kernels, struct minnow_index **index,
                                     struct minnow_error *error) {
    struct minnow_index *created = calloc(1, sizeof *created);
    if (!created) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: %s", path);
    created->kernels = *kernels;
    created->path = plain_path(path);
    minnow_cache_forget(&created->cache);
    minnow_tokens_forget(&created->tokens);
    enum minnow_status status = fill(created, options, error);
    if (status == MINNOW_OK)
        *index = created;
    else
        minnow_index_close(created);
    return status;
}

void minnow_index_close(struct minnow_index *index) {
    if (!index) return;
    minnow_statements_close(index);
    sqlite3_close(index->database);
    minnow_cache_free(&index->cache);
    minnow_tokens_free(&index->tokens);
    minnow_maxsim_free(&index->maxsim);
    free(index->fetched);
    free(index->encoded);
    free(index->vector);
    free(index->query);
    free(index->moved);
    free(index->candidates);
    free(index->path);
    free(index);
}
