/* Tokenizes for tokenizer_parity.py and words_parity.py: reads the checkpoint folder's tokenizer, then texts on standard
 * input, each a 32-bit length and its bytes, and answers each with a 32-bit count and the ids
 * (native byte order, without [CLS] and [SEP]). With a third argument "time" it answers nothing and
 * prints the mean time a text took, over the number of rounds that follows. */
#include "convert/checkpoint/tokenizer_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_IDS = 1 << 20 };

static uint32_t ids[MAX_IDS];

static bool read_text(char **buffer, size_t *room, struct minnow_text *text) {
    uint32_t size;
    if (fread(&size, sizeof size, 1, stdin) != 1) return false;
    if (size > *room || !*buffer) {
        free(*buffer);
        *room = size + 4096;
        *buffer = malloc(*room);
        if (!*buffer) return false;
    }
    *text = (struct minnow_text){*buffer, size};
    return fread(*buffer, 1, size, stdin) == size;
}

/* Half of every other text goes in as the prefix: the two must read as one. */
static size_t encode(const struct minnow_tokenizer *tokenizer, struct minnow_text text, size_t number) {
    size_t cut = number % 2 ? text.size / 2 : 0;
    struct minnow_text prefix = {text.bytes, cut}, rest = {text.bytes + cut, text.size - cut};
    return minnow_tokenizer_encode(tokenizer, prefix, rest, ids, MAX_IDS, SIZE_MAX);
}

static int answer_all(const struct minnow_tokenizer *tokenizer) {
    struct minnow_text text;
    char *buffer = NULL;
    size_t room = 0;
    for (size_t number = 0; read_text(&buffer, &room, &text); ++number) {
        uint32_t count = (uint32_t)encode(tokenizer, text, number);
        if (count > MAX_IDS) return 1;
        fwrite(&count, sizeof count, 1, stdout);
        fwrite(ids, sizeof *ids, count, stdout);
        if (fflush(stdout)) return 1; /* whoever asks may wait for it */
    }
    free(buffer);
    return 0;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int time_all(const struct minnow_tokenizer *tokenizer, long rounds) {
    struct minnow_text text;
    size_t texts = 0, bytes = 0, tokens = 0, room = 0;
    char *buffer = NULL;
    double spent = 0;
    for (; read_text(&buffer, &room, &text); ++texts, bytes += text.size) {
        double begin = seconds();
        for (long round = 0; round < rounds; ++round)
            tokens += minnow_tokenizer_encode(tokenizer, (struct minnow_text){"", 0}, text, ids, MAX_IDS, SIZE_MAX);
        spent += seconds() - begin;
    }
    free(buffer);
    if (texts == 0 || rounds <= 0) return 1;
    double times = (double)rounds * (double)texts;
    printf("%zu texts, %.1f bytes and %.1f tokens each: %.0f ns a text, %.1f MB/s\n", texts,
           (double)bytes / (double)texts, (double)tokens / times, spent / times * 1e9,
           (double)bytes * (double)rounds / spent * 1e-6);
    return 0;
}

/* By the file that lies in the folder. */
static enum minnow_status read_tokenizer(const char *folder, struct minnow_memory *memory,
                                         struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s/whitespacetokenizer_config.json", folder);
    if (!access(path, F_OK)) return minnow_tokenizer_read_whitespace(folder, memory, tokenizer, error);
    snprintf(path, sizeof path, "%s/tokens.txt", folder);
    if (!access(path, F_OK)) return minnow_tokenizer_read_allennlp(folder, memory, tokenizer, error);
    return minnow_tokenizer_read(folder, memory, tokenizer, error);
}

int main(int count, char **arguments) {
    if (count != 2 && !(count == 4 && strcmp(arguments[2], "time") == 0)) {
        fprintf(stderr, "usage: %s CHECKPOINT [time ROUNDS]\n", arguments[0]);
        return 2;
    }
    struct minnow_tokenizer tokenizer;
    struct minnow_error error = {0};
    struct minnow_memory *memory = minnow_memory_create();
    if (!memory || read_tokenizer(arguments[1], memory, &tokenizer, &error) != MINNOW_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    int result = count == 4 ? time_all(&tokenizer, strtol(arguments[3], NULL, 10)) : answer_all(&tokenizer);
    minnow_memory_free(memory);
    return result;
}
