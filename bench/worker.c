/* Minnow as one of the peers: answers the lines that bench/peers/serve.py documents.
 *
 * Usage: worker MODEL THREADS TEXTS_FOLDER
 * It has only the public API, which takes texts: "ids" is answered with the time from the text, making tokens
 * included. BATCH and LANES of "bulk" are not used: a session batches by itself and has THREADS threads. */
#include "minnow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { LONGEST_NAME = 64, LONGEST_PATH = 4096, MOST_WORKLOADS = 16 };

struct workload {
    char name[LONGEST_NAME];
    struct minnow_text *texts;
    float *vectors;
    size_t count;
};

struct worker {
    const char *folder;
    struct minnow_model *model;
    struct minnow_session *session;
    uint32_t dimensions;
    struct workload workloads[MOST_WORKLOADS];
    size_t workload_count;
    struct minnow_error error;
};

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool say_error(const char *message) {
    printf("error %s\n", message);
    return false;
}

/* ---- Texts -------------------------------------------------------------------------------- */

static bool add_text(struct workload *workload, const char *line, size_t size) {
    struct minnow_text *texts = realloc(workload->texts, (workload->count + 1) * sizeof *texts);
    char *bytes = malloc(size + 1);
    if (texts) workload->texts = texts;
    if (!texts || !bytes) {
        free(bytes);
        return false;
    }
    memcpy(bytes, line, size);
    texts[workload->count++] = (struct minnow_text){bytes, size};
    return true;
}

static bool read_texts(const struct worker *worker, struct workload *workload) {
    char path[LONGEST_PATH];
    snprintf(path, sizeof path, "%s/%s.txt", worker->folder, workload->name);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size = 0;
    bool done = true;
    while (done && (size = getline(&line, &capacity, file)) > 0)
        done = add_text(workload, line, (size_t)size - (line[size - 1] == '\n'));
    free(line);
    fclose(file);
    workload->vectors = calloc(workload->count + 1, worker->dimensions * sizeof(float));
    return done && workload->count && workload->vectors;
}

/* The texts of this name, read once; NULL where there are none. */
static struct workload *find_workload(struct worker *worker, const char *name) {
    for (size_t i = 0; i < worker->workload_count; i++)
        if (!strcmp(worker->workloads[i].name, name)) return &worker->workloads[i];
    if (worker->workload_count == MOST_WORKLOADS) return NULL;
    struct workload *workload = &worker->workloads[worker->workload_count];
    snprintf(workload->name, sizeof workload->name, "%s", name);
    if (!read_texts(worker, workload)) return NULL;
    worker->workload_count++;
    return workload;
}

/* ---- Answers ------------------------------------------------------------------------------ */

static bool encode(struct worker *worker, struct workload *workload, size_t first, size_t count, double *seconds) {
    double started = now_s();
    enum minnow_status status =
        minnow_encode(worker->session, MINNOW_DOCUMENT, workload->texts + first, count,
                      workload->vectors + first * worker->dimensions, NULL, &worker->error);
    *seconds = now_s() - started;
    return !status || say_error(worker->error.message);
}

static bool answer_single(struct worker *worker, struct workload *workload, size_t count) {
    static double times[1000];
    double seconds;
    if (count > sizeof times / sizeof *times) return say_error("at most 1000 texts at once");
    for (size_t i = 0; i < count; i++) {
        if (!encode(worker, workload, i % workload->count, 1, &seconds)) return false;
        times[i] = seconds;
    }
    printf("ok");
    for (size_t i = 0; i < count; i++) printf(" %.1f", times[i] * 1e6);
    putchar('\n');
    return true;
}

static bool answer_bulk(struct worker *worker, struct workload *workload, size_t count) {
    double seconds;
    if (count > workload->count) return say_error("there are not so many texts");
    if (!encode(worker, workload, 0, count, &seconds)) return false;
    printf("ok %.6f\n", seconds);
    return true;
}

static bool answer_vectors(struct worker *worker, struct workload *workload, const char *path) {
    double seconds;
    for (size_t i = 0; i < workload->count; i++)
        if (!encode(worker, workload, i, 1, &seconds)) return false;
    FILE *file = fopen(path, "wb");
    size_t values = workload->count * worker->dimensions;
    bool written = file && fwrite(workload->vectors, sizeof(float), values, file) == values;
    if (file && fclose(file)) written = false;
    if (!written) return say_error("the file cannot be written");
    printf("ok %zu\n", workload->count);
    return true;
}

static void answer_memory(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("ok %ld\n", usage.ru_maxrss);
}

static void answer(struct worker *worker, const char *line) {
    char name[LONGEST_NAME], path[LONGEST_PATH];
    size_t count;
    struct workload *workload = NULL;
    if (!strncmp(line, "memory", 6)) {
        answer_memory();
    } else if (sscanf(line, "single %63s %zu", name, &count) == 2 && (workload = find_workload(worker, name))) {
        answer_single(worker, workload, count);
    } else if (sscanf(line, "bulk %*s %*s %zu", &count) == 1 && (workload = find_workload(worker, "bulk"))) {
        answer_bulk(worker, workload, count);
    } else if (sscanf(line, "vectors %63s %4095s", name, path) == 2 && (workload = find_workload(worker, name))) {
        answer_vectors(worker, workload, path);
    } else {
        say_error("no such request, or no such texts");
    }
}

static bool open_worker(struct worker *worker, const char *model, uint32_t threads) {
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    struct minnow_model_info info;
    if (minnow_model_open_path(model, NULL, &worker->model, &worker->error)) return false;
    minnow_model_info(worker->model, &info);
    worker->dimensions = info.dimensions;
    if (minnow_session_create(worker->model, &options, &worker->session, &worker->error)) return false;
    printf("ready Minnow %s, %s weights, kernels %s, compiler %s\n", minnow_version(), info.weights, info.isa,
           __VERSION__);
    return true;
}

int main(int argc, char **argv) {
    static struct worker worker;
    char *line = NULL;
    size_t capacity = 0;
    if (argc != 4) {
        fprintf(stderr, "usage: worker MODEL THREADS TEXTS_FOLDER\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    worker.folder = argv[3];
    if (!open_worker(&worker, argv[1], (uint32_t)strtoul(argv[2], NULL, 10))) {
        say_error(worker.error.message);
        return 1;
    }
    while (getline(&line, &capacity, stdin) > 0) answer(&worker, line);
    free(line);
    minnow_session_close(worker.session);
    minnow_model_close(worker.model);
    return 0; /* the texts are freed with the process */
}
