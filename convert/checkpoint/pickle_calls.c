#include "convert/checkpoint/pickle_machine.h"

#include <string.h>

/* A line of ASCII, its end not counted. */
static enum minnow_status read_line(struct minnow_pickle_machine *machine, struct minnow_pickle_value *line) {
    const uint8_t *bytes = machine->pickle->bytes + machine->next, *end = NULL;
    size_t left = machine->pickle->size - machine->next;
    if (left) end = memchr(bytes, '\n', left < UINT32_MAX ? left : UINT32_MAX);
    if (!end)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT,
                           "names a global without an end (is the file cut short?)");
    *line = (struct minnow_pickle_value){.kind = MINNOW_PICKLE_TEXT, .size = (uint32_t)(end - bytes), .bytes = bytes};
    machine->next += line->size + 1u;
    return MINNOW_OK;
}

static enum minnow_status find(struct minnow_pickle_machine *machine, const struct minnow_pickle_value *module,
                               const struct minnow_pickle_value *name, struct minnow_pickle_value *global) {
    const struct minnow_pickle_meanings *meanings = machine->pickle->meanings;
    return meanings->find(meanings->context, module, name, global, machine->error);
}

static enum minnow_status read_global(struct minnow_pickle_machine *machine, struct minnow_pickle_value *global) {
    struct minnow_pickle_value module, name;
    enum minnow_status status = read_line(machine, &module);
    if (!status) status = read_line(machine, &name);
    return status ? status : find(machine, &module, &name, global);
}

enum minnow_status minnow_pickle_global(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    struct minnow_pickle_value global;
    enum minnow_status status = read_global(machine, &global);
    return status ? status : minnow_pickle_push(machine, global);
}

enum minnow_status minnow_pickle_stack_global(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    struct minnow_pickle_value *names, global;
    enum minnow_status status = minnow_pickle_top(machine, 2, &names);
    if (status) return status;
    if (names[0].kind != MINNOW_PICKLE_TEXT || names[1].kind != MINNOW_PICKLE_TEXT)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "names a global by %s and %s, expected two texts",
                           minnow_pickle_kind_name(&names[0]), minnow_pickle_kind_name(&names[1]));
    status = find(machine, &names[0], &names[1], &global);
    if (!status) minnow_pickle_replace(machine, machine->stack.count - 2, global);
    return status;
}

enum minnow_status minnow_pickle_reduce(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    const struct minnow_pickle_meanings *meanings = machine->pickle->meanings;
    struct minnow_pickle_value *values, result;
    enum minnow_status status = minnow_pickle_top(machine, 2, &values);
    if (status) return status;
    if (values[0].kind != MINNOW_PICKLE_GLOBAL || values[1].kind != MINNOW_PICKLE_TUPLE)
        return minnow_fail(machine->error, MINNOW_UNSUPPORTED, "calls %s with %s, expected a function and a tuple",
                           minnow_pickle_kind_name(&values[0]), minnow_pickle_kind_name(&values[1]));
    status = meanings->call(meanings->context, &values[0], &values[1], &result, machine->error);
    if (!status) minnow_pickle_replace(machine, machine->stack.count - 2, result);
    return status;
}

enum minnow_status minnow_pickle_persistent(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    const struct minnow_pickle_meanings *meanings = machine->pickle->meanings;
    struct minnow_pickle_value *id, result;
    enum minnow_status status = minnow_pickle_top(machine, 1, &id);
    if (!status) status = meanings->load(meanings->context, id, &result, machine->error);
    if (!status) minnow_pickle_replace(machine, machine->stack.count - 1, result);
    return status;
}

/* An ordered dict may carry attributes, which torch uses for the versions of modules. They are no weights. */
enum minnow_status minnow_pickle_build(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    struct minnow_pickle_value *values;
    enum minnow_status status = minnow_pickle_top(machine, 2, &values);
    if (status) return status;
    if (values[0].kind != MINNOW_PICKLE_DICT)
        return minnow_fail(machine->error, MINNOW_UNSUPPORTED, "sets the state of %s, expected an ordered dict",
                           minnow_pickle_kind_name(&values[0]));
    machine->stack.count--;
    return MINNOW_OK;
}

/* INST names its class; knowing it changes nothing. */
enum minnow_status minnow_pickle_refuse_instance(struct minnow_pickle_machine *machine, uint8_t opcode) {
    struct minnow_pickle_value global;
    enum minnow_status status = read_global(machine, &global);
    return status ? status : minnow_pickle_refuse(machine, opcode);
}

enum minnow_status minnow_pickle_refuse(struct minnow_pickle_machine *machine, uint8_t opcode) {
    return minnow_fail(machine->error, MINNOW_UNSUPPORTED,
                       "makes a Python object (operation 0x%02x); Minnow reads tensors and plain containers only and "
                       "executes nothing; save the weights as safetensors",
                       opcode);
}
