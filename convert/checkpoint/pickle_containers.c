#include "convert/checkpoint/pickle_machine.h"

#include <string.h>

static bool is_list(const struct minnow_pickle_value *value) {
    return value->kind == MINNOW_PICKLE_LIST || value->kind == MINNOW_PICKLE_DICT;
}

static uint8_t depth_of(const struct minnow_pickle_value *value) {
    if (is_list(value)) return value->list->depth;
    return value->kind == MINNOW_PICKLE_TUPLE ? value->depth : 0;
}

/* Values go into a container: lists among them are finished, and *depth becomes the container's at least. */
static enum minnow_status enclose(const struct minnow_pickle_value *values, size_t count, uint8_t *depth,
                                  struct minnow_error *error) {
    for (size_t i = 0; i < count; i++) {
        uint8_t inner = depth_of(&values[i]);
        if (inner >= MINNOW_PICKLE_DEPTH)
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "containers are nested deeper than %d",
                               MINNOW_PICKLE_DEPTH);
        if (inner >= *depth) *depth = (uint8_t)(inner + 1);
        if (is_list(&values[i])) values[i].list->closed = true;
    }
    return MINNOW_OK;
}

struct minnow_pickle_list *minnow_pickle_list_create(struct minnow_pool *pool) {
    struct minnow_pickle_list *list = minnow_pool_take(pool, sizeof *list);
    if (list) list->depth = 1;
    return list;
}

static enum minnow_status reserve(struct minnow_pool *pool, struct minnow_pickle_list *list, size_t more,
                                  struct minnow_error *error) {
    if (more <= list->capacity - list->count) return MINNOW_OK;
    size_t capacity = list->count + (more > list->count ? more : list->count);
    struct minnow_pickle_value *items = minnow_pool_take(pool, capacity * sizeof *items);
    if (!items) return minnow_pool_fail(pool, error);
    if (list->count) memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->capacity = capacity;
    return MINNOW_OK;
}

enum minnow_status minnow_pickle_list_add(struct minnow_pool *pool, struct minnow_pickle_list *list,
                                          const struct minnow_pickle_value *values, size_t count,
                                          struct minnow_error *error) {
    enum minnow_status status = enclose(values, count, &list->depth, error);
    if (status) return status;
    if (list->closed)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "adds to a container that lies in another or in itself, expected one that is still open");
    status = reserve(pool, list, count, error);
    if (status) return status;
    if (count) memcpy(list->items + list->count, values, count * sizeof *values);
    list->count += count;
    return MINNOW_OK;
}

static enum minnow_status create(struct minnow_pickle_machine *machine, uint8_t kind,
                                 struct minnow_pickle_value *value) {
    *value = (struct minnow_pickle_value){.kind = kind, .list = minnow_pickle_list_create(machine->pickle->pool)};
    return value->list ? MINNOW_OK : minnow_pool_fail(machine->pickle->pool, machine->error);
}

enum minnow_status minnow_pickle_empty(struct minnow_pickle_machine *machine, uint8_t opcode) {
    struct minnow_pickle_value value;
    enum minnow_status status =
        create(machine, opcode == PICKLE_EMPTY_DICT ? MINNOW_PICKLE_DICT : MINNOW_PICKLE_LIST, &value);
    return status ? status : minnow_pickle_push(machine, value);
}

static enum minnow_status make_tuple(struct minnow_pickle_machine *machine, const struct minnow_pickle_value *values,
                                     size_t count, struct minnow_pickle_value *tuple) {
    if (count > UINT32_MAX) return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "a tuple of %zu values", count);
    struct minnow_pickle_value *items = minnow_pool_take(machine->pickle->pool, count * sizeof *items);
    if (!items) return minnow_pool_fail(machine->pickle->pool, machine->error);
    if (count) memcpy(items, values, count * sizeof *items);
    *tuple =
        (struct minnow_pickle_value){.kind = MINNOW_PICKLE_TUPLE, .depth = 1, .size = (uint32_t)count, .items = items};
    return enclose(values, count, &tuple->depth, machine->error);
}

