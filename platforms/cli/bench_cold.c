#include "platforms/cli/bench_cold.h"

#include "platforms/cli/output.h"

#include <cjson/cJSON.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Only Linux has it; elsewhere nothing can be started from there, and the figures stay unknown. */
static const char own_program[] = "/proc/self/exe";

enum { MOST_ANSWER = 1000, MOST_NUMBER = 16, MOST_WORDS = 9 };

/* The texts as a file without a name, read from its beginning. */
static FILE *spool(const struct minnow_cold *cold) {
    FILE *file = tmpfile();
    if (!file) return NULL;
    for (size_t i = 0; i < cold->count; i++) {
        fwrite(cold->texts[i].bytes, 1, cold->texts[i].size, file);
        putc('\n', file);
    }
    if (fflush(file) == 0 && !ferror(file) && lseek(fileno(file), 0, SEEK_SET) == 0) return file;
    fclose(file);
    return NULL;
}

static void fill_words(const struct minnow_cold *cold, char number[MOST_NUMBER], const char *words[MOST_WORDS]) {
    size_t count = 0;
    snprintf(number, MOST_NUMBER, "%u", cold->threads);
    const char *const always[] = {"minnow", "bench", "--once", "--threads", number};
    for (; count < sizeof always / sizeof *always; count++) words[count] = always[count];
    if (cold->model) words[count++] = "-m";
    if (cold->model) words[count++] = cold->model;
    if (cold->isa) words[count++] = "--isa";
    if (cold->isa) words[count++] = cold->isa;
    words[count] = NULL;
}

static bool start(const struct minnow_cold *cold, int input, const int output[2], pid_t *child) {
    posix_spawn_file_actions_t actions;
    char number[MOST_NUMBER];
    const char *words[MOST_WORDS + 1];
    fill_words(cold, number, words);
    if (posix_spawn_file_actions_init(&actions)) return false;
    bool good = !posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) &&
                !posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO) &&
                !posix_spawn_file_actions_addclose(&actions, output[0]) &&
                !posix_spawn(child, own_program, &actions, NULL, (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return good;
}

/* All that comes until the other end closes. */
static void read_answer(int from, char answer[MOST_ANSWER]) {
    size_t used = 0;
    for (ssize_t got; used < MOST_ANSWER - 1 && (got = read(from, answer + used, MOST_ANSWER - 1 - used)) > 0;)
        used += (size_t)got;
    answer[used] = 0;
}

static bool parse_answer(const char *answer, double started_ms, struct minnow_cold_result *result) {
    cJSON *json = cJSON_Parse(answer);
    const cJSON *open = cJSON_GetObjectItem(json, "open_ms"), *done = cJSON_GetObjectItem(json, "done_clock_ms"),
                *peak = cJSON_GetObjectItem(json, "peak_rss_bytes");
    bool good = cJSON_IsNumber(open) && cJSON_IsNumber(done);
    if (good)
        *result = (struct minnow_cold_result){.open_ms = open->valuedouble,
                                              .first_ms = done->valuedouble - started_ms,
                                              .peak_bytes = cJSON_IsNumber(peak) ? (uint64_t)peak->valuedouble : 0};
    cJSON_Delete(json);
    return good;
}

bool minnow_cold_measure(const struct minnow_cold *cold, struct minnow_cold_result *result) {
    int output[2], code = 0;
    char answer[MOST_ANSWER] = "";
    pid_t child;
    FILE *input = spool(cold);
    if (!input) return false;
    if (pipe(output)) {
        fclose(input);
        return false;
    }
    double started_ms = minnow_clock_ms();
    bool started = start(cold, fileno(input), output, &child);
    close(output[1]);
    if (started) read_answer(output[0], answer);
    close(output[0]);
    fclose(input);
    if (!started || waitpid(child, &code, 0) != child || code != 0) return false;
    return parse_answer(answer, started_ms, result);
}
