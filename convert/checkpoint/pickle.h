/* Python pickles as plain values, protocols 2 to 5. Nothing is executed: what a pickle names outside itself is handed
 * to the caller's `meanings`, who knows it or refuses it.
 *
 *     pickle.c             bytes to operations
 *     pickle_scalars.c     operations that push numbers and texts
 *     pickle_containers.c  those that make tuples, lists and dicts
 *     pickle_stack.c       stack, marks and memo; those that move values
 *     pickle_calls.c       those with which Python would import, call or build */
#ifndef MINNOW_PICKLE_H
#define MINNOW_PICKLE_H

#include "convert/checkpoint/pool.h"

enum minnow_pickle_kind {
    MINNOW_PICKLE_NONE,
    MINNOW_PICKLE_BOOL,    /* integer: 0 or 1 */
    MINNOW_PICKLE_INTEGER, /* fits 64 bits */
    MINNOW_PICKLE_LONG,    /* does not; size, bytes: two's complement, little endian */
    MINNOW_PICKLE_FLOAT,
    MINNOW_PICKLE_TEXT, /* size, bytes: within the pickle, no 0 behind them, not checked to be UTF-8 */
    MINNOW_PICKLE_BYTES,
    MINNOW_PICKLE_TUPLE,  /* size, items */
    MINNOW_PICKLE_LIST,   /* list; a set too */
    MINNOW_PICKLE_DICT,   /* list: key, value, key, value ... in the order of the pickle, keys not compared */
    MINNOW_PICKLE_GLOBAL, /* object: what `find` gave */
    MINNOW_PICKLE_OBJECT, /* object: what `call` or `load` gave; size: their tag */
    MINNOW_PICKLE_MARK,   /* within the stack alone */
};

struct minnow_pickle_list;

struct minnow_pickle_value {
    uint8_t kind;
    uint8_t depth; /* of a tuple; see minnow_pickle_list */
    uint32_t size;
    union {
        int64_t integer;
        double number;
        const uint8_t *bytes;
        const struct minnow_pickle_value *items;
        struct minnow_pickle_list *list;
        const void *object;
    };
};

struct minnow_pickle_list {
    struct minnow_pickle_value *items;
    size_t count, capacity;
    uint8_t depth; /* 1 more than the deepest container within */
    bool closed;   /* lies in another container and changes no more: so nothing can hold itself */
};

/* What the caller knows. Errors need not say where: the reader adds that. */
struct minnow_pickle_meanings {
    void *context;
    /* The global `module`.`name` (two texts), or an error for one that is not known. */
    enum minnow_status (*find)(void *context, const struct minnow_pickle_value *module,
                               const struct minnow_pickle_value *name, struct minnow_pickle_value *global,
                               struct minnow_error *error);
    /* global(*arguments); arguments: a tuple. */
    enum minnow_status (*call)(void *context, const struct minnow_pickle_value *global,
                               const struct minnow_pickle_value *arguments, struct minnow_pickle_value *result,
                               struct minnow_error *error);
    /* The object that a persistent id stands for. */
    enum minnow_status (*load)(void *context, const struct minnow_pickle_value *id, struct minnow_pickle_value *result,
                               struct minnow_error *error);
};

struct minnow_pickle {
    const char *file; /* for errors */
    size_t origin;    /* where in that file the bytes lie; for errors */
    const uint8_t *bytes;
    size_t size;
    struct minnow_pool *pool; /* of all values; together they never need more than its allowance */
    const struct minnow_pickle_meanings *meanings;
};

#define MINNOW_PICKLE_DEPTH 64 /* of containers within containers */

/* Read one pickle from the beginning of the bytes; *used: how many it took. Values are valid as long as the bytes
 * and the pool. A damaged pickle is MINNOW_BAD_CHECKPOINT, an operation that only Python can do MINNOW_UNSUPPORTED. */
enum minnow_status minnow_pickle_read(const struct minnow_pickle *pickle, struct minnow_pickle_value *value,
                                      size_t *used, struct minnow_error *error);

struct minnow_pickle_value minnow_pickle_integer(int64_t integer);
bool minnow_pickle_text_is(const struct minnow_pickle_value *value, const char *text);
/* The value of the last equal key of a dict, NULL where there is none or `dict` is none. */
const struct minnow_pickle_value *minnow_pickle_get(const struct minnow_pickle_value *dict, const char *key);
/* "a dict", "an int" ... for errors. */
const char *minnow_pickle_kind_name(const struct minnow_pickle_value *value);

/* An empty list or dict, as `kind` says; NULL: see minnow_pool_fail. */
struct minnow_pickle_list *minnow_pickle_list_create(struct minnow_pool *pool);
/* Put `count` values at the end. An error where the list is closed, one of the values is the list, or depth grows
 * beyond MINNOW_PICKLE_DEPTH. */
enum minnow_status minnow_pickle_list_add(struct minnow_pool *pool, struct minnow_pickle_list *list,
                                          const struct minnow_pickle_value *values, size_t count,
                                          struct minnow_error *error);

/* A text of the file as errors show it: at most 80 bytes, what is not printable ASCII as "?". */
struct minnow_pickle_shown {
    char text[84];
};
struct minnow_pickle_shown minnow_pickle_show(const struct minnow_pickle_value *text);

#endif
