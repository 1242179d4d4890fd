/* Encode and search allocate nothing once a session exists: every malloc of the process is counted,
 * those of shared libraries too. Usage: allocations MODEL FOLDER. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/quantize/calibration_texts.h"
#include "minnow.h"
#include "tests/unit/counted_allocations.h"

enum { TEXTS = 48 };
static struct minnow_text texts[TEXTS];
static size_t count;
static int failures;

static void must(enum minnow_status status, const struct minnow_error *error) {
    if (status == MINNOW_OK) return;
    fprintf(stderr, "%s: %s\n", minnow_status_name(status), error->message);
    exit(1);
}

static void expect_none(const char *what, size_t before) {
    size_t made = atomic_load(&allocations) - before;
    printf("%s: %zu allocations\n", what, made);
    if (made) failures++;
}

static void check_encode(struct minnow_session *session, uint32_t threads, float *vectors) {
    struct minnow_text_result results[TEXTS];
    struct minnow_error error;
    char what[64];
    snprintf(what, sizeof what, "encode, %u thread%s", threads, threads == 1 ? "" : "s");
    size_t before = atomic_load(&allocations);
    must(minnow_encode(session, MINNOW_DOCUMENT, texts, count, vectors, results, &error), &error);
    for (size_t i = 0; i < count; i++)
        must(minnow_encode(session, MINNOW_QUERY, &texts[i], 1, vectors, results, &error), &error);
    expect_none(what, before);
}

static void check_search(struct minnow_session *session, const struct minnow_model *model, const char *folder) {
    char path[512];
    snprintf(path, sizeof path, "%s/allocations.db", folder);
    remove(path);
    struct minnow_index *index;
    struct minnow_error error;
    must(minnow_index_open(path, model, NULL, &index, &error), &error);
    struct minnow_document documents[TEXTS];
    char ids[TEXTS][16];
    for (size_t i = 0; i < count; i++) {
        int size = snprintf(ids[i], sizeof ids[i], "%zu", i);
        documents[i] = (struct minnow_document){.id = {ids[i], (size_t)size}, .text = texts[i]};
    }
    must(minnow_index_add(index, session, documents, count, NULL, &error), &error);
    struct minnow_hit hits[10];
    size_t found;
    must(minnow_index_search(index, session, texts[0], 10, 0, hits, &found, &error), &error);
    size_t before = atomic_load(&allocations);
    for (size_t i = 0; i < count; i++)
        must(minnow_index_search(index, session, texts[i], 10, 0, hits, &found, &error), &error);
    expect_none("search", before);
    minnow_index_close(index);
}

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: %s MODEL FOLDER\n", argv[0]), 2;
    struct minnow_error error;
    struct minnow_model *model;
    struct minnow_model_info info;
    for (; count < TEXTS && count < minnow_calibration_text_count; count++)
        texts[count] = (struct minnow_text){minnow_calibration_texts[count], strlen(minnow_calibration_texts[count])};
    must(minnow_model_open_path(argv[1], NULL, &model, &error), &error);
    minnow_model_info(model, &info);
    float *vectors = malloc(TEXTS * info.dimensions * sizeof *vectors);
    if (atomic_load(&allocations) == 0) return fprintf(stderr, "the counter does not count\n"), 1;
    for (uint32_t threads = 1; threads <= 2; threads++) {
        struct minnow_session_options options = {.size = sizeof options, .threads = threads};
        struct minnow_session *session;
        must(minnow_session_create(model, &options, &session, &error), &error);
        check_encode(session, threads, vectors);
        if (threads == 1) check_search(session, model, argv[2]);
        minnow_session_close(session);
    }
    free(vectors);
    minnow_model_close(model);
    return failures ? 1 : 0;
}
