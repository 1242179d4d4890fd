#include "convert/checkpoint/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum minnow_status minnow_join_path(const char *folder, const char *name, char *path, struct minnow_error *error) {
    int used = snprintf(path, MINNOW_PATH_BYTES, "%s/%s", *folder ? folder : ".", name);
    if (used >= 0 && used < MINNOW_PATH_BYTES) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%.200s: the path of the folder is too long", name);
}

char *minnow_join_name(struct minnow_memory *memory, const char *subfolder, const char *name) {
    size_t size = strlen(subfolder) + strlen(name) + 2;
    char *joined = minnow_memory_take(memory, size);
    if (joined) snprintf(joined, size, "%s%s%s", subfolder, *subfolder ? "/" : "", name);
    return joined;
}

static enum minnow_status check_regular(const char *name, int descriptor, size_t *size, struct minnow_error *error) {
    struct stat information;
    if (fstat(descriptor, &information))
        return minnow_fail(error, MINNOW_IO, "%s: cannot be read: %s", name, strerror(errno));
    if (!S_ISREG(information.st_mode) || information.st_size < 0)
        return minnow_fail(error, MINNOW_IO, "%s: is not a regular file", name);
    *size = (size_t)information.st_size;
    return MINNOW_OK;
}

enum minnow_status minnow_open_regular(const char *folder, const char *name, int *descriptor, size_t *size,
                                       struct minnow_error *error) {
    *descriptor = -1;
    char path[MINNOW_PATH_BYTES];
    enum minnow_status status = minnow_join_path(folder, name, path, error);
    if (status) return status;
    /* Non-blocking, or a named pipe in the folder would hang the reader. */
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return MINNOW_OK;
        return minnow_fail(error, MINNOW_IO, "%s: cannot be opened: %s", name, strerror(errno));
    }
    status = check_regular(name, opened, size, error);
    if (status)
        close(opened);
    else
        *descriptor = opened;
    return status;
}

/* How many bytes came; fewer than `size` where the file ended early. */
static ssize_t read_fully(int descriptor, char *bytes, size_t size) {
    size_t filled = 0;
    while (filled < size) {
        ssize_t got = read(descriptor, bytes + filled, size - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        filled += (size_t)got;
    }
    return (ssize_t)filled;
}

static enum minnow_status read_whole(const char *name, int descriptor, size_t limit, char **bytes, size_t *size,
                                     struct minnow_error *error) {
    if (*size > limit)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: has %zu bytes, expected at most %zu", name, *size, limit);
    char *buffer = malloc(*size + 1);
    if (!buffer) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for %zu bytes", name, *size);
    ssize_t got = read_fully(descriptor, buffer, *size);
    if (got < 0) {
        free(buffer);
        return minnow_fail(error, MINNOW_IO, "%s: cannot be read: %s", name, strerror(errno));
    }
    *size = (size_t)got;
    buffer[*size] = 0;
    *bytes = buffer;
    return MINNOW_OK;
}

enum minnow_status minnow_text_file_read(const char *folder, const char *name, size_t limit, char **bytes, size_t *size,
                                         struct minnow_error *error) {
    *bytes = NULL;
    *size = 0;
    int descriptor;
    enum minnow_status status = minnow_open_regular(folder, name, &descriptor, size, error);
    if (status || descriptor < 0) return status;
    status = read_whole(name, descriptor, limit, bytes, size, error);
    close(descriptor);
    return status;
}
