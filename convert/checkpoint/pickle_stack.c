#include "convert/checkpoint/pickle_machine.h"

#include <inttypes.h>
#include <stdlib.h>

/* Stack and memo grow often and end with the reading: unlike a value's memory, what they outgrow is given back. */
static enum minnow_status grow(struct minnow_pickle_machine *machine, struct minnow_pickle_list *list, size_t count) {
    if (count <= list->capacity) return MINNOW_OK;
    struct minnow_pool *pool = machine->pickle->pool;
    size_t capacity = count > 2 * list->capacity ? count : 2 * list->capacity;
    pool->exceeded |= !minnow_allowance_charge(pool->allowance, capacity * sizeof *list->items);
    struct minnow_pickle_value *items = pool->exceeded ? NULL : realloc(list->items, capacity * sizeof *items);
    if (!items) return minnow_pool_fail(pool, machine->error);
    pool->allowance->left += list->capacity * sizeof *items;
    list->items = items;
    list->capacity = capacity;
    return MINNOW_OK;
}

void minnow_pickle_release(struct minnow_pool *pool, struct minnow_pickle_list *list) {
    pool->allowance->left += list->capacity * sizeof *list->items;
    free(list->items);
    *list = (struct minnow_pickle_list){0};
}

enum minnow_status minnow_pickle_push(struct minnow_pickle_machine *machine, struct minnow_pickle_value value) {
    enum minnow_status status = grow(machine, &machine->stack, machine->stack.count + 1);
    if (!status) machine->stack.items[machine->stack.count++] = value;
    return status;
}

/* How many values lie above the last mark, or on the whole stack where there is none. */
static size_t count_above_mark(const struct minnow_pickle_list *stack) {
    size_t place = stack->count;
    while (place > 0 && stack->items[place - 1].kind != MINNOW_PICKLE_MARK) place--;
    return stack->count - place;
}

enum minnow_status minnow_pickle_top(struct minnow_pickle_machine *machine, size_t count,
                                     struct minnow_pickle_value **values) {
    struct minnow_pickle_list *stack = &machine->stack;
    size_t found = 0;
    while (found < count && found < stack->count && stack->items[stack->count - 1 - found].kind != MINNOW_PICKLE_MARK)
        found++;
    if (found < count)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "takes %zu values off the stack, found %zu", count,
                           found);
    *values = stack->items + stack->count - count;
    return MINNOW_OK;
}

enum minnow_status minnow_pickle_above_mark(struct minnow_pickle_machine *machine, size_t *mark,
                                            struct minnow_pickle_value **values, size_t *count) {
    struct minnow_pickle_list *stack = &machine->stack;
    *count = count_above_mark(stack);
    if (*count == stack->count)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "there is no mark to go back to");
    *mark = stack->count - *count - 1;
    *values = stack->items + *mark + 1;
    return MINNOW_OK;
}

void minnow_pickle_replace(struct minnow_pickle_machine *machine, size_t from, struct minnow_pickle_value value) {
    machine->stack.items[from] = value;
    machine->stack.count = from + 1;
}

enum minnow_status minnow_pickle_mark(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    return minnow_pickle_push(machine, (struct minnow_pickle_value){.kind = MINNOW_PICKLE_MARK});
}

enum minnow_status minnow_pickle_pop(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    if (!machine->stack.count)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT, "takes 1 value off the stack, found 0");
    machine->stack.count--;
    return MINNOW_OK;
}

enum minnow_status minnow_pickle_pop_mark(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    struct minnow_pickle_value *values;
    size_t mark, count;
    enum minnow_status status = minnow_pickle_above_mark(machine, &mark, &values, &count);
    if (!status) machine->stack.count = mark;
    return status;
}

enum minnow_status minnow_pickle_duplicate(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    struct minnow_pickle_value *top = NULL;
    enum minnow_status status = minnow_pickle_top(machine, 1, &top);
    return status ? status : minnow_pickle_push(machine, *top);
}

enum minnow_status minnow_pickle_get_memo(struct minnow_pickle_machine *machine, uint8_t opcode) {
    uint64_t place;
    enum minnow_status status = minnow_pickle_number(machine, opcode == PICKLE_BINGET ? 1 : 4, &place);
    if (status) return status;
    const struct minnow_pickle_list *memo = &machine->memo;
    if (place < memo->count && memo->items[place].kind != MINNOW_PICKLE_MARK)
        return minnow_pickle_push(machine, memo->items[place]);
    return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT,
                       "takes memo %" PRIu64 ", expected one that was put there before", place);
}

/* Remember the top value at `place`; places between that nobody wrote to hold marks. */
static enum minnow_status remember(struct minnow_pickle_machine *machine, uint64_t place) {
    struct minnow_pickle_list *memo = &machine->memo;
    struct minnow_pickle_value *top = NULL;
    enum minnow_status status = minnow_pickle_top(machine, 1, &top);
    if (status) return status;
    /* Writers count from 0 or 1; each operation that remembers takes two bytes or more, or counts itself. */
    if (place > machine->pickle->size)
        return minnow_fail(machine->error, MINNOW_BAD_CHECKPOINT,
                           "puts memo %" PRIu64 ", expected at most %zu, the size of the pickle", place,
                           machine->pickle->size);
    status = grow(machine, memo, (size_t)place + 1);
    if (status) return status;
    while (memo->count <= place) memo->items[memo->count++] = (struct minnow_pickle_value){.kind = MINNOW_PICKLE_MARK};
    memo->items[place] = *top;
    return MINNOW_OK;
}

enum minnow_status minnow_pickle_put_memo(struct minnow_pickle_machine *machine, uint8_t opcode) {
    uint64_t place;
    enum minnow_status status = minnow_pickle_number(machine, opcode == PICKLE_BINPUT ? 1 : 4, &place);
    return status ? status : remember(machine, place);
}

enum minnow_status minnow_pickle_memoize(struct minnow_pickle_machine *machine, uint8_t opcode) {
    (void)opcode;
    return remember(machine, machine->memo.count);
}
