/* Bytes of a file in memory. What the platform does about it is in mapping.c alone. Internal. */
#ifndef MINNOW_MAPPING_H
#define MINNOW_MAPPING_H

#include "runtime/error.h"

struct minnow_mapping {
    const uint8_t *bytes;
    size_t size;
    void *address; /* what was mapped: begins on a page, at or before `bytes` */
    size_t address_size;
};

/* A whole file; it must be a regular one. */
enum minnow_status minnow_mapping_open_path(const char *path, struct minnow_mapping *mapping,
                                            struct minnow_error *error);
/* `size` bytes from `offset`; the fd may be closed afterwards. */
enum minnow_status minnow_mapping_open_fd(int fd, uint64_t offset, uint64_t size, struct minnow_mapping *mapping,
                                          struct minnow_error *error);
void minnow_mapping_close(void *address, size_t address_size); /* NULL is allowed */

#endif
