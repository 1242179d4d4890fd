#include "convert/checkpoint/torch_parts.h"

#include <inttypes.h>
#include <string.h>

static enum minnow_status fail_view(const struct minnow_tensor *tensor, const char *what, int64_t found,
                                    const char *expected, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %.160s: %s is %" PRId64 ", expected %s", tensor->file,
                       tensor->name, what, found, expected);
}

/* Elements that the view can reach. */
static uint64_t storage_elements(const struct minnow_torch_tensor *view) {
    uint64_t bytes = view->storage->some * view->storage->type->bytes;
    return view->type == view->storage->type ? view->storage->some : bytes / view->type->bytes;
}

static enum minnow_status read_shape(const struct minnow_torch_tensor *view, struct minnow_tensor *tensor,
                                     uint64_t *count, struct minnow_error *error) {
    if (view->rank > MINNOW_TENSOR_RANK)
        return fail_view(tensor, "number of dimensions", view->rank, "at most 8", error);
    tensor->rank = view->rank;
    bool fits = true, empty = false;
    *count = 1;
    for (uint32_t i = 0; i < view->rank; i++) {
        if (view->shape[i].integer < 0)
            return fail_view(tensor, "a number in shape", view->shape[i].integer, "0 or more", error);
        tensor->shape[i] = (uint64_t)view->shape[i].integer;
        empty |= !tensor->shape[i];
        fits &= !__builtin_mul_overflow(*count, tensor->shape[i], count);
    }
    if (empty) *count = 0;
    if (fits || empty) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %.160s: shape is %s, expected less than 2^64 elements",
                       tensor->file, tensor->name, minnow_shape_text(tensor->shape, tensor->rank).text);
}

/* The last element of a view that has any must lie in the storage. */
static enum minnow_status check_reach(const struct minnow_torch_tensor *view, const struct minnow_tensor *tensor,
                                      struct minnow_error *error) {
    if (view->offset < 0) return fail_view(tensor, "storage offset", view->offset, "0 or more", error);
    uint64_t last = (uint64_t)view->offset, step, elements = storage_elements(view);
    bool fits = true;
    for (uint32_t i = 0; i < view->rank; i++) {
        if (view->strides[i].integer < 0)
            return fail_view(tensor, "a stride", view->strides[i].integer, "0 or more", error);
        fits &= !__builtin_mul_overflow(tensor->shape[i] - 1, (uint64_t)view->strides[i].integer, &step);
        fits &= !__builtin_add_overflow(last, step, &last);
    }
    if (fits && last < elements) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: %.160s: shape %s with its offset and strides reaches beyond its storage, expected to stay "
                       "within %" PRIu64 " elements",
                       tensor->file, tensor->name, minnow_shape_text(tensor->shape, tensor->rank).text, elements);
}

static bool is_row_major(const struct minnow_torch_tensor *view) {
    int64_t expected = 1;
    for (uint32_t i = view->rank; i-- > 0;) {
        if (view->shape[i].integer != 1 && view->strides[i].integer != expected) return false;
        expected *= view->shape[i].integer;
    }
    return true;
}

/* All elements of dimensions `dimension` and after, in their order; returns where the next one goes. */
static uint8_t *copy_from(const struct minnow_torch_tensor *view, uint32_t dimension, const uint8_t *from,
                          uint8_t *to) {
    size_t bytes = view->type->bytes;
    if (dimension == view->rank) {
        memcpy(to, from, bytes);
        return to + bytes;
    }
    size_t step = (size_t)view->strides[dimension].integer * bytes;
    for (int64_t i = 0; i < view->shape[dimension].integer; i++)
        to = copy_from(view, dimension + 1, from + (size_t)i * step, to);
    return to;
}

static enum minnow_status place(const struct minnow_torch_tensor *view, struct minnow_pool *lasting,
                                struct minnow_tensor *tensor, struct minnow_error *error) {
    const struct minnow_torch_storage *storage = view->storage;
    const uint8_t *begin =
        storage->bytes + storage->first * storage->type->bytes + (uint64_t)view->offset * view->type->bytes;
    tensor->bytes = begin;
    if (is_row_major(view)) return MINNOW_OK;
    uint8_t *copy = minnow_pool_take(lasting, tensor->size);
    if (!copy)
        return minnow_fail_within(error, minnow_pool_fail(lasting, error), "%s: %.160s", tensor->file, tensor->name);
    copy_from(view, 0, begin, copy);
    tensor->bytes = copy;
    return MINNOW_OK;
}

enum minnow_status minnow_torch_view(const struct minnow_torch_tensor *view, struct minnow_pool *lasting,
                                     struct minnow_tensor *tensor, struct minnow_error *error) {
    uint64_t count = 0;
    tensor->type = view->type->type;
    tensor->type_name = view->type->name;
    tensor->bytes = view->storage->bytes;
    enum minnow_status status = read_shape(view, tensor, &count, error);
    if (status || !count) return status;
    status = check_reach(view, tensor, error);
    if (status) return status;
    if (__builtin_mul_overflow(count, view->type->bytes, &tensor->size) || tensor->size > SIZE_MAX / 2)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %.160s: shape %s is too large", tensor->file,
                           tensor->name, minnow_shape_text(tensor->shape, tensor->rank).text);
    return place(view, lasting, tensor, error);
}
