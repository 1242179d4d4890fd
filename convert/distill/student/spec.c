#include "convert/distill/student/spec.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- Kinds and keys ------------------------------------------------------------------------- */

enum key {
    LAYERS = 1 << 0,
    TEACHER_LAYERS = 1 << 1,
    HIDDEN = 1 << 2,
    HEADS = 1 << 3,
    FFN = 1 << 4,
    VOCABULARY = 1 << 5,
    RANK = 1 << 6,
    DIMENSIONS = 1 << 7,
    MAX_TOKENS = 1 << 8,
    JOIN = 1 << 9,
    POOLING = 1 << 10,
    SIMILARITY = 1 << 11,
    KIND = 1 << 12,
    EVERY_KIND = KIND | VOCABULARY | MAX_TOKENS,
    BLOCKS = EVERY_KIND | LAYERS | TEACHER_LAYERS | HIDDEN | HEADS | FFN | RANK,
};

/* A table of two factors keeps the first type of token alone, and a pair in one text needs the second: cross-encoders
 * have no rank. */
static const struct kind {
    const char *name;
    unsigned takes; /* of enum key */
} kinds[] = {
    [MINNOW_STUDENT_TRANSFORMER] = {"transformer", BLOCKS | DIMENSIONS | POOLING | SIMILARITY},
    [MINNOW_STUDENT_COLBERT] = {"colbert", BLOCKS | DIMENSIONS},
    [MINNOW_STUDENT_CROSS_ENCODER] = {"cross-encoder", BLOCKS & ~RANK},
    [MINNOW_STUDENT_PRETTR] = {"prettr", BLOCKS | JOIN},
    [MINNOW_STUDENT_TK] = {"tk", EVERY_KIND | LAYERS | HIDDEN | HEADS | FFN},
    [MINNOW_STUDENT_LSTM] = {"lstm", EVERY_KIND | LAYERS | HIDDEN | RANK | DIMENSIONS | POOLING | SIMILARITY},
    [MINNOW_STUDENT_CNN] = {"cnn", EVERY_KIND | HIDDEN | RANK | DIMENSIONS | POOLING | SIMILARITY},
    [MINNOW_STUDENT_STATIC] = {"static", EVERY_KIND | RANK | DIMENSIONS | SIMILARITY},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct key_name {
    const char *name;
    enum key key;
    size_t place; /* of a number in the spec */
} keys[] = {
    {"kind", KIND, 0},
    {"layers", LAYERS, 0},
    {"teacher-layers", TEACHER_LAYERS, 0},
    {"pooling", POOLING, 0},
    {"similarity", SIMILARITY, 0},
    {"hidden", HIDDEN, offsetof(struct minnow_student_spec, hidden)},
    {"heads", HEADS, offsetof(struct minnow_student_spec, heads)},
    {"ffn", FFN, offsetof(struct minnow_student_spec, ffn)},
    {"vocab", VOCABULARY, offsetof(struct minnow_student_spec, vocabulary)},
    {"rank", RANK, offsetof(struct minnow_student_spec, rank)},
    {"dimensions", DIMENSIONS, offsetof(struct minnow_student_spec, dimensions)},
    {"max-tokens", MAX_TOKENS, offsetof(struct minnow_student_spec, max_tokens)},
    {"join", JOIN, offsetof(struct minnow_student_spec, join)},
};
enum { KEYS = sizeof keys / sizeof *keys, MOST_WORDS = 1 << 24 };

const char *minnow_student_kind_name(enum minnow_student_kind kind) { return kinds[kind].name; }

/* ---- Items ---------------------------------------------------------------------------------- */

struct piece {
    const char *bytes;
    size_t size;
};

struct parsing {
    struct minnow_student_spec *spec;
    const struct key_name *key; /* of the item before */
    unsigned said;              /* of enum key */
    struct minnow_error *error;
};

static bool is(struct piece piece, const char *text) {
    return piece.size == strlen(text) && !memcmp(piece.bytes, text, piece.size);
}

static enum minnow_status fail(const struct parsing *parsing, struct piece found, const char *expected) {
    return minnow_fail(parsing->error, MINNOW_INVALID_ARGUMENT, "student: %s is \"%.*s\", expected %s",
                       parsing->key->name, (int)(found.size < 80 ? found.size : 80), found.bytes, expected);
}

static bool read_number(struct piece piece, uint32_t most, uint32_t *number) {
    uint64_t found = 0;
    for (size_t i = 0; i < piece.size && found <= most; i++) {
        if (piece.bytes[i] < '0' || piece.bytes[i] > '9') return false;
        found = 10 * found + (uint64_t)(piece.bytes[i] - '0');
    }
    *number = (uint32_t)found;
    return piece.size > 0 && found <= most;
}

/* Vocabularies of many languages are larger than anything is wide. */
static enum minnow_status set_number(const struct parsing *parsing, struct piece value) {
    bool counts_words = parsing->key->key == VOCABULARY;
    uint32_t number = 0;
    if (!read_number(value, counts_words ? MOST_WORDS : MINNOW_MAX_WIDTH, &number) || number == 0)
        return fail(parsing, value,
                    counts_words ? "a whole number from 1 to 16777216" : "a whole number from 1 to 65536");
    memcpy((char *)parsing->spec + parsing->key->place, &number, sizeof number);
    return MINNOW_OK;
}

static enum minnow_status add_layer(const struct parsing *parsing, struct piece value) {
    struct minnow_student_spec *spec = parsing->spec;
    uint32_t number = 0;
    if (!read_number(value, MINNOW_MAX_WIDTH, &number) || spec->layer_count == MINNOW_STUDENT_LAYERS)
        return fail(parsing, value, "a number of blocks, or up to 64 numbers of the teacher's blocks, from 0 on");
    spec->layers[spec->layer_count++] = number;
    spec->takes_blocks = parsing->key->key == TEACHER_LAYERS || spec->layer_count > 1;
    return MINNOW_OK;
}

static enum minnow_status set_kind(const struct parsing *parsing, struct piece value) {
    for (int i = 0; i < KINDS; i++)
        if (is(value, kinds[i].name)) {
            parsing->spec->kind = (enum minnow_student_kind)i;
            return MINNOW_OK;
        }
    return fail(parsing, value, "transformer, colbert, cross-encoder, prettr, tk, lstm, cnn or static");
}

static enum minnow_status set_pooling(const struct parsing *parsing, struct piece value) {
    static const char *const names[] = {
        [MINNOW_POOL_CLS] = "cls", [MINNOW_POOL_MEAN] = "mean", [MINNOW_POOL_MAX] = "max"};
    for (int i = 0; i < 3; i++)
        if (is(value, names[i])) {
            parsing->spec->pools = true;
            parsing->spec->pooling = (enum minnow_pooling)i;
            return MINNOW_OK;
        }
    return fail(parsing, value, "cls, mean or max");
}

static enum minnow_status set_similarity(const struct parsing *parsing, struct piece value) {
    if (!is(value, "cosine") && !is(value, "dot")) return fail(parsing, value, "cosine or dot");
    parsing->spec->compares = true;
    parsing->spec->similarity = is(value, "dot") ? MINNOW_DOT : MINNOW_COSINE;
    return MINNOW_OK;
}

static enum minnow_status set_value(const struct parsing *parsing, struct piece value) {
    switch (parsing->key->key) {
    case KIND: return set_kind(parsing, value);
    case POOLING: return set_pooling(parsing, value);
    case SIMILARITY: return set_similarity(parsing, value);
    case LAYERS:
    case TEACHER_LAYERS: return add_layer(parsing, value);
    default: return set_number(parsing, value);
    }
}

static enum minnow_status begin_key(struct parsing *parsing, struct piece name) {
    int i = 0;
    while (i < KEYS && !is(name, keys[i].name)) i++;
    if (i == KEYS)
        return minnow_fail(parsing->error, MINNOW_INVALID_ARGUMENT,
                           "student: \"%.*s\" is no key, expected kind, layers, teacher-layers, hidden, heads, ffn, "
                           "vocab, rank, dimensions, pooling, similarity, max-tokens or join",
                           (int)(name.size < 80 ? name.size : 80), name.bytes);
    parsing->key = &keys[i];
    unsigned same = keys[i].key & (LAYERS | TEACHER_LAYERS) ? LAYERS | TEACHER_LAYERS : keys[i].key;
    if (parsing->said & same)
        return minnow_fail(parsing->error, MINNOW_INVALID_ARGUMENT, "student: %s is said a second time, expected once",
                           keys[i].name);
    parsing->said |= keys[i].key;
    return MINNOW_OK;
}

/* KEY=VALUE, or one more number of a list. */
static enum minnow_status read_item(struct parsing *parsing, struct piece item) {
    const char *equals = memchr(item.bytes, '=', item.size);
    bool continues = !equals && parsing->key && parsing->key->key & (LAYERS | TEACHER_LAYERS);
    if (continues) return add_layer(parsing, item);
    if (!equals)
        return minnow_fail(parsing->error, MINNOW_INVALID_ARGUMENT,
                           "student: \"%.*s\" stands alone, expected KEY=VALUE, or a number behind layers=",
                           (int)(item.size < 80 ? item.size : 80), item.bytes);
    size_t name = (size_t)(equals - item.bytes);
    enum minnow_status status = begin_key(parsing, (struct piece){item.bytes, name});
    return status ? status : set_value(parsing, (struct piece){equals + 1, item.size - name - 1});
}

/* ---- The whole ------------------------------------------------------------------------------ */

static enum minnow_status check_keys(const struct parsing *parsing) {
    const struct kind *kind = &kinds[parsing->spec->kind];
    for (int i = 0; i < KEYS; i++)
        if (parsing->said & keys[i].key & ~kind->takes)
            return minnow_fail(parsing->error, MINNOW_INVALID_ARGUMENT, "student: %s is of no use to kind=%s",
                               keys[i].name, kind->name);
    if (parsing->spec->takes_blocks && !(kind->takes & TEACHER_LAYERS))
        return minnow_fail(parsing->error, MINNOW_INVALID_ARGUMENT,
                           "student: layers lists %u blocks of the teacher, expected one number for kind=%s",
                           parsing->spec->layer_count, kind->name);
    return MINNOW_OK;
}

enum minnow_status minnow_student_spec_parse(const char *text, struct minnow_student_spec *spec,
                                             struct minnow_error *error) {
    struct parsing parsing = {.spec = spec, .error = error};
    enum minnow_status status = MINNOW_OK;
    *spec = (struct minnow_student_spec){.kind = MINNOW_STUDENT_TRANSFORMER};
    while (*text && !status) {
        size_t size = strcspn(text, ",");
        status = read_item(&parsing, (struct piece){text, size});
        text += size + (text[size] == ',');
    }
    return status ? status : check_keys(&parsing);
}
