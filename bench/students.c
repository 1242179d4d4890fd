/* What a document costs with students of different kinds, side by side: each model in turn scores all documents for a
 * query, round after round.
 *
 * Usage: students ROUNDS THREADS QUERY DOCUMENTS MODEL...      DOCUMENTS: a text a line
 * Prints a line a model: milliseconds a document (median over the rounds), and how many of them the first model's
 * document takes. A score needs the document's encoding (bi-encoders), or document and query together (cross-encoders);
 * the query's own encoding is shared by all documents of a round. */
#include "minnow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_ROUNDS = 1000 };

struct student {
    const char *path;
    struct minnow_model *model;
    struct minnow_session *session;
    double times_ms[MOST_ROUNDS];
};

struct documents {
    struct minnow_text *texts;
    size_t count;
    float *scores;
};

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

static bool read_documents(const char *path, struct documents *documents) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    while (file && (size = getline(&line, &capacity, file)) > 0) {
        struct minnow_text *more = realloc(documents->texts, (documents->count + 1) * sizeof *more);
        char *bytes = strndup(line, (size_t)size - (line[size - 1] == '\n'));
        if (!more || !bytes) return false;
        documents->texts = more;
        documents->texts[documents->count++] = (struct minnow_text){bytes, strlen(bytes)};
    }
    free(line);
    if (file) fclose(file);
    documents->scores = calloc(documents->count + 1, sizeof *documents->scores);
    return documents->count && documents->scores;
}

static enum minnow_status open_student(struct student *student, uint32_t threads, struct minnow_error *error) {
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    enum minnow_status status = minnow_model_open_path(student->path, NULL, &student->model, error);
    return status == MINNOW_OK ? minnow_session_create(student->model, &options, &student->session, error) : status;
}

static enum minnow_status score(struct student *student, struct minnow_text query, const struct documents *documents,
                                double *time_ms, struct minnow_error *error) {
    double started = now_ms();
    enum minnow_status status = minnow_score(student->session, query, documents->texts, documents->count,
                                             documents->scores, NULL, NULL, error);
    *time_ms = (now_ms() - started) / (double)documents->count;
    return status;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(struct student *students, size_t count, size_t rounds) {
    double first_ms = 0;
    for (size_t i = 0; i < count; i++) {
        struct minnow_model_info info;
        minnow_model_info(students[i].model, &info);
        qsort(students[i].times_ms, rounds, sizeof(double), by_size);
        double median_ms = students[i].times_ms[rounds / 2];
        if (i == 0) first_ms = median_ms;
        printf("%s\t%.4f\t%.1f\t%llu\t%llu\n", students[i].path, median_ms, first_ms / median_ms,
               (unsigned long long)info.parameters, (unsigned long long)info.file_bytes);
    }
}

int main(int argc, char **argv) {
    struct documents documents = {0};
    struct minnow_error error = {0};
    size_t rounds = argc > 5 ? strtoul(argv[1], NULL, 10) : 0, count = (size_t)argc - 5;
    if (rounds < 1 || rounds > MOST_ROUNDS)
        return fail("usage", "students ROUNDS THREADS QUERY DOCUMENTS MODEL...");
    struct student *students = calloc(count, sizeof *students);
    if (!students || !read_documents(argv[4], &documents)) return fail(argv[4], "no documents, or no memory");
    struct minnow_text query = {argv[3], strlen(argv[3])};
    for (size_t i = 0; i < count; i++) {
        students[i].path = argv[5 + i];
        if (open_student(&students[i], (uint32_t)strtoul(argv[2], NULL, 10), &error))
            return fail(argv[5 + i], error.message);
    }
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++)
            if (score(&students[i], query, &documents, &students[i].times_ms[round], &error))
                return fail(students[i].path, error.message);
    report(students, count, rounds);
    return 0; /* everything is freed with the process */
}
