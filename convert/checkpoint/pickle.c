#include "convert/checkpoint/pickle_machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { OLDEST_PROTOCOL = 2, NEWEST_PROTOCOL = 5 };

enum minnow_status minnow_pickle_bytes(struct minnow_pickle_machine *machine, uint64_t size, const uint8_t **bytes) {
    size_t left = machine->pickle->size - machine->next;
    if (size > left)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT,
                           "wants %" PRIu64 " bytes more, found %zu (is the file cut short?)", size, left);
    *bytes = machine->pickle->bytes + machine->next;
    machine->next += (size_t)size;
    return MINNOW_OK;
}

enum minnow_status minnow_pickle_number(struct minnow_pickle_machine *machine, size_t width, uint64_t *number) {
    const uint8_t *bytes = NULL;
    enum minnow_status status = minnow_pickle_bytes(machine, width, &bytes);
    *number = 0;
    for (size_t i = width; !status && i-- > 0;) *number = *number << 8 | bytes[i];
    return status;
}

static enum minnow_status read_protocol(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    uint64_t protocol;
    enum minnow_status status = minnow_pickle_number(machine, 1, &protocol);
    if (status || (protocol >= OLDEST_PROTOCOL && protocol <= NEWEST_PROTOCOL)) return status;
    return minnow_fail(machine->error, MINNOW_UNSUPPORTED, "its protocol is %" PRIu64 ", expected 2 to 5", protocol);
}

/* A frame only says how much to read ahead. */
static enum minnow_status read_frame(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    uint64_t size;
    enum minnow_status status = minnow_pickle_number(machine, 8, &size);
    size_t left = machine->pickle->size - machine->next;
    if (status || size <= left) return status;
    return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT,
                       "a frame of %" PRIu64 " bytes, found %zu (is the file cut short?)", size, left);
}

static minnow_pickle_operation_fn *const operations[256] = {
    [PICKLE_PROTO] = read_protocol,
    [PICKLE_FRAME] = read_frame,

    [PICKLE_MARK] = minnow_pickle_mark,
    [PICKLE_POP] = minnow_pickle_pop,
    [PICKLE_POP_MARK] = minnow_pickle_pop_mark,
    [PICKLE_DUP] = minnow_pickle_duplicate,
    [PICKLE_BINGET] = minnow_pickle_get_memo,
    [PICKLE_LONG_BINGET] = minnow_pickle_get_memo,
    [PICKLE_BINPUT] = minnow_pickle_put_memo,
    [PICKLE_LONG_BINPUT] = minnow_pickle_put_memo,
    [PICKLE_MEMOIZE] = minnow_pickle_memoize,

    [PICKLE_NONE] = minnow_pickle_constant,
    [PICKLE_NEWTRUE] = minnow_pickle_constant,
    [PICKLE_NEWFALSE] = minnow_pickle_constant,
    [PICKLE_BININT] = minnow_pickle_int,
    [PICKLE_BININT1] = minnow_pickle_int,
    [PICKLE_BININT2] = minnow_pickle_int,
    [PICKLE_BINFLOAT] = minnow_pickle_float,
    [PICKLE_LONG1] = minnow_pickle_long,
    [PICKLE_LONG4] = minnow_pickle_long,
    [PICKLE_BINSTRING] = minnow_pickle_text,
    [PICKLE_SHORT_BINSTRING] = minnow_pickle_text,
    [PICKLE_BINUNICODE] = minnow_pickle_text,
    [PICKLE_SHORT_BINUNICODE] = minnow_pickle_text,
    [PICKLE_BINUNICODE8] = minnow_pickle_text,
    [PICKLE_BINBYTES] = minnow_pickle_text,
    [PICKLE_SHORT_BINBYTES] = minnow_pickle_text,
    [PICKLE_BINBYTES8] = minnow_pickle_text,
    [PICKLE_BYTEARRAY8] = minnow_pickle_text,

    [PICKLE_EMPTY_TUPLE] = minnow_pickle_fixed_tuple,
    [PICKLE_TUPLE1] = minnow_pickle_fixed_tuple,
    [PICKLE_TUPLE2] = minnow_pickle_fixed_tuple,
    [PICKLE_TUPLE3] = minnow_pickle_fixed_tuple,
    [PICKLE_TUPLE] = minnow_pickle_marked,
    [PICKLE_LIST] = minnow_pickle_marked,
    [PICKLE_DICT] = minnow_pickle_marked,
    [PICKLE_FROZENSET] = minnow_pickle_marked,
    [PICKLE_EMPTY_LIST] = minnow_pickle_empty,
    [PICKLE_EMPTY_DICT] = minnow_pickle_empty,
    [PICKLE_EMPTY_SET] = minnow_pickle_empty,
    [PICKLE_APPEND] = minnow_pickle_append,
    [PICKLE_SETITEM] = minnow_pickle_append,
    [PICKLE_APPENDS] = minnow_pickle_appends,
    [PICKLE_SETITEMS] = minnow_pickle_appends,
    [PICKLE_ADDITEMS] = minnow_pickle_appends,

    [PICKLE_GLOBAL] = minnow_pickle_global,
    [PICKLE_STACK_GLOBAL] = minnow_pickle_stack_global,
    [PICKLE_REDUCE] = minnow_pickle_reduce,
    [PICKLE_BUILD] = minnow_pickle_build,
    [PICKLE_BINPERSID] = minnow_pickle_persistent,
    [PICKLE_INST] = minnow_pickle_refuse_instance,
    [PICKLE_OBJ] = minnow_pickle_refuse,
    [PICKLE_NEWOBJ] = minnow_pickle_refuse,
    [PICKLE_NEWOBJ_EX] = minnow_pickle_refuse,
    [PICKLE_EXT1] = minnow_pickle_refuse,
    [PICKLE_EXT2] = minnow_pickle_refuse,
    [PICKLE_EXT4] = minnow_pickle_refuse,
};

