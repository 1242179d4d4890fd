/* SQL, and how SQLite's results become statuses. */
#include "runtime/index/store.h"

#include "runtime/tokenizer/utf8.h"

#include <string.h>

/* Which kind of index has the table that a statement needs. */
enum needs { ANY, VECTORS, PARTS };

static const struct {
    const char *sql;
    enum needs needs;
} statements[MINNOW_SQL_COUNT] = {
    [MINNOW_SQL_BEGIN_READ] = {"BEGIN", ANY},
    [MINNOW_SQL_BEGIN_WRITE] = {"BEGIN IMMEDIATE", ANY},
    [MINNOW_SQL_COMMIT] = {"COMMIT", ANY},
    [MINNOW_SQL_DATA_VERSION] = {"PRAGMA data_version", ANY},
    [MINNOW_SQL_GET_META] = {"SELECT value FROM meta WHERE key = ?1", ANY},
    [MINNOW_SQL_SET_META] = {"UPDATE meta SET value = ?2 WHERE key = ?1", ANY},
    [MINNOW_SQL_LIST_CHUNKS] = {"SELECT chunk, sequence, length(documents) FROM chunks ORDER BY chunk", VECTORS},
    [MINNOW_SQL_GET_CHUNK] = {"SELECT documents, scales, vectors FROM chunks WHERE chunk = ?1", VECTORS},
    [MINNOW_SQL_PUT_CHUNK] = {"INSERT OR REPLACE INTO chunks VALUES(?1, ?2, ?3, ?4, ?5)", VECTORS},
    [MINNOW_SQL_DROP_CHUNKS] = {"DELETE FROM chunks WHERE chunk >= ?1", VECTORS},
    [MINNOW_SQL_LIST_PARTS] = {"SELECT number, sequence, length(scales) FROM parts ORDER BY number", PARTS},
    [MINNOW_SQL_GET_PART] = {"SELECT scales, codes FROM parts WHERE number = ?1", PARTS},
    [MINNOW_SQL_PUT_PART] = {"INSERT OR REPLACE INTO parts VALUES(?1, ?2, ?3, ?4)", PARTS},
    [MINNOW_SQL_DROP_PART] = {"DELETE FROM parts WHERE number = ?1", PARTS},
    [MINNOW_SQL_COUNT_DOCUMENTS] = {"SELECT count(*) FROM documents", ANY},
    [MINNOW_SQL_LIST_DOCUMENTS] = {"SELECT number FROM documents ORDER BY number", ANY},
    [MINNOW_SQL_GET_SLOT] = {"SELECT slot FROM documents WHERE number = ?1", VECTORS},
    [MINNOW_SQL_FIND_DOCUMENT] = {"SELECT number, slot, title, text FROM documents WHERE id = ?1", ANY},
    [MINNOW_SQL_GET_DOCUMENT] = {"SELECT id, title, text FROM documents WHERE number = ?1", ANY},
    [MINNOW_SQL_INSERT_DOCUMENT] = {"INSERT INTO documents(id, title, text, slot) VALUES(?1, ?2, ?3, ?4)", ANY},
    [MINNOW_SQL_UPDATE_DOCUMENT] = {"UPDATE documents SET title = ?2, text = ?3 WHERE number = ?1", ANY},
    [MINNOW_SQL_MOVE_DOCUMENT] = {"UPDATE documents SET slot = ?2 WHERE number = ?1", VECTORS},
    [MINNOW_SQL_DELETE_DOCUMENT] = {"DELETE FROM documents WHERE number = ?1", ANY},
    [MINNOW_SQL_INSERT_WORDS] = {"INSERT INTO words(rowid, title, text) VALUES(?1, ?2, ?3)", ANY},
    [MINNOW_SQL_DELETE_WORDS] = {"INSERT INTO words(words, rowid, title, text) VALUES('delete', ?1, ?2, ?3)", ANY},
    [MINNOW_SQL_OPTIMIZE_WORDS] = {"INSERT INTO words(words) VALUES('optimize')", ANY},
    [MINNOW_SQL_MATCH_WORDS] = {"SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rank, rowid LIMIT ?2", ANY},
};

static enum minnow_status status_of(int result) {
    if (result == SQLITE_IOERR_NOMEM) return MINNOW_OUT_OF_MEMORY;
    switch (result & 0xff) {
    case SQLITE_NOMEM:
        return MINNOW_OUT_OF_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return MINNOW_BUSY;
    case SQLITE_TOOBIG:
        return MINNOW_INVALID_ARGUMENT;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_NOLFS:
    case SQLITE_PROTOCOL:
    case SQLITE_AUTH:
        return MINNOW_IO;
    default:
        return MINNOW_BAD_INDEX; /* its schema was checked: other errors come from its contents */
    }
}

static const char *advice(int result) {
    if (result == SQLITE_READONLY_ROLLBACK) return "; a writer was interrupted: open it once for writing";
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another process is using it: try again";
    case SQLITE_FULL:
        return "; free some space: what was committed is intact";
    case SQLITE_TOOBIG:
        return "; a text may have 1,000,000,000 bytes";
    case SQLITE_NOTADB:
        return "; an index is a SQLite file: give another path";
    case SQLITE_CORRUPT:
        return "; the file is damaged: build the index again";
    default:
        return "";
    }
}

