/* Named f32 tensors on their way into a safetensors file. */
#ifndef MINNOW_TENSOR_LIST_H
#define MINNOW_TENSOR_LIST_H

#include "convert/memory.h"
#include "runtime/model/model.h"

struct minnow_listed_tensor {
    const char *name;
    const float *values; /* row-major; borrowed until the file is written */
    uint32_t shape[4], rank;
};

/* `memory` is set, the rest is zero. Names are prefix + name. */
struct minnow_tensor_list {
    struct minnow_memory *memory;
    const char *prefix; /* of what is added next; NULL: none */
    struct minnow_listed_tensor *tensors;
    size_t count, room;
    bool failed; /* out of memory: what was added then is not in the list, and writing it is an error */
};

/* shape: sizes other than 0, the outermost first, up to the first 0. */
void minnow_tensor_list_add(struct minnow_tensor_list *list, const char *name, const float *values,
                            const uint32_t shape[4]);
void minnow_tensor_list_add_vector(struct minnow_tensor_list *list, const char *name, const float *values,
                                   uint32_t count);
void minnow_tensor_list_add_table(struct minnow_tensor_list *list, const char *name, const struct minnow_table *table);
/* name.weight, and name.bias where there is one. */
void minnow_tensor_list_add_linear(struct minnow_tensor_list *list, const char *name,
                                   const struct minnow_linear *linear);
/* name.weight and name.bias. */
void minnow_tensor_list_add_norm(struct minnow_tensor_list *list, const char *name,
                                 const struct minnow_layer_norm *norm);

/* The format: eight bytes of header length, a JSON header, padded so that the data begin on a multiple of eight bytes,
 * the data one behind the other. The file appears whole or not at all. */
enum minnow_status minnow_tensor_list_write(const struct minnow_tensor_list *list, const char *path,
                                            struct minnow_error *error);

#endif
