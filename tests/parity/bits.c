/* The same bits for a text alone, in a shuffled batch, and with two threads.
 * Usage: bits ISA OUT MODEL COUNT. Encodes COUNT of the calibration texts and writes their vectors to OUT,
 * so that other CPUs' can be compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/quantize/calibration_texts.h"
#include "minnow.h"

enum { MOST_TEXTS = 1024, BATCH = 64 };

static struct minnow_text texts[MOST_TEXTS];
static struct minnow_model *model;
static size_t count, dimensions;

static void must(enum minnow_status status, const struct minnow_error *error) {
    if (status == MINNOW_OK) return;
    fprintf(stderr, "%s: %s\n", minnow_status_name(status), error->message);
    exit(1);
}

static struct minnow_session *session_with(uint32_t threads, uint32_t batch_tokens) {
    struct minnow_session_options options = {
        .size = sizeof options, .threads = threads, .max_batch_tokens = batch_tokens};
    struct minnow_session *session;
    struct minnow_error error;
    must(minnow_session_create(model, &options, &session, &error), &error);
    return session;
}

static int by_size(const void *a, const void *b) {
    const struct minnow_text *left = a, *right = b;
    return left->size < right->size ? -1 : left->size > right->size;
}

/* The shortest texts, so that slow tiers fill whole batches too, and the two longest. */
static void take_texts(size_t wanted) {
    size_t all = 0;
    for (; all < minnow_calibration_text_count && all < MOST_TEXTS; all++) {
        const char *bytes = minnow_calibration_texts[all];
        texts[all] = (struct minnow_text){bytes, strlen(bytes)};
    }
    qsort(texts, all, sizeof *texts, by_size);
    count = wanted < 2 ? 2 : wanted < all ? wanted : all;
    texts[count - 2] = texts[all - 2];
    texts[count - 1] = texts[all - 1];
}

static float *encode_alone(void) {
    float *vectors = calloc(count, dimensions * sizeof *vectors);
    struct minnow_session *session = session_with(1, 0);
    struct minnow_error error;
    for (size_t i = 0; i < count; i++)
        must(minnow_encode(session, MINNOW_DOCUMENT, &texts[i], 1, vectors + i * dimensions, NULL, &error), &error);
    minnow_session_close(session);
    return vectors;
}

static void shuffle(size_t *order, uint64_t seed) {
    for (size_t i = 0; i < count; i++) order[i] = i;
    for (size_t i = count; i > 1; i--) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t j = (size_t)(seed >> 33) % i, kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static void compare(const float *alone, const float *batch, const size_t *order, size_t some, uint32_t threads) {
    for (size_t i = 0; i < some; i++)
        if (memcmp(alone + order[i] * dimensions, batch + i * dimensions, dimensions * sizeof *alone) != 0) {
            fprintf(stderr, "text %zu differs in a batch of %zu with %u threads\n", order[i], some, threads);
            exit(1);
        }
}

static void check_batches(const float *alone, uint32_t threads, uint32_t batch_tokens, uint64_t seed) {
    struct minnow_session *session = session_with(threads, batch_tokens);
    struct minnow_error error;
    float *vectors = calloc(BATCH, dimensions * sizeof *vectors);
    size_t order[MOST_TEXTS];
    shuffle(order, seed);
    for (size_t first = 0; first < count; first += BATCH) {
        size_t some = count - first < BATCH ? count - first : BATCH;
        struct minnow_text batch[BATCH];
        for (size_t i = 0; i < some; i++) batch[i] = texts[order[first + i]];
        must(minnow_encode(session, MINNOW_DOCUMENT, batch, some, vectors, NULL, &error), &error);
        compare(alone, vectors, order + first, some, threads);
    }
    free(vectors);
    minnow_session_close(session);
}

static void write_vectors(const char *path, const float *vectors) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(vectors, dimensions * sizeof *vectors, count, file) != count || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: %s ISA OUT MODEL COUNT\n", argv[0]), 2;
    take_texts((size_t)strtoul(argv[4], NULL, 10));
    struct minnow_error error;
    struct minnow_model_options options = {.size = sizeof options, .isa = argv[1]};
    must(minnow_model_open_path(argv[3], &options, &model, &error), &error);
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    dimensions = info.dimensions;
    float *alone = encode_alone();
    check_batches(alone, 1, 0, 1);
    check_batches(alone, 2, 4096, 2);
    write_vectors(argv[2], alone);
    printf("%zu texts on %s: alone, in shuffled batches of %d and with two threads, the same bits\n", count, info.isa,
           BATCH);
    free(alone);
    minnow_model_close(model);
    return 0;
}
