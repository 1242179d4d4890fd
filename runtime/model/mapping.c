/* mmap (POSIX). */
#include "runtime/model/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/huge_pages.h"

static enum minnow_status fail_errno(struct minnow_error *error, const char *name) {
    return minnow_fail(error, MINNOW_IO, "%s: %s", name, strerror(errno));
}

/* mmap wants its offset on a page: map from the page below. */
static enum minnow_status map(int fd, const char *name, uint64_t offset, uint64_t size, struct minnow_mapping *mapping,
                              struct minnow_error *error) {
    uint64_t before = offset % (uint64_t)sysconf(_SC_PAGESIZE);
    if (size > SIZE_MAX / 2)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %" PRIu64 " bytes do not fit into this address space", name,
                           size);
    size_t whole = (size_t)(before + size);
    void *address = mmap(NULL, whole, PROT_READ, MAP_PRIVATE, fd, (off_t)(offset - before));
    if (address == MAP_FAILED) return fail_errno(error, name);
    minnow_ask_for_huge_pages(address, whole); /* short texts wait for the weights */
    *mapping = (struct minnow_mapping){
        .bytes = (const uint8_t *)address + before, .size = (size_t)size, .address = address, .address_size = whole};
    return MINNOW_OK;
}

/* The size of a regular file: reading past the end of a mapped file is a signal, not an error. */
static enum minnow_status regular_size(int fd, const char *name, uint64_t *size, struct minnow_error *error) {
    struct stat status;
    if (fstat(fd, &status) != 0) return fail_errno(error, name);
    if (!S_ISREG(status.st_mode)) return minnow_fail(error, MINNOW_IO, "%s: not a regular file", name);
    *size = (uint64_t)status.st_size;
    if (*size == 0) return minnow_fail(error, MINNOW_BAD_MODEL, "%s: the file is empty", name);
    return MINNOW_OK;
}

enum minnow_status minnow_mapping_open_path(const char *path, struct minnow_mapping *mapping,
                                            struct minnow_error *error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not make us wait */
    if (fd < 0) return fail_errno(error, path);
    uint64_t size;
    enum minnow_status status = regular_size(fd, path, &size, error);
    if (status == MINNOW_OK) status = map(fd, path, 0, size, mapping, error);
    close(fd);
    return status;
}

enum minnow_status minnow_mapping_open_fd(int fd, uint64_t offset, uint64_t size, struct minnow_mapping *mapping,
                                          struct minnow_error *error) {
    uint64_t file_size;
    enum minnow_status status = regular_size(fd, "fd", &file_size, error);
    if (status != MINNOW_OK) return status;
    if (size == 0 || offset > file_size || size > file_size - offset)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "fd: %" PRIu64 " bytes from offset %" PRIu64 " are asked for, the file holds %" PRIu64, size,
                           offset, file_size);
    return map(fd, "fd", offset, size, mapping, error);
}

void minnow_mapping_close(void *address, size_t address_size) {
    if (address) munmap(address, address_size);
}