static enum minnow_status run_operation(struct minnow_pickle_machine *machine, uint8_t opcode) {
    minnow_pickle_operation_fn *operation = operations[opcode];
    if (operation) return operation(machine, opcode);
    return minnow_fail(machine->error, MINNOW_UNSUPPORTED, "operation 0x%02x, expected one that torch.save writes",
                       opcode);
}

static enum minnow_status run_until_stop(struct minnow_pickle_machine *machine, size_t *place) {
    const uint8_t *opcode = NULL;
    for (;;) {
        *place = machine->next;
        enum minnow_status status = minnow_pickle_bytes(machine, 1, &opcode);
        if (status || *opcode == PICKLE_STOP) return status;
        if (*place == 0 && *opcode != PICKLE_PROTO)
            return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT,
                               "begins with 0x%02x, expected a pickle of protocol 2 to 5", *opcode);
        status = run_operation(machine, *opcode);
        if (status) return status;
    }
}

static enum minnow_status take_result(struct minnow_pickle_machine *machine, struct minnow_pickle_value *value) {
    struct minnow_pickle_value *top = NULL;
    enum minnow_status status = minnow_pickle_top(machine, 1, &top);
    if (status) return status;
    *value = *top;
    if (machine->stack.count == 1) return MINNOW_OK;
    return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "leaves %zu values at its end, expected 1",
                       machine->stack.count);
}

enum minnow_status minnow_pickle_read(const struct minnow_pickle *pickle, struct minnow_pickle_value *value,
                                      size_t *used, struct minnow_error *error) {
    struct minnow_pickle_machine machine = {.pickle = pickle, .error = error};
    size_t place = 0;
    enum minnow_status status = run_until_stop(&machine, &place);
    if (!status) status = take_result(&machine, value);
    minnow_pickle_release(pickle->pool, &machine.stack);
    minnow_pickle_release(pickle->pool, &machine.memo);
    if (status) return minnow_fail_within(error, status, "%s: pickle, byte %zu", pickle->file, pickle->origin + place);
    *used = machine.next;
    return MINNOW_OK;
}

/* ---- Values ------------------------------------------------------------------------------- */

struct minnow_pickle_value minnow_pickle_integer(int64_t integer) {
    return (struct minnow_pickle_value){.kind = MINNOW_PICKLE_INTEGER, .integer = integer};
}

bool minnow_pickle_text_is(const struct minnow_pickle_value *value, const char *text) {
    return value->kind == MINNOW_PICKLE_TEXT && value->size == strlen(text) && !memcmp(value->bytes, text, value->size);
}

const struct minnow_pickle_value *minnow_pickle_get(const struct minnow_pickle_value *dict, const char *key) {
    const struct minnow_pickle_value *found = NULL;
    if (dict->kind != MINNOW_PICKLE_DICT) return NULL;
    for (size_t i = 0; i < dict->list->count; i += 2)
        if (minnow_pickle_text_is(&dict->list->items[i], key)) found = &dict->list->items[i + 1];
    return found;
}

const char *minnow_pickle_kind_name(const struct minnow_pickle_value *value) {
    static const char *const names[] = {"None",    "a bool", "an int", "an int",  "a float",   "a str", "bytes",
                                        "a tuple", "a list", "a dict", "a class", "an object", "a mark"};
    return names[value->kind];
}

struct minnow_pickle_shown minnow_pickle_show(const struct minnow_pickle_value *text) {
    struct minnow_pickle_shown shown = {""};
    size_t size = text->size < 80 ? text->size : 80;
    for (size_t i = 0; i < size; i++)
        shown.text[i] = (char)(text->bytes[i] >= ' ' && text->bytes[i] <= '~' ? text->bytes[i] : '?');
    if (size < text->size) memcpy(shown.text + size, "...", 3);
    return shown;
}
