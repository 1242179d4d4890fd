/* Contents to a model file. Equal contents give equal bytes. */
#ifndef MINNOW_MODEL_WRITER_H
#define MINNOW_MODEL_WRITER_H

#include "runtime/model/model.h"

/* Write the file at `path`, whole or not at all. *file_bytes (optional) is its size. The contents
 * must have passed minnow_contents_check. */
enum minnow_status minnow_file_write(const struct minnow_contents *contents, const char *path, uint64_t *file_bytes,
                                     struct minnow_error *error);

/* The same file in memory, 64-byte aligned; free(*bytes) is the caller's. */
enum minnow_status minnow_file_build(const struct minnow_contents *contents, uint8_t **bytes, size_t *size,
                                     struct minnow_error *error);

#endif
