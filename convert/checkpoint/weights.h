/* Tensors as the structs of runtime/model: every shape is checked, every value is f32 in `memory`. */
#ifndef MINNOW_WEIGHTS_H
#define MINNOW_WEIGHTS_H

#include "convert/checkpoint/tensor_source.h"
#include "runtime/model/model.h"

#define MINNOW_WEIGHT_NAME 200 /* bytes; the names Minnow asks for are shorter */

struct minnow_weights {
    const struct minnow_tensor_source *source;
    struct minnow_memory *memory;
    const char *prefix; /* before every name */
};

/* Tensor `prefix + name`, which must have `rows` x `columns` (rows 0: a vector of `columns`). */
enum minnow_status minnow_weights_find(const struct minnow_weights *weights, const char *name, uint32_t rows,
                                       uint32_t columns, const struct minnow_tensor **tensor,
                                       struct minnow_error *error);
/* Its values in new memory. */
enum minnow_status minnow_weights_take(const struct minnow_weights *weights, const char *name, uint32_t rows,
                                       uint32_t columns, const float **out, struct minnow_error *error);
/* The same of as many rows and columns as there are. */
enum minnow_status minnow_weights_take_table(const struct minnow_weights *weights, const char *name, const float **out,
                                             uint32_t *rows, uint32_t *columns, struct minnow_error *error);
/* name.weight and, if `bias`, name.bias. */
enum minnow_status minnow_weights_linear(const struct minnow_weights *weights, const char *name, uint32_t outputs,
                                         uint32_t inputs, bool bias, struct minnow_linear *linear,
                                         struct minnow_error *error);
/* The same of as many outputs as name.weight has, with a bias where there is name.bias. */
enum minnow_status minnow_weights_linear_as_found(const struct minnow_weights *weights, const char *name,
                                                  uint32_t inputs, struct minnow_linear *linear,
                                                  struct minnow_error *error);

#endif
