/* Named tensors of a checkpoint, whatever file format they came from.
 *
 * A format's reader (safetensors.h) fills a table of these; all else asks for tensors by name and
 * gets f32. */
#ifndef MINNOW_TENSOR_H
#define MINNOW_TENSOR_H

#include "runtime/error.h"

#define MINNOW_TENSOR_RANK 8 /* more dimensions than any weight has */

enum minnow_tensor_type {
    MINNOW_TENSOR_OTHER, /* known to the format, not a weight Minnow reads: I64, BOOL ... */
    MINNOW_TENSOR_F32,
    MINNOW_TENSOR_F64, /* rounded to f32 when read */
    MINNOW_TENSOR_F16,
    MINNOW_TENSOR_BF16,
};

/* Elements of `bytes` are little endian, row-major, and need not be aligned. */
struct minnow_tensor {
    const char *name;
    const char *file; /* for errors */
    const char *type_name;
    enum minnow_tensor_type type;
    uint32_t rank;
    uint64_t shape[MINNOW_TENSOR_RANK];
    const uint8_t *bytes;
    uint64_t size;
};

/* "[384,1536]" */
struct minnow_shape_text {
    char text[MINNOW_TENSOR_RANK * 21 + 3];
};
struct minnow_shape_text minnow_shape_text(const uint64_t *shape, uint32_t rank);

/* Number of elements; the readers have checked that it does not overflow. */
uint64_t minnow_tensor_count(const struct minnow_tensor *tensor);

/* Sort a table by name; a name that comes twice is an error. */
enum minnow_status minnow_tensors_sort(const char *file, struct minnow_tensor *tensors, size_t count,
                                       struct minnow_error *error);

/* All elements as f32 into out[minnow_tensor_count]. Another type, NaN and infinity are errors. */
enum minnow_status minnow_tensor_read(const struct minnow_tensor *tensor, float *out, struct minnow_error *error);

/* Signed whole numbers (I8, I16, I32, I64), which the above refuses. */
bool minnow_tensor_is_whole(const struct minnow_tensor *tensor);
/* All elements into out[minnow_tensor_count]. */
enum minnow_status minnow_tensor_read_whole(const struct minnow_tensor *tensor, int64_t *out,
                                            struct minnow_error *error);

#endif
