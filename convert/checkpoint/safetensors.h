/* One safetensors file: eight bytes of header length, a JSON header, the data. */
#ifndef MINNOW_SAFETENSORS_H
#define MINNOW_SAFETENSORS_H

#include "convert/checkpoint/tensor.h"
#include "convert/memory.h"

#define MINNOW_SAFETENSORS_HEADER_LIMIT 100000000u /* as the format's own reader has it */

/* Tensors of the file in `bytes`, sorted by name. Names and the table live in `memory`; the tensors'
 * bytes point into `bytes`, and `file`, the name for errors, is borrowed.
 *
 * Everything is checked: the header fits, shapes are whole numbers, sizes are shape times type, the
 * data of all tensors follow each other without gap or overlap and end with the file, no name comes twice. */
enum minnow_status minnow_safetensors_read(const char *file, const uint8_t *bytes, size_t size,
                                           struct minnow_memory *memory, struct minnow_tensor **tensors, size_t *count,
                                           struct minnow_error *error);

#endif
