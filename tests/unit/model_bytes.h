/* Finding one's way in the bytes of a model file, to damage just the right ones. */
#ifndef MINNOW_TESTS_MODEL_BYTES_H
#define MINNOW_TESTS_MODEL_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of fields, as in runtime/schema/model.fbs; a union takes two. */
enum {
    MODEL_VERSION = 0,
    MODEL_FILE_SIZE = 1,
    MODEL_DIGEST = 2,
    MODEL_ROUTES = 4,
    MODEL_QUERY_INPUT = 8,
    MODEL_SIMILARITY = 10,
    MODEL_GOLDEN = 12,
    MODEL_NAME = 13,
    ROUTE_LAYERS = 0,
    LAYER_BODY_TYPE = 0,
    LAYER_BODY = 1,
    BLOCK_FFN_UP = 6,
    BLOCK_ACTIVATION = 3,
    LINEAR_INPUTS = 0,
    LINEAR_WEIGHT = 3,
    GOLDEN_ROLE = 2,
    INPUT_LEADING = 3,
    LSTM_DIRECTIONS = 1,
    CONVOLUTION_BRANCHES = 2,
    KERNELS_FACTOR = 1,
};

static inline uint32_t word_at(const uint8_t *bytes, size_t at) {
    uint32_t word;
    memcpy(&word, bytes + at, sizeof word);
    return word;
}

static inline void put_word(uint8_t *bytes, size_t at, uint32_t word) { memcpy(bytes + at, &word, sizeof word); }
static inline void put_long(uint8_t *bytes, size_t at, uint64_t word) { memcpy(bytes + at, &word, sizeof word); }

/* What an offset at `at` leads to. */
static inline size_t follow(const uint8_t *bytes, size_t at) { return at + word_at(bytes, at); }

static inline size_t model_table(const uint8_t *bytes) { return follow(bytes, 4); }

/* Where a table keeps its field. */
static inline size_t field(const uint8_t *bytes, size_t table, size_t number) {
    size_t vtable = table - (size_t)(ptrdiff_t)(int32_t)word_at(bytes, table); /* either way */
    uint16_t at;
    memcpy(&at, bytes + vtable + 4 + 2 * number, sizeof at);
    if (at == 0) abort(); /* it holds its default, so it is not there */
    return table + at;
}

/* A table that is an element of a vector of tables. */
static inline size_t element(const uint8_t *bytes, size_t table, size_t number, size_t index) {
    return follow(bytes, follow(bytes, field(bytes, table, number)) + 4 + 4 * index);
}

static inline size_t layer_table(const uint8_t *bytes, size_t route, size_t layer) {
    return element(bytes, element(bytes, model_table(bytes), MODEL_ROUTES, route), ROUTE_LAYERS, layer);
}

static inline size_t body_table(const uint8_t *bytes, size_t route, size_t layer) {
    return follow(bytes, field(bytes, layer_table(bytes, route, layer), LAYER_BODY));
}

#endif
