#include "runtime/index/gathered.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/index/parts.h"

enum { ENOUGH_BYTES = 1 << 22, ALIGNMENT = sizeof(float) };

bool minnow_gathered_has_room(const struct minnow_gathered *gathered) {
    return gathered->count < MINNOW_GATHERED && gathered->used < ENOUGH_BYTES;
}

void minnow_gathered_clear(struct minnow_gathered *gathered) { gathered->count = gathered->used = 0; }

void minnow_gathered_free(struct minnow_gathered *gathered) { free(gathered->bytes); }

/* Room for a piece of `size` bytes; NULL: none. */
static char *add_piece(struct minnow_gathered *gathered, int64_t document, size_t size, uint32_t rows) {
    size_t needed = gathered->used + (size + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    if (needed > gathered->room) {
        size_t room = needed < ENOUGH_BYTES / 4 ? ENOUGH_BYTES / 4 : 2 * needed;
        char *grown = realloc(gathered->bytes, room);
        if (!grown) return NULL;
        gathered->bytes = grown;
        gathered->room = room;
    }
    size_t first = gathered->used, at = gathered->count++;
    gathered->pieces[at].document = document;
    gathered->pieces[at].first = first;
    gathered->pieces[at].size = size;
    gathered->pieces[at].rows = rows;
    gathered->used = needed;
    return gathered->bytes + first;
}

static enum minnow_status no_room(const struct minnow_index *index, size_t size, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a document of %zu bytes", index->path, size);
}

static void copy(char **to, const void *from, size_t size) {
    if (size) memcpy(*to, from, size);
    *to += size;
}

enum minnow_status minnow_gather_part(struct minnow_gathered *gathered, struct minnow_index *index, int64_t document,
                                      struct minnow_error *error) {
    struct minnow_part_record record;
    bool there;
    enum minnow_status status = minnow_part_find(index, document, &there, &record, error);
    if (status != MINNOW_OK || !there) return status;
    size_t scales = record.count * sizeof(float), codes = record.count * index->space.dimensions;
    char *to = add_piece(gathered, document, scales + codes, (uint32_t)record.count);
    if (to) {
        copy(&to, record.scales, scales);
        copy(&to, record.codes, codes);
    }
    minnow_part_release(index);
    return to ? MINNOW_OK : no_room(index, scales + codes, error);
}

/* The row that the statement stands on. */
static enum minnow_status copy_text(struct minnow_gathered *gathered, struct minnow_index *index, int64_t document,
                                    struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_DOCUMENT];
    const void *title = sqlite3_column_blob(statement, 1), *text = sqlite3_column_blob(statement, 2);
    size_t title_size = (size_t)sqlite3_column_bytes(statement, 1);
    size_t text_size = (size_t)sqlite3_column_bytes(statement, 2);
    if ((!title && title_size) || (!text && text_size))
        return minnow_sqlite_fail(index, SQLITE_NOMEM, "read a document", error);
    size_t size = title_size + (title_size > 0) + text_size;
    char *to = add_piece(gathered, document, size, 0);
    if (!to) return no_room(index, size, error);
    copy(&to, title, title_size);
    copy(&to, " ", title_size > 0);
    copy(&to, text, text_size);
    return MINNOW_OK;
}

enum minnow_status minnow_gather_text(struct minnow_gathered *gathered, struct minnow_index *index, int64_t document,
                                      struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_DOCUMENT];
    sqlite3_bind_int64(statement, 1, document);
    int result = sqlite3_step(statement);
    enum minnow_status status = MINNOW_OK;
    if (result == SQLITE_ROW)
        status = copy_text(gathered, index, document, error);
    else if (result != SQLITE_DONE)
        status = minnow_sqlite_fail(index, result, "read a document", error);
    sqlite3_reset(statement);
    return status;
}

void minnow_gathered_parts(const struct minnow_gathered *gathered, struct minnow_part parts[MINNOW_GATHERED]) {
    for (size_t i = 0; i < gathered->count; i++) {
        const char *piece = gathered->bytes + gathered->pieces[i].first;
        uint32_t rows = gathered->pieces[i].rows;
        parts[i] = (struct minnow_part){.count = rows,
                                        .scales = (const float *)(const void *)piece,
                                        .codes = (const int8_t *)piece + rows * sizeof(float)};
    }
}

void minnow_gathered_texts(const struct minnow_gathered *gathered, struct minnow_text texts[MINNOW_GATHERED]) {
    for (size_t i = 0; i < gathered->count; i++)
        texts[i] = (struct minnow_text){gathered->bytes + gathered->pieces[i].first, gathered->pieces[i].size};
}
