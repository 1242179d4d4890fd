/* Damage done to the bytes of a file: blind, and by one who knows JSON and safetensors. */
#ifndef MINNOW_TESTS_MUTATIONS_H
#define MINNOW_TESTS_MUTATIONS_H

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64, started anew for every iteration. */
struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *random) {
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

static inline struct random random_start(uint64_t seed, uint64_t iteration) {
    struct random random = {seed * 0xd1342543de82ef95u + iteration};
    random.state = random_next(&random);
    return random;
}

static inline size_t random_below(struct random *random, size_t limit) {
    return limit ? (size_t)(random_next(random) % limit) : 0;
}

struct mutated {
    char *bytes;
    size_t size;
};

static inline struct mutated mutated_copy(const char *bytes, size_t size) {
    struct mutated copy = {malloc(size + 1), size};
    if (!copy.bytes) abort();
    memcpy(copy.bytes, bytes, size);
    copy.bytes[size] = 0;
    return copy;
}

/* Put `size` bytes in the place of [begin, end). */
static inline void replace_range(struct mutated *file, size_t begin, size_t end, const char *bytes, size_t size) {
    struct mutated grown = {malloc(file->size + size + 1), begin + size + (file->size - end)};
    if (!grown.bytes) abort();
    memcpy(grown.bytes, file->bytes, begin);
    memcpy(grown.bytes + begin, bytes, size);
    memcpy(grown.bytes + begin + size, file->bytes + end, file->size - end);
    grown.bytes[grown.size] = 0;
    free(file->bytes);
    *file = grown;
}

/* ---- Blind -------------------------------------------------------------------------------- */

static inline void cut_short(struct mutated *file, struct random *random) {
    file->size = random_below(random, file->size);
}

static inline void flip_bits(struct mutated *file, struct random *random) {
    if (!file->size) return;
    for (size_t n = 1 + random_below(random, 8); n; n--) {
        size_t bit = random_below(random, 8 * file->size);
        file->bytes[bit / 8] = (char)(file->bytes[bit / 8] ^ 1 << bit % 8);
    }
}

static inline void scribble(struct mutated *file, struct random *random) {
    size_t begin = random_below(random, file->size), length = 1 + random_below(random, 16);
    for (size_t i = begin; i < file->size && i < begin + length; i++) file->bytes[i] = (char)random_next(random);
}

static inline void delete_range(struct mutated *file, struct random *random) {
    size_t begin = random_below(random, file->size), length = 1 + random_below(random, 40);
    replace_range(file, begin, begin + length < file->size ? begin + length : file->size, "", 0);
}

/* Copy a range to another place. */
static inline void splice(struct mutated *file, struct random *random) {
    char piece[64];
    size_t begin = random_below(random, file->size), length = 1 + random_below(random, sizeof piece);
    if (begin + length > file->size) length = file->size - begin;
    memcpy(piece, file->bytes + begin, length);
    size_t place = random_below(random, file->size + 1);
    replace_range(file, place, place, piece, length);
}

/* ---- With JSON in mind -------------------------------------------------------------------- */

static inline const char *hostile_token(struct random *random) {
    static const char *const tokens[] = {
        "-1",
        "0",
        "1",
        "2",
        "3",
        "0.5",
        "-0",
        "1e308",
        "1e999",
        "-1e999",
        "2147483648",
        "4294967295",
        "4294967296",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "65536",
        "null",
        "true",
        "false",
        "\"\"",
        "\"x\"",
        "\"..\"",
        "\"../../etc/passwd\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\xff\xfe\"",
        "[]",
        "{}",
        "[[]]",
        "[1,2,3,4,5,6,7,8,9]",
        "{\"\":{}}",
        "NaN",
        "\"F32\"",
        "\"I64\"",
        "\"mean\"",
        "\"[UNK]\"",
        "\"##\"",
    };
    return tokens[random_below(random, sizeof tokens / sizeof *tokens)];
}

/* A run of digits at or after a random place, or before the end none: begin == end. */
static inline void find_number(const struct mutated *file, struct random *random, size_t *begin, size_t *end) {
    *begin = random_below(random, file->size);
    while (*begin < file->size && !isdigit((unsigned char)file->bytes[*begin])) ++*begin;
    *end = *begin;
    while (*end < file->size && isdigit((unsigned char)file->bytes[*end])) ++*end;
}

/* The value that follows a colon: a string, or all up to the next comma or bracket. */
static inline void find_value(const struct mutated *file, struct random *random, size_t *begin, size_t *end) {
    *begin = random_below(random, file->size);
    while (*begin < file->size && file->bytes[*begin] != ':') ++*begin;
    *begin += *begin < file->size;
    while (*begin < file->size && file->bytes[*begin] == ' ') ++*begin;
    *end = *begin;
    bool text = *end < file->size && file->bytes[*end] == '"';
    if (text) ++*end;
    while (*end < file->size && !strchr(text ? "\"" : ",]}", file->bytes[*end])) ++*end;
    if (text && *end < file->size) ++*end;
}

static inline void exchange_number(struct mutated *file, struct random *random) {
    size_t begin, end;
    find_number(file, random, &begin, &end);
    const char *token = hostile_token(random);
    replace_range(file, begin, end, token, strlen(token));
}

static inline void exchange_value(struct mutated *file, struct random *random) {
    size_t begin, end;
    find_value(file, random, &begin, &end);
    const char *token = hostile_token(random);
    replace_range(file, begin, end, token, strlen(token));
}

/* One value takes the place of another: offsets, names and shapes of other tensors among them. */
static inline void copy_value(struct mutated *file, struct random *random) {
    char piece[256];
    size_t begin, end;
    if (random_below(random, 2))
        find_value(file, random, &begin, &end);
    else
        find_number(file, random, &begin, &end);
    size_t length = end - begin < sizeof piece ? end - begin : sizeof piece;
    memcpy(piece, file->bytes + begin, length);
    if (random_below(random, 2))
        find_value(file, random, &begin, &end);
    else
        find_number(file, random, &begin, &end);
    replace_range(file, begin, end, piece, length);
}

static inline void nudge_number(struct mutated *file, struct random *random) {
    size_t begin, end;
    find_number(file, random, &begin, &end);
    if (begin == end) return;
    static const uint64_t steps[] = {1, 4, 8, UINT64_MAX, UINT64_MAX - 3, UINT64_MAX - 7}; /* wraps: -1, -4, -8 */
    char text[32];
    uint64_t number = strtoull(file->bytes + begin, NULL, 10);
    number += steps[random_below(random, 6)];
    int length = snprintf(text, sizeof text, "%lld", (long long)number);
    replace_range(file, begin, end, text, (size_t)length);
}

static inline void nest_deeply(struct mutated *file, struct random *random) {
    size_t begin, end, depth = 1 + random_below(random, 3000);
    char *brackets = malloc(depth);
    if (!brackets) abort();
    memset(brackets, random_below(random, 2) ? '[' : '{', depth);
    find_value(file, random, &begin, &end);
    replace_range(file, begin, end, brackets, depth);
    free(brackets);
}

/* Both offsets of a tensor moved by the same distance: the size stays right, the place does not. */
static inline void move_tensor(struct mutated *file, struct random *random) {
    static const char key[] = "\"data_offsets\":[";
    static const uint64_t distances[] = {1, 4, 32, 4096, 1 << 20, (uint64_t)1 << 40, UINT64_MAX, UINT64_MAX - 3};
    size_t begin = random_below(random, file->size);
    const char *found = strstr(file->bytes + begin, key); /* ends at the 0 behind the bytes */
    if (!found) return;
    begin = (size_t)(found - file->bytes) + sizeof key - 1;
    char *end, text[64];
    uint64_t first = strtoull(file->bytes + begin, &end, 10), second = *end ? strtoull(end + 1, &end, 10) : 0;
    uint64_t distance = distances[random_below(random, sizeof distances / sizeof *distances)];
    int length = snprintf(text, sizeof text, "%llu,%llu", (unsigned long long)(first + distance),
                          (unsigned long long)(second + distance));
    replace_range(file, begin, (size_t)(end - file->bytes), text, (size_t)length);
}

typedef void mutation_fn(struct mutated *file, struct random *random);

static inline void mutate_text(struct mutated *file, struct random *random) {
    static mutation_fn *const mutations[] = {
        cut_short,      flip_bits,      scribble,   delete_range, splice,       exchange_number, exchange_number,
        exchange_value, exchange_value, copy_value, copy_value,   nudge_number, nudge_number,    nest_deeply};
    for (size_t n = 1 + random_below(random, 3); n; n--)
        mutations[random_below(random, sizeof mutations / sizeof *mutations)](file, random);
}

/* ---- safetensors -------------------------------------------------------------------------- */

/* Damage the JSON header and set its length right, so that what lies behind the length check is reached. */
static inline void mutate_header(struct mutated *file, struct random *random) {
    uint64_t length;
    memcpy(&length, file->bytes, sizeof length);
    if (file->size < 8 || length > file->size - 8) return;
    struct mutated header = mutated_copy(file->bytes + 8, (size_t)length);
    if (random_below(random, 3) == 0)
        move_tensor(&header, random);
    else
        mutate_text(&header, random);
    replace_range(file, 8, 8 + (size_t)length, header.bytes, header.size);
    length = header.size;
    memcpy(file->bytes, &length, sizeof length);
    free(header.bytes);
}

static inline void mutate_length(struct mutated *file, struct random *random) {
    static const uint64_t lengths[] = {0,          1,         7,          100000000,     100000001,
                                       UINT32_MAX, INT64_MAX, UINT64_MAX, UINT64_MAX - 8};
    uint64_t length = lengths[random_below(random, sizeof lengths / sizeof *lengths)];
    if (random_below(random, 2)) length = random_below(random, file->size);
    if (file->size >= 8) memcpy(file->bytes, &length, sizeof length);
}

static inline struct mutated mutate(const char *name, const char *bytes, size_t size, struct random *random) {
    struct mutated file = mutated_copy(bytes, size);
    size_t way = random_below(random, 10);
    if (!strstr(name, ".safetensors") || strstr(name, ".json") || way == 0)
        mutate_text(&file, random);
    else if (way == 1)
        mutate_length(&file, random);
    else
        mutate_header(&file, random);
    return file;
}

#endif