enum minnow_status minnow_pickle_fixed_tuple(struct minnow_pickle_machine *machine, uint8_t opcode) {
    size_t count = opcode == PICKLE_EMPTY_TUPLE ? 0 : opcode - PICKLE_TUPLE1 + 1u;
    struct minnow_pickle_value *values, tuple;
    enum minnow_status status = minnow_pickle_top(machine, count, &values);
    if (!status) status = make_tuple(machine, values, count, &tuple);
    if (status) return status;
    machine->stack.count -= count;
    return minnow_pickle_push(machine, tuple);
}

static enum minnow_status check_pairs(struct minnow_pickle_machine *machine, size_t count) {
    if (count % 2 == 0) return MINNOW_OK;
    return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "%zu keys and values for a dict, expected pairs", count);
}

static enum minnow_status make_list(struct minnow_pickle_machine *machine, uint8_t kind,
                                    const struct minnow_pickle_value *values, size_t count,
                                    struct minnow_pickle_value *value) {
    enum minnow_status status = kind == MINNOW_PICKLE_DICT ? check_pairs(machine, count) : MINNOW_OK;
    if (!status) status = create(machine, kind, value);
    if (status) return status;
    return minnow_pickle_list_add(machine->pickle->pool, value->list, values, count, machine->error);
}

enum minnow_status minnow_pickle_marked(struct minnow_pickle_machine *machine, uint8_t opcode) {
    struct minnow_pickle_value *values, value;
    size_t mark, count;
    enum minnow_status status = minnow_pickle_above_mark(machine, &mark, &values, &count);
    if (status) return status;
    if (opcode == PICKLE_LIST || opcode == PICKLE_DICT)
        status =
            make_list(machine, opcode == PICKLE_DICT ? MINNOW_PICKLE_DICT : MINNOW_PICKLE_LIST, values, count, &value);
    else
        status = make_tuple(machine, values, count, &value);
    if (!status) minnow_pickle_replace(machine, mark, value);
    return status;
}

/* Values that the operation has on the stack go into the container below them. */
static enum minnow_status add_to(struct minnow_pickle_machine *machine, uint8_t kind,
                                 const struct minnow_pickle_value *target, const struct minnow_pickle_value *values,
                                 size_t count) {
    if (target->kind != kind)
        return minnow_fail(machine->error, MINNOW_UNSUPPORTED, "adds to %s, expected a list or a dict of its own kind",
                           minnow_pickle_kind_name(target));
    enum minnow_status status = kind == MINNOW_PICKLE_DICT ? check_pairs(machine, count) : MINNOW_OK;
    if (status) return status;
    return minnow_pickle_list_add(machine->pickle->pool, target->list, values, count, machine->error);
}

enum minnow_status minnow_pickle_append(struct minnow_pickle_machine *machine, uint8_t opcode) {
    size_t count = opcode == PICKLE_SETITEM ? 2 : 1;
    struct minnow_pickle_value *values;
    enum minnow_status status = minnow_pickle_top(machine, count + 1, &values);
    if (!status)
        status = add_to(machine, opcode == PICKLE_SETITEM ? MINNOW_PICKLE_DICT : MINNOW_PICKLE_LIST, values, values + 1,
                        count);
    if (!status) machine->stack.count -= count;
    return status;
}

enum minnow_status minnow_pickle_appends(struct minnow_pickle_machine *machine, uint8_t opcode) {
    struct minnow_pickle_value *values;
    size_t mark, count;
    enum minnow_status status = minnow_pickle_above_mark(machine, &mark, &values, &count);
    if (status) return status;
    if (mark == 0 || values[-2].kind == MINNOW_PICKLE_MARK)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "there is no container below the mark");
    status = add_to(machine, opcode == PICKLE_SETITEMS ? MINNOW_PICKLE_DICT : MINNOW_PICKLE_LIST, &values[-2], values,
                    count);
    if (!status) machine->stack.count = mark;
    return status;
}