enum minnow_status minnow_sqlite_fail(const struct minnow_index *index, int result, const char *doing,
                                      struct minnow_error *error) {
    const char *detail = index->database ? sqlite3_errmsg(index->database) : sqlite3_errstr(result);
    return minnow_fail(error, status_of(result), "%s: cannot %s: %s%s", index->path, doing, detail, advice(result));
}

enum minnow_status minnow_damaged(const struct minnow_index *index, const char *what, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_INDEX, "%s: %s: the file is damaged: build the index again", index->path,
                       what);
}

enum minnow_status minnow_statements_prepare(struct minnow_index *index, struct minnow_error *error) {
    enum needs has = minnow_space_has_parts(&index->space) ? PARTS : VECTORS;
    for (size_t i = 0; i < MINNOW_SQL_COUNT; i++) {
        if (statements[i].needs != ANY && statements[i].needs != has) continue;
        int result = sqlite3_prepare_v3(index->database, statements[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &index->statements[i], NULL);
        if (result != SQLITE_OK) return minnow_sqlite_fail(index, result, "read its tables", error);
    }
    return MINNOW_OK;
}

void minnow_statements_close(struct minnow_index *index) {
    for (size_t i = 0; i < MINNOW_SQL_COUNT; i++) sqlite3_finalize(index->statements[i]);
}

enum minnow_status minnow_each_row(struct minnow_index *index, const char *sql, minnow_row_fn *row, void *context,
                                   struct minnow_error *error) {
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(index->database, sql, -1, &statement, NULL);
    while (result == SQLITE_OK || result == SQLITE_ROW) {
        result = sqlite3_step(statement);
        if (result == SQLITE_ROW) row(statement, context);
    }
    enum minnow_status status = MINNOW_OK;
    if (result != SQLITE_DONE) status = minnow_sqlite_fail(index, result, "open", error);
    sqlite3_finalize(statement);
    return status;
}

enum minnow_status minnow_statement_run(struct minnow_index *index, enum minnow_statement which, int bound,
                                        const char *doing, struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[which];
    int result = bound == SQLITE_OK ? sqlite3_step(statement) : bound;
    enum minnow_status status = MINNOW_OK;
    if (result != SQLITE_DONE && result != SQLITE_ROW) status = minnow_sqlite_fail(index, result, doing, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

int minnow_bind_bytes(sqlite3_stmt *statement, int parameter, struct minnow_text text) {
    const char *bytes = text.size ? text.bytes : ""; /* a null pointer would bind NULL */
    bool is_text = minnow_utf8_valid_prefix(bytes, text.size) == text.size && !memchr(bytes, 0, text.size);
    return is_text ? sqlite3_bind_text64(statement, parameter, bytes, text.size, SQLITE_STATIC, SQLITE_UTF8)
                   : sqlite3_bind_blob64(statement, parameter, bytes, text.size, SQLITE_STATIC);
}

enum minnow_status minnow_get_meta(struct minnow_index *index, const char *key, int64_t *value,
                                   struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_META];
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    int result = sqlite3_step(statement);
    enum minnow_status status = MINNOW_OK;
    if (result == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_INTEGER)
        *value = sqlite3_column_int64(statement, 0);
    else if (result == SQLITE_ROW || result == SQLITE_DONE)
        status = minnow_damaged(index, "meta lacks a number", error);
    else
        status = minnow_sqlite_fail(index, result, "read meta", error);
    sqlite3_reset(statement);
    return status;
}

enum minnow_status minnow_set_meta(struct minnow_index *index, const char *key, int64_t value,
                                   struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_SET_META];
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, value);
    return minnow_statement_run(index, MINNOW_SQL_SET_META, SQLITE_OK, "write meta", error);
}

enum minnow_status minnow_begin_read(struct minnow_index *index, struct minnow_error *error) {
    return minnow_statement_run(index, MINNOW_SQL_BEGIN_READ, SQLITE_OK, "read", error);
}

enum minnow_status minnow_begin_write(struct minnow_index *index, struct minnow_error *error) {
    return minnow_statement_run(index, MINNOW_SQL_BEGIN_WRITE, SQLITE_OK, "write", error);
}

enum minnow_status minnow_finish(struct minnow_index *index, enum minnow_status status, struct minnow_error *error) {
    if (status == MINNOW_OK) status = minnow_statement_run(index, MINNOW_SQL_COMMIT, SQLITE_OK, "commit", error);
    if (status == MINNOW_OK) return MINNOW_OK;
    /* SQLite may have rolled back by itself; a rollback that fails leaves the journal for the next. */
    if (!sqlite3_get_autocommit(index->database)) sqlite3_exec(index->database, "ROLLBACK", NULL, NULL, NULL);
    minnow_cache_forget(&index->cache);
    minnow_tokens_forget(&index->tokens);
    return status;
}
