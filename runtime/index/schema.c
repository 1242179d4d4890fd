/* The tables of an index file: made once, and compared word for word each time a file is opened. */
#include "runtime/index/store.h"

#include <stdio.h>
#include <string.h>

enum { APPLICATION = 0x4d4e5731 /* "MNW1" */, FORMAT = 1 };

static const struct {
    const char *name, *sql;
} tables[] = {
    {"meta", "CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID"},
    /* Numbers are never given twice, so an old hit cannot name a newer document. */
    {"documents", "CREATE TABLE documents(number INTEGER PRIMARY KEY AUTOINCREMENT, slot INTEGER NOT NULL, "
                  "id NOT NULL UNIQUE, title NOT NULL, text NOT NULL)"},
    {"chunks", "CREATE TABLE chunks(chunk INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, documents BLOB NOT NULL, "
               "scales BLOB NOT NULL, vectors BLOB NOT NULL)"},
    {"words", "CREATE VIRTUAL TABLE words USING fts5(title, text, content='documents', content_rowid='number', "
              "tokenize='unicode61')"},
};
enum { TABLES = sizeof tables / sizeof *tables };

static enum minnow_status execute(struct minnow_index *index, const char *sql, const char *doing,
                                  struct minnow_error *error) {
    int result = sqlite3_exec(index->database, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? MINNOW_OK : minnow_sqlite_fail(index, result, doing, error);
}

/* Prepare, step to the first row, hand it over, finalize. No row: `row` is not called. */
typedef void row_fn(sqlite3_stmt *statement, void *context);
static enum minnow_status each_row(struct minnow_index *index, const char *sql, row_fn *row, void *context,
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

static void take_number(sqlite3_stmt *statement, void *context) {
    *(int64_t *)context = sqlite3_column_int64(statement, 0);
}

struct header {
    int64_t application, format, objects;
};

static enum minnow_status read_header(struct minnow_index *index, struct header *header, struct minnow_error *error) {
    enum minnow_status status = each_row(index, "PRAGMA application_id", take_number, &header->application, error);
    if (status == MINNOW_OK) status = each_row(index, "PRAGMA user_version", take_number, &header->format, error);
    if (status == MINNOW_OK)
        status = each_row(index, "SELECT count(*) FROM sqlite_master", take_number, &header->objects, error);
    return status;
}

static bool is_empty(const struct header *header) {
    return header->application == 0 && header->format == 0 && header->objects == 0;
}

/* ---- Making ------------------------------------------------------------------------------- */

static void write_hex(const uint8_t *bytes, char hex[65]) {
    for (size_t i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

static const char *similarity_name(enum minnow_similarity similarity) {
    return similarity == MINNOW_DOT ? "dot" : "cosine";
}

static enum minnow_status create_tables(struct minnow_index *index, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < TABLES && status == MINNOW_OK; i++)
        status = execute(index, tables[i].sql, "create its tables", error);
    if (status != MINNOW_OK) return status;
    char hex[65], sql[512];
    write_hex(index->space.fingerprint, hex);
    snprintf(sql, sizeof sql,
             "INSERT INTO meta VALUES('space', '%s'), ('dimensions', %u), ('similarity', '%s'), ('vectors', 's8'), "
             "('sequence', 0), ('replaced', 0); PRAGMA application_id = %d; PRAGMA user_version = %d",
             hex, index->space.dimensions, similarity_name(index->space.similarity), APPLICATION, FORMAT);
    return execute(index, sql, "create its tables", error);
}

/* The setting that lets the file shrink must come before the first page is written. Another process
 * may create the same index meanwhile: whoever comes second finds the tables. */
static enum minnow_status create(struct minnow_index *index, struct header *header, struct minnow_error *error) {
    enum minnow_status status = execute(index, "PRAGMA auto_vacuum = FULL; BEGIN IMMEDIATE", "create it", error);
    if (status == MINNOW_OK) status = read_header(index, header, error);
    if (status == MINNOW_OK && is_empty(header)) status = create_tables(index, error);
    if (status == MINNOW_OK) status = execute(index, "COMMIT", "create it", error);
    if (!sqlite3_get_autocommit(index->database)) sqlite3_exec(index->database, "ROLLBACK", NULL, NULL, NULL);
    return status == MINNOW_OK ? read_header(index, header, error) : status;
}

/* ---- Checking ----------------------------------------------------------------------------- */

static enum minnow_status check_header(const struct minnow_index *index, const struct header *header,
                                       struct minnow_error *error) {
    if (header->application != APPLICATION)
        return minnow_fail(error, MINNOW_BAD_INDEX, "%s: %s, not a Minnow index: give another path", index->path,
                           is_empty(header) ? "an empty file" : "a SQLite database of another program");
    if (header->format > FORMAT)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "%s: index format %lld, this library reads %d: update Minnow, or build the index again",
                           index->path, (long long)header->format, FORMAT);
    if (header->format != FORMAT) return minnow_damaged(index, "no such index format", error);
    return MINNOW_OK;
}

struct schema_check {
    size_t found;
    bool foreign; /* something that runs by itself, or a table that is not as Minnow makes it */
};

static void check_object(sqlite3_stmt *statement, void *context) {
    struct schema_check *check = context;
    const char *type = (const char *)sqlite3_column_text(statement, 0);
    const char *name = (const char *)sqlite3_column_text(statement, 1);
    const char *sql = (const char *)sqlite3_column_text(statement, 2);
    if (!type || !name || strcmp(type, "trigger") == 0 || strcmp(type, "view") == 0) {
        check->foreign = true;
        return;
    }
    for (size_t i = 0; i < TABLES; i++) {
        if (strcmp(name, tables[i].name) != 0) continue;
        check->found++;
        if (!sql || strcmp(sql, tables[i].sql) != 0) check->foreign = true;
    }
}

static enum minnow_status check_schema(struct minnow_index *index, struct minnow_error *error) {
    struct schema_check check = {0};
    enum minnow_status status =
        each_row(index, "SELECT type, name, sql FROM sqlite_master", check_object, &check, error);
    if (status == MINNOW_OK && (check.foreign || check.found != TABLES))
        status = minnow_damaged(index, "its tables are not those of an index", error);
    return status;
}

struct meta {
    char space[65], similarity[16], vectors[16];
    int64_t dimensions;
};

static void copy_column(sqlite3_stmt *statement, char *out, size_t size) {
    const char *text = (const char *)sqlite3_column_text(statement, 1);
    snprintf(out, size, "%s", text ? text : "");
}

static void take_meta(sqlite3_stmt *statement, void *context) {
    struct meta *meta = context;
    const char *key = (const char *)sqlite3_column_text(statement, 0);
    if (!key) return;
    if (strcmp(key, "space") == 0) copy_column(statement, meta->space, sizeof meta->space);
    if (strcmp(key, "similarity") == 0) copy_column(statement, meta->similarity, sizeof meta->similarity);
    if (strcmp(key, "vectors") == 0) copy_column(statement, meta->vectors, sizeof meta->vectors);
    if (strcmp(key, "dimensions") == 0) meta->dimensions = sqlite3_column_int64(statement, 1);
}

static enum minnow_status check_space(struct minnow_index *index, struct minnow_error *error) {
    struct meta meta = {0};
    enum minnow_status status = each_row(index, "SELECT key, value FROM meta", take_meta, &meta, error);
    if (status != MINNOW_OK) return status;
    char hex[65];
    write_hex(index->space.fingerprint, hex);
    const char *similarity = similarity_name(index->space.similarity);
    if (strcmp(meta.vectors, "s8") != 0)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "%s: vectors of type '%s', this library reads 's8': update Minnow", index->path,
                           meta.vectors);
    if (strcmp(meta.space, hex) != 0 || meta.dimensions != index->space.dimensions ||
        strcmp(meta.similarity, similarity) != 0)
        return minnow_fail(
            error, MINNOW_SPACE_MISMATCH,
            "%s: made in space %.16s (%lld dimensions, %s), the model's is %.16s (%u, %s): use the model "
            "that made the index, or build it again with this one",
            index->path, meta.space, (long long)meta.dimensions, meta.similarity, hex, index->space.dimensions,
            similarity);
    return MINNOW_OK;
}

enum minnow_status minnow_schema_prepare(struct minnow_index *index, bool read_only, struct minnow_error *error) {
    struct header header = {0};
    enum minnow_status status = read_header(index, &header, error);
    if (status == MINNOW_OK && is_empty(&header) && !read_only) status = create(index, &header, error);
    if (status == MINNOW_OK) status = check_header(index, &header, error);
    if (status == MINNOW_OK) status = check_schema(index, error);
    return status == MINNOW_OK ? check_space(index, error) : status;
}
