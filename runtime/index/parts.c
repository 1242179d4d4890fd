#include "runtime/index/parts.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/index/quantize.h"
#include "runtime/index/store.h"

/* Two such scales times a dot of 65536 bytes, over 32768 rows of a query: finite. */
#define MAX_ROW_SCALE 1e12f

bool minnow_quantize_row(const float *row, size_t dimensions, int8_t *codes, float *scale) {
    return minnow_quantize_vector(row, dimensions, codes, scale) && *scale <= MAX_ROW_SCALE;
}

enum minnow_status minnow_part_create(struct minnow_part *part, const float *rows, size_t stride, size_t count,
                                      size_t dimensions) {
    *part = (struct minnow_part){0};
    float *scales = malloc(count * (dimensions + sizeof *scales) + 1);
    if (!scales) return MINNOW_OUT_OF_MEMORY;
    int8_t *codes = (int8_t *)(scales + count);
    *part = (struct minnow_part){.count = (uint32_t)count, .codes = codes, .scales = scales};
    for (size_t i = 0; i < count; i++) {
        if (minnow_quantize_row(rows + i * stride, dimensions, codes + i * dimensions, scales + i)) continue;
        minnow_part_free(part);
        return MINNOW_NOT_FINITE;
    }
    return MINNOW_OK;
}

void minnow_part_free(struct minnow_part *part) {
    free((void *)(uintptr_t)part->scales);
    *part = (struct minnow_part){0};
}

/* ---- The table ---------------------------------------------------------------------------- */

static int bind_blob(sqlite3_stmt *statement, int parameter, const void *bytes, size_t size) {
    return sqlite3_bind_blob64(statement, parameter, size ? bytes : "", size, SQLITE_STATIC);
}

enum minnow_status minnow_part_put(struct minnow_index *index, int64_t document, const struct minnow_part *part,
                                   struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_PUT_PART];
    sqlite3_bind_int64(statement, 1, document);
    sqlite3_bind_int64(statement, 2, index->sequence);
    int bound = bind_blob(statement, 3, part->scales, part->count * sizeof *part->scales);
    if (bound == SQLITE_OK) bound = bind_blob(statement, 4, part->codes, part->count * (size_t)index->space.dimensions);
    return minnow_statement_run(index, MINNOW_SQL_PUT_PART, bound, "write a document's vectors", error);
}

enum minnow_status minnow_part_remove(struct minnow_index *index, int64_t document, struct minnow_error *error) {
    sqlite3_bind_int64(index->statements[MINNOW_SQL_DROP_PART], 1, document);
    enum minnow_status status =
        minnow_statement_run(index, MINNOW_SQL_DROP_PART, SQLITE_OK, "free a document's vectors", error);
    if (status == MINNOW_OK && sqlite3_changes(index->database) != 1)
        status = minnow_damaged(index, "a document has no vectors", error);
    return status;
}

static bool rows_valid(const struct minnow_part_record *record, size_t dimensions) {
    bool valid = true;
    for (size_t i = 0; i < record->count; i++) {
        float scale;
        memcpy(&scale, record->scales + i * sizeof scale, sizeof scale);
        valid &= scale >= 0 && scale <= MAX_ROW_SCALE;
    }
    for (size_t i = 0; i < record->count * dimensions; i++) valid &= record->codes[i] != INT8_MIN; /* as quantized */
    return valid;
}

/* Sizes are compared before a byte is read. */
static enum minnow_status read_record(struct minnow_index *index, struct minnow_part_record *record,
                                      struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_PART];
    size_t scale_bytes = (size_t)sqlite3_column_bytes(statement, 0), bytes = (size_t)sqlite3_column_bytes(statement, 1);
    *record = (struct minnow_part_record){.count = scale_bytes / sizeof(float)};
    if (sqlite3_column_type(statement, 0) != SQLITE_BLOB || sqlite3_column_type(statement, 1) != SQLITE_BLOB ||
        scale_bytes % sizeof(float) || record->count > MINNOW_MAX_PART_ROWS ||
        bytes != record->count * index->space.dimensions)
        return minnow_damaged(index, "a document's vectors have the wrong size", error);
    record->scales = sqlite3_column_blob(statement, 0);
    record->codes = sqlite3_column_blob(statement, 1);
    if (record->count && (!record->scales || !record->codes))
        return minnow_sqlite_fail(index, SQLITE_NOMEM, "read a document's vectors", error);
    return rows_valid(record, index->space.dimensions)
               ? MINNOW_OK
               : minnow_damaged(index, "a document has impossible vectors", error);
}

enum minnow_status minnow_part_find(struct minnow_index *index, int64_t document, bool *there,
                                    struct minnow_part_record *record, struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_PART];
    sqlite3_bind_int64(statement, 1, document);
    int result = sqlite3_step(statement);
    enum minnow_status status = MINNOW_OK;
    *there = result == SQLITE_ROW;
    if (*there)
        status = read_record(index, record, error);
    else if (result != SQLITE_DONE)
        status = minnow_sqlite_fail(index, result, "read a document's vectors", error);
    if (!*there || status != MINNOW_OK) minnow_part_release(index);
    return status;
}

void minnow_part_release(struct minnow_index *index) { sqlite3_reset(index->statements[MINNOW_SQL_GET_PART]); }
