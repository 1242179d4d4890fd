/* Documents of many random rows for an index of parts, without an encoder. */
#ifndef MINNOW_TESTS_PARTS_FIXTURE_H
#define MINNOW_TESTS_PARTS_FIXTURE_H

#include "runtime/index/parts.h"
#include "tests/unit/index_fixture.h"

enum { MOST_ROWS = 210 }; /* more than two pieces of a product */

static inline struct minnow_space space_of_parts(uint32_t dimensions, enum minnow_similarity similarity) {
    struct minnow_space space = space_of(dimensions);
    space.similarity = similarity;
    return space;
}

/* Most documents are short, some have no row, some many. */
static inline size_t random_row_count(struct random_state *random) {
    size_t kind = random_below(random, 20);
    return kind == 0 ? 0 : kind == 1 ? random_below(random, MOST_ROWS) : 1 + random_below(random, 24);
}

/* rows: [count][dimensions]. */
static inline enum minnow_status put_rows(struct minnow_index *index, const char *id, const char *text,
                                          const float *rows, size_t count, struct minnow_error *error) {
    struct minnow_document document = {text_of(id), text_of("title"), text_of(text)};
    struct minnow_part part;
    enum minnow_status status = minnow_part_create(&part, rows, index->space.dimensions, count, index->space.dimensions);
    if (status != MINNOW_OK) return status;
    struct minnow_kept kept = {.parts = &part, .count = 1};
    status = minnow_store_put_kept(index, &document, &kept, error);
    minnow_part_free(&part);
    return status;
}

/* Document "first", "first + 1", ... of random rows, in one transaction. */
static inline enum minnow_status put_random_parts(struct minnow_index *index, size_t first, size_t count, uint64_t seed,
                                                  struct minnow_error *error) {
    static const char *const words[] = {"salmon", "trout", "pike", "carp", "river", "lake"};
    size_t dimensions = index->space.dimensions;
    struct minnow_document *documents = calloc(count, sizeof *documents);
    struct minnow_part *parts = calloc(count, sizeof *parts);
    char(*ids)[24] = calloc(count, sizeof *ids), (*texts)[64] = calloc(count, sizeof *texts);
    float *rows = calloc(MOST_ROWS * dimensions, sizeof *rows);
    struct random_state random = {seed};
    for (size_t i = 0; i < count; i++) {
        size_t row_count = random_row_count(&random);
        for (size_t r = 0; r < row_count; r++) random_vector(&random, rows + r * dimensions, dimensions);
        if (minnow_part_create(&parts[i], rows, dimensions, row_count, dimensions) != MINNOW_OK) abort();
        snprintf(ids[i], sizeof ids[i], "%zu", first + i);
        snprintf(texts[i], sizeof texts[i], "%s and %s of %zu", words[i % 6], words[i % 5], i);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of(words[i % 4]), text_of(texts[i])};
    }
    struct minnow_kept kept = {.parts = parts, .count = count};
    enum minnow_status status = minnow_store_put_kept(index, documents, &kept, error);
    for (size_t i = 0; i < count; i++) minnow_part_free(&parts[i]);
    free(documents), free(parts), free(ids), free(texts), free(rows);
    return status;
}

/* rows: [count][MINNOW_PADDED(dimensions)]. */
static inline enum minnow_status search_rows(struct minnow_index *index, struct minnow_threads *threads,
                                             const float *rows, size_t count, const char *words, size_t k,
                                             unsigned flags, struct minnow_hit *hits, size_t *found,
                                             struct minnow_error *error) {
    struct minnow_search search = {.index = index, .threads = threads, .query = text_of(words), .flags = flags};
    enum minnow_status status =
        minnow_maxsim_take(index, rows, count, MINNOW_PADDED(index->space.dimensions), error);
    return status == MINNOW_OK ? minnow_search_run(&search, k, hits, found, error) : status;
}

/* As index_is_sound, of an index of parts. */
static inline bool parts_are_sound(struct minnow_index *index) {
    uint64_t count;
    char expected[32];
    if (minnow_index_count(index, &count, NULL) != MINNOW_OK) return false;
    snprintf(expected, sizeof expected, "%" PRIu64, count);
    return database_says(index->database, "PRAGMA integrity_check", "ok") &&
           sqlite3_exec(index->database, "INSERT INTO words(words, rank) VALUES('integrity-check', 1)", NULL, NULL,
                        NULL) == SQLITE_OK &&
           database_says(index->database, "SELECT count(*) FROM words_docsize", expected) &&
           database_says(index->database, "SELECT count(*) FROM parts", expected) &&
           database_says(index->database, "SELECT count(*) FROM documents JOIN parts USING(number)", expected);
}

#endif
