/* An index in a temporary folder, fed with vectors of a small random generator: no encoder. */
#ifndef MINNOW_TESTS_INDEX_FIXTURE_H
#define MINNOW_TESTS_INDEX_FIXTURE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/index/store.h"

struct random_state {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static inline uint64_t random_next(struct random_state *random) {
    uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline size_t random_below(struct random_state *random, size_t limit) {
    return (size_t)(random_next(random) % limit);
}

static inline void random_vector(struct random_state *random, float *vector, size_t dimensions) {
    for (size_t i = 0; i < dimensions; i++) vector[i] = (float)(int32_t)(random_next(random) >> 40) / 8388608.0f - 1.0f;
}

struct index_folder {
    char path[300];  /* of the folder */
    char index[320]; /* of the index file in it */
};

static inline struct index_folder index_folder_create(const char *parent) {
    struct index_folder folder;
    if (!parent) parent = getenv("TMPDIR");
    snprintf(folder.path, sizeof folder.path, "%.250s/minnow-index-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(folder.path)) perror(folder.path), abort();
    snprintf(folder.index, sizeof folder.index, "%s/index.db", folder.path);
    return folder;
}

static inline void index_folder_remove(struct index_folder *folder) {
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    char path[340];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s%s", folder->index, suffixes[i]);
        remove(path);
    }
    rmdir(folder->path);
}

static inline struct minnow_space space_of(uint32_t dimensions) {
    struct minnow_space space = {.dimensions = dimensions, .similarity = MINNOW_DOT};
    for (size_t i = 0; i < sizeof space.fingerprint; i++) space.fingerprint[i] = (uint8_t)(i * 7);
    return space;
}

static inline struct minnow_kernels best_kernels(void) {
    struct minnow_kernels kernels;
    if (!minnow_kernels_choose(&kernels, NULL)) abort();
    return kernels;
}

static inline enum minnow_status open_space(const char *path, const struct minnow_space *space, bool read_only,
                                            struct minnow_index **index, struct minnow_error *error) {
    struct minnow_kernels kernels = best_kernels();
    *index = NULL;
    struct minnow_store_options options = {.space = space, .read_only = read_only};
    return minnow_store_open(path, &options, &kernels, index, error);
}

static inline struct minnow_text text_of(const char *string) { return (struct minnow_text){string, strlen(string)}; }

static inline int64_t file_size(const char *path) {
    struct stat information;
    return stat(path, &information) == 0 ? (int64_t)information.st_size : -1;
}

/* Whether a statement's first value is `expected` ("ok" of the integrity checks). */
static inline bool database_says(sqlite3 *database, const char *sql, const char *expected) {
    sqlite3_stmt *statement = NULL;
    bool same = false;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        same = strcmp((const char *)sqlite3_column_text(statement, 0), expected) == 0;
    sqlite3_finalize(statement);
    return same;
}

/* SQLite's own check, FTS5's, and that documents, chunks and words count the same. */
static inline bool index_is_sound(struct minnow_index *index) {
    uint64_t count;
    char expected[32];
    if (minnow_index_count(index, &count, NULL) != MINNOW_OK) return false;
    snprintf(expected, sizeof expected, "%" PRIu64, count);
    return database_says(index->database, "PRAGMA integrity_check", "ok") &&
           sqlite3_exec(index->database, "INSERT INTO words(words, rank) VALUES('integrity-check', 1)", NULL, NULL,
                        NULL) == SQLITE_OK &&
           database_says(index->database, "SELECT count(*) FROM documents", expected) &&
           database_says(index->database, "SELECT count(*) FROM words_docsize", expected) &&
           database_says(index->database, "SELECT coalesce(sum(length(documents)), 0) / 8 FROM chunks", expected);
}

#endif
