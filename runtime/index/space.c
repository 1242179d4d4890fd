/* What an index says about the space of its vectors, and who may use it. */
#include "runtime/index/store.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [MINNOW_COSINE] = "cosine", [MINNOW_DOT] = "dot", [MINNOW_MAXSIM] = "maxsim", [MINNOW_JOINT] = "joint"};
enum { NAMES = sizeof names / sizeof *names, MOST_DIMENSIONS = 65536 };

const char *minnow_similarity_name(enum minnow_similarity similarity) { return names[similarity]; }

void minnow_space_hex(const struct minnow_space *space, char hex[65]) {
    for (size_t i = 0; i < sizeof space->fingerprint; i++) snprintf(hex + 2 * i, 3, "%02x", space->fingerprint[i]);
}

/* ---- Reading ------------------------------------------------------------------------------ */

struct meta {
    char space[66], similarity[16], vectors[16];
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

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static bool read_hex(const char *hex, uint8_t bytes[32]) {
    bool valid = strlen(hex) == 64;
    for (size_t i = 0; i < 32 && valid; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        valid = high >= 0 && low >= 0;
        if (valid) bytes[i] = (uint8_t)(16 * high + low);
    }
    return valid;
}

static bool read_similarity(const char *name, enum minnow_similarity *similarity) {
    size_t i = 0;
    while (i < NAMES && strcmp(names[i], name) != 0) i++;
    if (i < NAMES) *similarity = (enum minnow_similarity)i;
    return i < NAMES;
}

enum minnow_status minnow_space_read(struct minnow_index *index, struct minnow_space *space,
                                     struct minnow_error *error) {
    struct meta meta = {0};
    enum minnow_status status = minnow_each_row(index, "SELECT key, value FROM meta", take_meta, &meta, error);
    if (status != MINNOW_OK) return status;
    if (strcmp(meta.vectors, "s8") != 0)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "%s: vectors of type '%s', this library reads 's8': update Minnow", index->path,
                           meta.vectors);
    if (!read_hex(meta.space, space->fingerprint) || !read_similarity(meta.similarity, &space->similarity) ||
        meta.dimensions < 1 || meta.dimensions > MOST_DIMENSIONS)
        return minnow_damaged(index, "meta does not say what its vectors are", error);
    space->dimensions = (uint32_t)meta.dimensions;
    return MINNOW_OK;
}

/* ---- Checking ----------------------------------------------------------------------------- */

enum minnow_status minnow_space_check(const struct minnow_index *index, const struct minnow_space *there,
                                      const struct minnow_store_options *options, struct minnow_error *error) {
    const struct minnow_space *wanted = options->space;
    if (!wanted) return MINNOW_OK;
    bool cut = options->any_size && there->dimensions < wanted->dimensions;
    if (memcmp(there->fingerprint, wanted->fingerprint, sizeof there->fingerprint) == 0 &&
        there->similarity == wanted->similarity && (cut || there->dimensions == wanted->dimensions))
        return MINNOW_OK;
    char hex[65], wanted_hex[65];
    minnow_space_hex(there, hex);
    minnow_space_hex(wanted, wanted_hex);
    return minnow_fail(error, MINNOW_SPACE_MISMATCH,
                       "%s: made in space %.16s (%u dimensions, %s), the model's is %.16s (%u, %s): use the model "
                       "that made the index, or build it again with this one",
                       index->path, hex, there->dimensions, minnow_similarity_name(there->similarity), wanted_hex,
                       wanted->dimensions, minnow_similarity_name(wanted->similarity));
}
