/* The tables of an index file: made once, and compared word for word each time a file is opened. */
#include "runtime/index/store.h"

#include <stdio.h>
#include <string.h>

enum { APPLICATION = 0x4d4e5731 /* "MNW1" */, FORMAT = 1 };

/* A table that every index has, or that one kind of it has. */
enum owner { EVERY, VECTORS, PARTS };

static const struct {
    const char *name, *sql;
    enum owner owner;
} tables[] = {
    {"meta", "CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID", EVERY},
    /* Numbers are never given twice, so an old hit cannot name a newer document. */
    {"documents", "CREATE TABLE documents(number INTEGER PRIMARY KEY AUTOINCREMENT, slot INTEGER NOT NULL, "
                  "id NOT NULL UNIQUE, title NOT NULL, text NOT NULL)", EVERY},
    {"chunks", "CREATE TABLE chunks(chunk INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, documents BLOB NOT NULL, "
               "scales BLOB NOT NULL, vectors BLOB NOT NULL)", VECTORS},
    {"parts", "CREATE TABLE parts(number INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, scales BLOB NOT NULL, "
              "codes BLOB NOT NULL)", PARTS},
    {"words", "CREATE VIRTUAL TABLE words USING fts5(title, text, content='documents', content_rowid='number', "
              "tokenize='unicode61')", EVERY},
};
enum { TABLES = sizeof tables / sizeof *tables };

static bool has_table(const struct minnow_space *space, size_t table) {
    return tables[table].owner == EVERY || (tables[table].owner == PARTS) == minnow_space_has_parts(space);
}

static enum minnow_status execute(struct minnow_index *index, const char *sql, const char *doing,
                                  struct minnow_error *error) {
    int result = sqlite3_exec(index->database, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? MINNOW_OK : minnow_sqlite_fail(index, result, doing, error);
}

static void take_number(sqlite3_stmt *statement, void *context) {
    *(int64_t *)context = sqlite3_column_int64(statement, 0);
}

struct header {
    int64_t application, format, objects;
};

static enum minnow_status read_header(struct minnow_index *index, struct header *header, struct minnow_error *error) {
    enum minnow_status status = minnow_each_row(index, "PRAGMA application_id", take_number, &header->application, error);
    if (status == MINNOW_OK) status = minnow_each_row(index, "PRAGMA user_version", take_number, &header->format, error);
    if (status == MINNOW_OK)
        status = minnow_each_row(index, "SELECT count(*) FROM sqlite_master", take_number, &header->objects, error);
    return status;
}

static bool is_empty(const struct header *header) {
    return header->application == 0 && header->format == 0 && header->objects == 0;
}

/* ---- Making ------------------------------------------------------------------------------- */

static enum minnow_status create_tables(struct minnow_index *index, const struct minnow_space *space,
                                        struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < TABLES && status == MINNOW_OK; i++)
        if (has_table(space, i)) status = execute(index, tables[i].sql, "create its tables", error);
    if (status != MINNOW_OK) return status;
    char hex[65], sql[512];
    minnow_space_hex(space, hex);
    snprintf(sql, sizeof sql,
             "INSERT INTO meta VALUES('space', '%s'), ('dimensions', %u), ('similarity', '%s'), ('vectors', 's8'), "
             "('sequence', 0), ('replaced', 0); PRAGMA application_id = %d; PRAGMA user_version = %d",
             hex, space->dimensions, minnow_similarity_name(space->similarity), APPLICATION, FORMAT);
    return execute(index, sql, "create its tables", error);
}

/* The setting that lets the file shrink must come before the first page is written. Another process
 * may create the same index meanwhile: whoever comes second finds the tables. */
static enum minnow_status create(struct minnow_index *index, const struct minnow_space *space, struct header *header,
                                 struct minnow_error *error) {
    enum minnow_status status = execute(index, "PRAGMA auto_vacuum = FULL; BEGIN IMMEDIATE", "create it", error);
    if (status == MINNOW_OK) status = read_header(index, header, error);
    if (status == MINNOW_OK && is_empty(header)) status = create_tables(index, space, error);
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
    bool found[TABLES];
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
        check->found[i] = true;
        if (!sql || strcmp(sql, tables[i].sql) != 0) check->foreign = true;
    }
}

/* Before anything is read from the tables: none is what it should not be. */
static enum minnow_status look_at_schema(struct minnow_index *index, struct schema_check *check,
                                         struct minnow_error *error) {
    static const char what[] = "its tables are not those of an index";
    enum minnow_status status =
        minnow_each_row(index, "SELECT type, name, sql FROM sqlite_master", check_object, check, error);
    if (status != MINNOW_OK) return status;
    bool complete = !check->foreign;
    for (size_t i = 0; i < TABLES; i++) complete &= check->found[i] || tables[i].owner != EVERY;
    return complete ? MINNOW_OK : minnow_damaged(index, what, error);
}

/* And the tables are those of the space that one of them tells. */
static enum minnow_status check_kind(struct minnow_index *index, const struct schema_check *check,
                                     const struct minnow_space *space, struct minnow_error *error) {
    bool same = true;
    for (size_t i = 0; i < TABLES; i++) same &= check->found[i] == has_table(space, i);
    return same ? MINNOW_OK : minnow_damaged(index, "its tables are not those of its kind of index", error);
}

static enum minnow_status check(struct minnow_index *index, const struct minnow_store_options *options,
                                struct minnow_error *error) {
    struct schema_check found = {0};
    struct minnow_space there;
    enum minnow_status status = look_at_schema(index, &found, error);
    if (status == MINNOW_OK) status = minnow_space_read(index, &there, error);
    if (status == MINNOW_OK) status = check_kind(index, &found, &there, error);
    if (status == MINNOW_OK) status = minnow_space_check(index, &there, options, error);
    if (status == MINNOW_OK) index->space = there;
    return status;
}

enum minnow_status minnow_schema_prepare(struct minnow_index *index, const struct minnow_store_options *options,
                                         struct minnow_error *error) {
    struct header header = {0};
    enum minnow_status status = read_header(index, &header, error);
    if (status == MINNOW_OK && is_empty(&header) && !options->read_only)
        status = create(index, options->space, &header, error);
    if (status == MINNOW_OK) status = check_header(index, &header, error);
    return status == MINNOW_OK ? check(index, options, error) : status;
}
