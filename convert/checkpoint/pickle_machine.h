/* What the operations of a pickle work on. Internal to pickle*.c. */
#ifndef MINNOW_PICKLE_MACHINE_H
#define MINNOW_PICKLE_MACHINE_H

#include "convert/checkpoint/pickle.h"

struct minnow_pickle_machine {
    const struct minnow_pickle *pickle;
    size_t next; /* byte to be read */
    struct minnow_pickle_list stack, memo;
    struct minnow_error *error;
};

/* One operation, its argument still unread. Errors say what, the loop adds where. */
typedef enum minnow_status minnow_pickle_operation_fn(struct minnow_pickle_machine *machine, uint8_t opcode);

/* Python's names and numbers of the operations that are read or refused by name. */
enum minnow_pickle_opcode {
    PICKLE_MARK = '(',
    PICKLE_STOP = '.',
    PICKLE_POP = '0',
    PICKLE_POP_MARK = '1',
    PICKLE_DUP = '2',
    PICKLE_BINFLOAT = 'G',
    PICKLE_BININT = 'J',
    PICKLE_BININT1 = 'K',
    PICKLE_BININT2 = 'M',
    PICKLE_NONE = 'N',
    PICKLE_BINPERSID = 'Q',
    PICKLE_REDUCE = 'R',
    PICKLE_BINBYTES = 'B',
    PICKLE_SHORT_BINBYTES = 'C',
    PICKLE_BINSTRING = 'T',
    PICKLE_SHORT_BINSTRING = 'U',
    PICKLE_BINUNICODE = 'X',
    PICKLE_EMPTY_LIST = ']',
    PICKLE_APPEND = 'a',
    PICKLE_BUILD = 'b',
    PICKLE_GLOBAL = 'c',
    PICKLE_DICT = 'd',
    PICKLE_APPENDS = 'e',
    PICKLE_BINGET = 'h',
    PICKLE_INST = 'i',
    PICKLE_LONG_BINGET = 'j',
    PICKLE_LIST = 'l',
    PICKLE_OBJ = 'o',
    PICKLE_BINPUT = 'q',
    PICKLE_LONG_BINPUT = 'r',
    PICKLE_SETITEM = 's',
    PICKLE_TUPLE = 't',
    PICKLE_EMPTY_TUPLE = ')',
    PICKLE_SETITEMS = 'u',
    PICKLE_EMPTY_DICT = '}',
    PICKLE_PROTO = 0x80,
    PICKLE_NEWOBJ = 0x81,
    PICKLE_EXT1 = 0x82,
    PICKLE_EXT2 = 0x83,
    PICKLE_EXT4 = 0x84,
    PICKLE_TUPLE1 = 0x85,
    PICKLE_TUPLE2 = 0x86,
    PICKLE_TUPLE3 = 0x87,
    PICKLE_NEWTRUE = 0x88,
    PICKLE_NEWFALSE = 0x89,
    PICKLE_LONG1 = 0x8a,
    PICKLE_LONG4 = 0x8b,
    PICKLE_SHORT_BINUNICODE = 0x8c,
    PICKLE_BINUNICODE8 = 0x8d,
    PICKLE_BINBYTES8 = 0x8e,
    PICKLE_EMPTY_SET = 0x8f,
    PICKLE_ADDITEMS = 0x90,
    PICKLE_FROZENSET = 0x91,
    PICKLE_NEWOBJ_EX = 0x92,
    PICKLE_STACK_GLOBAL = 0x93,
    PICKLE_MEMOIZE = 0x94,
    PICKLE_FRAME = 0x95,
    PICKLE_BYTEARRAY8 = 0x96,
};

/* ---- Bytes: pickle.c ---------------------------------------------------------------------- */

/* The next `size` bytes of the pickle; an error where it ends before. */
enum minnow_status minnow_pickle_bytes(struct minnow_pickle_machine *machine, uint64_t size, const uint8_t **bytes);
/* A little-endian number of `width` bytes. */
enum minnow_status minnow_pickle_number(struct minnow_pickle_machine *machine, size_t width, uint64_t *number);

/* ---- Stack: pickle_stack.c ---------------------------------------------------------------- */

enum minnow_status minnow_pickle_push(struct minnow_pickle_machine *machine, struct minnow_pickle_value value);
/* The top `count` values, still on the stack; an error where there are fewer above the last mark. */
enum minnow_status minnow_pickle_top(struct minnow_pickle_machine *machine, size_t count,
                                     struct minnow_pickle_value **values);
/* All values above the last mark, the mark's place among the stack in *mark. */
enum minnow_status minnow_pickle_above_mark(struct minnow_pickle_machine *machine, size_t *mark,
                                            struct minnow_pickle_value **values, size_t *count);
/* Replace all from place `from` on by one value. */
void minnow_pickle_replace(struct minnow_pickle_machine *machine, size_t from, struct minnow_pickle_value value);
/* Give back the memory of the stack or the memo. */
void minnow_pickle_release(struct minnow_pool *pool, struct minnow_pickle_list *list);

/* ---- Operations --------------------------------------------------------------------------- */

minnow_pickle_operation_fn minnow_pickle_mark, minnow_pickle_pop, minnow_pickle_pop_mark, minnow_pickle_duplicate,
    minnow_pickle_get_memo, minnow_pickle_put_memo, minnow_pickle_memoize;
minnow_pickle_operation_fn minnow_pickle_constant, minnow_pickle_int, minnow_pickle_float, minnow_pickle_long,
    minnow_pickle_text;
minnow_pickle_operation_fn minnow_pickle_empty, minnow_pickle_fixed_tuple, minnow_pickle_marked, minnow_pickle_append,
    minnow_pickle_appends;
minnow_pickle_operation_fn minnow_pickle_global, minnow_pickle_stack_global, minnow_pickle_reduce, minnow_pickle_build,
    minnow_pickle_persistent, minnow_pickle_refuse, minnow_pickle_refuse_instance;

#endif
