/* Weight files of torch.save: pytorch_model.bin, read without Python and without executing anything. */
#ifndef MINNOW_TORCH_FILE_H
#define MINNOW_TORCH_FILE_H

#include "convert/checkpoint/tensor.h"
#include "convert/memory.h"

/* Tensors of the file in `bytes`, sorted by name: those of its dict of names, or of the dict under "state_dict",
 * "model_state_dict" or "model" in it. Plain values beside them are left out. Both of torch.save's containers are
 * read: the zip archive (torch 1.6 and later) and the stream of pickles before it (0.1.10 and later).
 *
 * Names and the table live in `memory`; the tensors' bytes point into `bytes`, or into `memory` where they had to be
 * put in row-major order or inflated. `file`, the name for errors, is borrowed.
 *
 * A file that names anything but tensors, storages and plain containers is MINNOW_UNSUPPORTED, with that name. Sizes
 * are checked against the file before anything is allocated, and reading never needs more memory than twice the file
 * and a quarter of a megabyte. Stored entries' checksums are not compared, as torch does not either. */
enum minnow_status minnow_torch_read(const char *file, const uint8_t *bytes, size_t size, struct minnow_memory *memory,
                                     struct minnow_tensor **tensors, size_t *count, struct minnow_error *error);

#endif
