#include "convert/checkpoint/pickle_machine.h"

#include <inttypes.h>
#include <string.h>

enum minnow_status minnow_pickle_constant(struct minnow_pickle_machine *machine, uint8_t opcode) {
    struct minnow_pickle_value value = {.kind = MINNOW_PICKLE_NONE};
    if (opcode != PICKLE_NONE) value.kind = MINNOW_PICKLE_BOOL;
    value.integer = opcode == PICKLE_NEWTRUE;
    return minnow_pickle_push(machine, value);
}

enum minnow_status minnow_pickle_int(struct minnow_pickle_machine *machine, uint8_t opcode) {
    uint64_t number;
    size_t width = opcode == PICKLE_BININT1 ? 1 : opcode == PICKLE_BININT2 ? 2 : 4;
    enum minnow_status status = minnow_pickle_number(machine, width, &number);
    if (status) return status;
    int64_t integer = width == 4 ? (int32_t)(uint32_t)number : (int64_t)number;
    return minnow_pickle_push(machine, minnow_pickle_integer(integer));
}

enum minnow_status minnow_pickle_float(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    const uint8_t *bytes = NULL;
    enum minnow_status status = minnow_pickle_bytes(machine, 8, &bytes);
    if (status) return status;
    uint64_t bits = 0; /* the one number that is big endian */
    for (int i = 0; i < 8; i++) bits = bits << 8 | bytes[i];
    struct minnow_pickle_value value = {.kind = MINNOW_PICKLE_FLOAT};
    memcpy(&value.number, &bits, sizeof bits);
    return minnow_pickle_push(machine, value);
}

/* Little-endian two's complement of at most 8 bytes. */
static int64_t sign_extended(const uint8_t *bytes, uint32_t size) {
    uint64_t bits = size && bytes[size - 1] & 0x80 ? UINT64_MAX : 0;
    for (uint32_t i = size; i-- > 0;) bits = bits << 8 | bytes[i];
    return (int64_t)bits;
}

enum minnow_status minnow_pickle_long(struct minnow_pickle_machine *machine, uint8_t opcode) {
    uint64_t size;
    const uint8_t *bytes = NULL;
    enum minnow_status status = minnow_pickle_number(machine, opcode == PICKLE_LONG1 ? 1 : 4, &size);
    if (!status && size > INT32_MAX)
        status = minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "an int of a negative number of bytes");
    if (!status) status = minnow_pickle_bytes(machine, size, &bytes);
    if (status) return status;
    struct minnow_pickle_value value = {.kind = MINNOW_PICKLE_LONG, .size = (uint32_t)size, .bytes = bytes};
    if (size <= 8) value = minnow_pickle_integer(sign_extended(bytes, (uint32_t)size));
    return minnow_pickle_push(machine, value);
}

/* Strings of Python 2 are texts too: its files spell tensor names with them. */
static const struct {
    uint8_t opcode, width; /* of the length that goes before */
    uint8_t kind;
} texts[] = {
    {PICKLE_SHORT_BINSTRING, 1, MINNOW_PICKLE_TEXT},  {PICKLE_BINSTRING, 4, MINNOW_PICKLE_TEXT},
    {PICKLE_SHORT_BINUNICODE, 1, MINNOW_PICKLE_TEXT}, {PICKLE_BINUNICODE, 4, MINNOW_PICKLE_TEXT},
    {PICKLE_BINUNICODE8, 8, MINNOW_PICKLE_TEXT},      {PICKLE_SHORT_BINBYTES, 1, MINNOW_PICKLE_BYTES},
    {PICKLE_BINBYTES, 4, MINNOW_PICKLE_BYTES},        {PICKLE_BINBYTES8, 8, MINNOW_PICKLE_BYTES},
    {PICKLE_BYTEARRAY8, 8, MINNOW_PICKLE_BYTES},
};

enum minnow_status minnow_pickle_text(struct minnow_pickle_machine *machine, uint8_t opcode) {
    size_t form = 0;
    while (texts[form].opcode != opcode) form++;
    uint64_t size;
    const uint8_t *bytes = NULL;
    enum minnow_status status = minnow_pickle_number(machine, texts[form].width, &size);
    if (!status && size > UINT32_MAX)
        status = minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT,
                             "a text of %" PRIu64 " bytes, expected at most %" PRIu32, size, UINT32_MAX);
    if (!status) status = minnow_pickle_bytes(machine, size, &bytes);
    if (status) return status;
    return minnow_pickle_push(
        machine, (struct minnow_pickle_value){.kind = texts[form].kind, .size = (uint32_t)size, .bytes = bytes});
}
