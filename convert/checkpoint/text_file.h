/* Small files of a checkpoint folder, read whole. */
#ifndef MINNOW_TEXT_FILE_H
#define MINNOW_TEXT_FILE_H

#include "convert/memory.h"
#include "runtime/error.h"

#define MINNOW_PATH_BYTES 4096

/* folder + "/" + name into path[MINNOW_PATH_BYTES]; name may hold a subfolder. */
enum minnow_status minnow_join_path(const char *folder, const char *name, char *path, struct minnow_error *error);

/* subfolder + "/" + name, or name alone where subfolder is "": how errors and the functions above call
 * a file of a module. NULL: out of memory. */
char *minnow_join_name(struct minnow_memory *memory, const char *subfolder, const char *name);

/* Open a regular file for reading: *descriptor, its *size. A missing file is MINNOW_OK with *descriptor == -1. */
enum minnow_status minnow_open_regular(const char *folder, const char *name, int *descriptor, size_t *size,
                                       struct minnow_error *error);

/* Read a file of at most `limit` bytes. *bytes ends with a 0 that *size does not count and is freed with
 * free(); a missing file is MINNOW_OK with *bytes == NULL. */
enum minnow_status minnow_text_file_read(const char *folder, const char *name, size_t limit, char **bytes, size_t *size,
                                         struct minnow_error *error);

#endif
