#include "convert/checkpoint/torch_parts.h"

#include <string.h>

enum role {
    ORDERED_DICT,
    REBUILD_TENSOR,    /* (storage, offset, shape, strides, ...) */
    REBUILD_TYPED,     /* the same, with a dtype seventh */
    REBUILD_PARAMETER, /* (tensor, ...) */
    SIZE,
    STORAGE,
    DTYPE,
};

/* Tuples and keys can be named again and again in a few bytes: what looks into them stops early. */
enum { MOST_INTEGERS = 64, MOST_KEY_BYTES = 255 };

/* All that a file may name. */
static const struct global {
    const char *module, *name;
    enum role role;
    struct minnow_torch_type type; /* of STORAGE and DTYPE */
} globals[] = {
    {"collections", "OrderedDict", ORDERED_DICT, {0}},
    {"torch._utils", "_rebuild_tensor", REBUILD_TENSOR, {0}},
    {"torch._utils", "_rebuild_tensor_v2", REBUILD_TENSOR, {0}},
    {"torch._utils", "_rebuild_tensor_v3", REBUILD_TYPED, {0}},
    {"torch._utils", "_rebuild_parameter", REBUILD_PARAMETER, {0}},
    {"torch._utils", "_rebuild_parameter_with_state", REBUILD_PARAMETER, {0}},
    {"torch", "Size", SIZE, {0}},

    {"torch", "FloatStorage", STORAGE, {"F32", MINNOW_TENSOR_F32, 4}},
    {"torch", "DoubleStorage", STORAGE, {"F64", MINNOW_TENSOR_F64, 8}},
    {"torch", "HalfStorage", STORAGE, {"F16", MINNOW_TENSOR_F16, 2}},
    {"torch", "BFloat16Storage", STORAGE, {"BF16", MINNOW_TENSOR_BF16, 2}},
    {"torch", "LongStorage", STORAGE, {"I64", MINNOW_TENSOR_OTHER, 8}},
    {"torch", "IntStorage", STORAGE, {"I32", MINNOW_TENSOR_OTHER, 4}},
    {"torch", "ShortStorage", STORAGE, {"I16", MINNOW_TENSOR_OTHER, 2}},
    {"torch", "CharStorage", STORAGE, {"I8", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "ByteStorage", STORAGE, {"U8", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "BoolStorage", STORAGE, {"BOOL", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "ComplexFloatStorage", STORAGE, {"C64", MINNOW_TENSOR_OTHER, 8}},
    {"torch", "ComplexDoubleStorage", STORAGE, {"C128", MINNOW_TENSOR_OTHER, 16}},
    {"torch.storage", "UntypedStorage", STORAGE, {"U8", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "UntypedStorage", STORAGE, {"U8", MINNOW_TENSOR_OTHER, 1}},

    {"torch", "float32", DTYPE, {"F32", MINNOW_TENSOR_F32, 4}},
    {"torch", "float64", DTYPE, {"F64", MINNOW_TENSOR_F64, 8}},
    {"torch", "float16", DTYPE, {"F16", MINNOW_TENSOR_F16, 2}},
    {"torch", "bfloat16", DTYPE, {"BF16", MINNOW_TENSOR_BF16, 2}},
    {"torch", "int64", DTYPE, {"I64", MINNOW_TENSOR_OTHER, 8}},
    {"torch", "int32", DTYPE, {"I32", MINNOW_TENSOR_OTHER, 4}},
    {"torch", "int16", DTYPE, {"I16", MINNOW_TENSOR_OTHER, 2}},
    {"torch", "int8", DTYPE, {"I8", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "uint8", DTYPE, {"U8", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "uint16", DTYPE, {"U16", MINNOW_TENSOR_OTHER, 2}},
    {"torch", "uint32", DTYPE, {"U32", MINNOW_TENSOR_OTHER, 4}},
    {"torch", "uint64", DTYPE, {"U64", MINNOW_TENSOR_OTHER, 8}},
    {"torch", "bool", DTYPE, {"BOOL", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "float8_e4m3fn", DTYPE, {"F8_E4M3", MINNOW_TENSOR_OTHER, 1}},
    {"torch", "float8_e5m2", DTYPE, {"F8_E5M2", MINNOW_TENSOR_OTHER, 1}},
};

static enum minnow_status find(void *context, const struct minnow_pickle_value *module,
                               const struct minnow_pickle_value *name, struct minnow_pickle_value *found,
                               struct minnow_error *error) {
    (void)context;
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        if (!minnow_pickle_text_is(module, globals[i].module) || !minnow_pickle_text_is(name, globals[i].name))
            continue;
        *found = (struct minnow_pickle_value){.kind = MINNOW_PICKLE_GLOBAL, .object = &globals[i]};
        return MINNOW_OK;
    }
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "holds a Python object of %s.%s; Minnow reads tensors and plain containers only and executes "
                       "nothing; save the weights as safetensors",
                       minnow_pickle_show(module).text, minnow_pickle_show(name).text);
}

/* ---- Storages ----------------------------------------------------------------------------- */

static bool is_count(const struct minnow_pickle_value *value) {
    return value->kind == MINNOW_PICKLE_INTEGER && value->integer >= 0;
}

static bool is_global(const struct minnow_pickle_value *value, enum role role) {
    return value->kind == MINNOW_PICKLE_GLOBAL && ((const struct global *)value->object)->role == role;
}

/* ("storage", type, key, location, count), and in old files a view or None. */
static bool is_storage_id(const struct minnow_pickle_value *id) {
    if (id->kind != MINNOW_PICKLE_TUPLE || id->size < 5 || id->size > 6) return false;
    const struct minnow_pickle_value *items = id->items;
    return minnow_pickle_text_is(&items[0], "storage") && is_global(&items[1], STORAGE) &&
           items[2].kind == MINNOW_PICKLE_TEXT && items[2].size <= MOST_KEY_BYTES && is_count(&items[4]);
}

/* (key, offset, count) of a part of the storage. */
static bool read_part(const struct minnow_pickle_value *part, struct minnow_torch_storage *storage) {
    if (part->kind == MINNOW_PICKLE_NONE) return true;
    if (part->kind != MINNOW_PICKLE_TUPLE || part->size != 3 || !is_count(&part->items[1]) ||
        !is_count(&part->items[2]))
        return false;
    storage->first = (uint64_t)part->items[1].integer;
    storage->some = (uint64_t)part->items[2].integer;
    return storage->first <= storage->count && storage->some <= storage->count - storage->first;
}

static enum minnow_status load(void *context, const struct minnow_pickle_value *id, struct minnow_pickle_value *result,
                               struct minnow_error *error) {
    struct minnow_torch_file *file = context;
    if (!is_storage_id(id))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "loads something else than a storage, expected ('storage', type, key, location, count)");
    struct minnow_torch_storage *storage = minnow_pool_take(file->values, sizeof *storage);
    if (!storage) return minnow_pool_fail(file->values, error);
    *storage = (struct minnow_torch_storage){.next = file->storages,
                                             .key = id->items[2],
                                             .type = &((const struct global *)id->items[1].object)->type,
                                             .count = (uint64_t)id->items[4].integer,
                                             .some = (uint64_t)id->items[4].integer};
    if (id->size == 6 && !read_part(&id->items[5], storage))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "views a storage, expected (key, offset, count) within its %lld elements",
                           (long long)storage->count);
    file->storages = storage;
    file->storage_count++;
    *result =
        (struct minnow_pickle_value){.kind = MINNOW_PICKLE_OBJECT, .size = MINNOW_TORCH_STORAGE, .object = storage};
    return MINNOW_OK;
}

/* ---- Calls -------------------------------------------------------------------------------- */

static bool is_object(const struct minnow_pickle_value *value, uint32_t tag) {
    return value->kind == MINNOW_PICKLE_OBJECT && value->size == tag;
}

static bool is_integers(const struct minnow_pickle_value *value) {
    if (value->kind != MINNOW_PICKLE_TUPLE || value->size > MOST_INTEGERS) return false;
    for (uint32_t i = 0; i < value->size; i++)
        if (value->items[i].kind != MINNOW_PICKLE_INTEGER) return false;
    return true;
}

/* Metadata says that a tensor is to be read negated or conjugated. */
static bool is_empty(const struct minnow_pickle_value *value) {
    return value->kind == MINNOW_PICKLE_NONE || (value->kind == MINNOW_PICKLE_DICT && !value->list->count);
}

static bool is_view(const struct minnow_pickle_value *arguments, enum role role) {
    uint32_t plain = role == REBUILD_TYPED ? 7 : 6; /* more is metadata */
    const struct minnow_pickle_value *items = arguments->items;
    return arguments->size >= (role == REBUILD_TYPED ? 7 : 4) && arguments->size <= plain + 1 &&
           is_object(&items[0], MINNOW_TORCH_STORAGE) && items[1].kind == MINNOW_PICKLE_INTEGER &&
           is_integers(&items[2]) && is_integers(&items[3]) && items[2].size == items[3].size &&
           (role != REBUILD_TYPED || is_global(&items[6], DTYPE)) &&
           (arguments->size == plain + 1 ? is_empty(&items[plain]) : true);
}

static enum minnow_status rebuild_tensor(struct minnow_torch_file *file, const struct global *global,
                                         const struct minnow_pickle_value *arguments,
                                         struct minnow_pickle_value *result, struct minnow_error *error) {
    if (!is_view(arguments, global->role))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "calls %s with other arguments than (storage, offset, shape, strides, ...)", global->name);
    struct minnow_torch_tensor *tensor = minnow_pool_take(file->values, sizeof *tensor);
    if (!tensor) return minnow_pool_fail(file->values, error);
    const struct minnow_pickle_value *items = arguments->items;
    const struct minnow_torch_storage *storage = items[0].object;
    *tensor = (struct minnow_torch_tensor){.storage = storage,
                                           .type = storage->type,
                                           .offset = items[1].integer,
                                           .rank = items[2].size,
                                           .shape = items[2].items,
                                           .strides = items[3].items};
    if (global->role == REBUILD_TYPED) tensor->type = &((const struct global *)items[6].object)->type;
    *result = (struct minnow_pickle_value){.kind = MINNOW_PICKLE_OBJECT, .size = MINNOW_TORCH_TENSOR, .object = tensor};
    return MINNOW_OK;
}

/* One of the two items of a list or tuple. */
static const struct minnow_pickle_value *pair_items(const struct minnow_pickle_value *pair) {
    if (pair->kind == MINNOW_PICKLE_TUPLE && pair->size == 2) return pair->items;
    return pair->kind == MINNOW_PICKLE_LIST && pair->list->count == 2 ? pair->list->items : NULL;
}

/* OrderedDict(), or OrderedDict([[key, value], ...]) as Python 2 wrote it. */
static enum minnow_status make_dict(struct minnow_torch_file *file, const struct minnow_pickle_value *arguments,
                                    struct minnow_pickle_value *result, struct minnow_error *error) {
    struct minnow_pickle_list *dict = minnow_pickle_list_create(file->values);
    if (!dict) return minnow_pool_fail(file->values, error);
    *result = (struct minnow_pickle_value){.kind = MINNOW_PICKLE_DICT, .list = dict};
    if (!arguments->size) return MINNOW_OK;
    bool fits = arguments->size == 1 && arguments->items->kind == MINNOW_PICKLE_LIST;
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; fits && !status && i < arguments->items->list->count; i++) {
        const struct minnow_pickle_value *pair = pair_items(&arguments->items->list->items[i]);
        fits = pair != NULL;
        if (fits) status = minnow_pickle_list_add(file->values, dict, pair, 2, error);
    }
    return fits ? status
                : minnow_fail(error, MINNOW_BAD_CHECKPOINT, "makes an OrderedDict, expected of nothing or of pairs");
}

static enum minnow_status take_first(const struct global *global, const struct minnow_pickle_value *arguments,
                                     struct minnow_pickle_value *result, struct minnow_error *error) {
    bool fits = arguments->size > 0;
    if (fits && global->role == SIZE) fits = is_integers(arguments->items);
    if (fits && global->role == REBUILD_PARAMETER) fits = is_object(arguments->items, MINNOW_TORCH_TENSOR);
    if (!fits)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "calls %s.%s with other arguments than torch.save does",
                           global->module, global->name);
    *result = *arguments->items;
    return MINNOW_OK;
}

static enum minnow_status call(void *context, const struct minnow_pickle_value *callee,
                               const struct minnow_pickle_value *arguments, struct minnow_pickle_value *result,
                               struct minnow_error *error) {
    const struct global *global = callee->object;
    switch (global->role) {
    case ORDERED_DICT:
        return make_dict(context, arguments, result, error);
    case REBUILD_TENSOR:
    case REBUILD_TYPED:
        return rebuild_tensor(context, global, arguments, result, error);
    case REBUILD_PARAMETER:
    case SIZE:
        return take_first(global, arguments, result, error);
    default:
        return minnow_fail(error, MINNOW_UNSUPPORTED, "calls %s.%s, expected to find only its name", global->module,
                           global->name);
    }
}

struct minnow_pickle_meanings minnow_torch_meanings(struct minnow_torch_file *file) {
    return (struct minnow_pickle_meanings){.context = file, .find = find, .call = call, .load = load};
}
