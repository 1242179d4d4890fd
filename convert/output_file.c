#include "convert/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 100 };

struct minnow_output_file {
    FILE *stream;
    char *path, *temporary;
};

static enum minnow_status fail_errno(struct minnow_error *error, const char *path, int number) {
    return minnow_fail(error, MINNOW_IO, "%s: %s", path, strerror(number));
}

/* Renaming over a device or a pipe would replace it. */
static enum minnow_status check_target(const char *path, struct minnow_error *error) {
    struct stat status;
    if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_IO, "%s: exists and is not a regular file", path);
}

/* open with O_EXCL rather than mkstemp: the mode follows the umask. Returns the fd, or -1 and errno. */
static int open_temporary(struct minnow_output_file *file, size_t room) {
    for (int i = 0; i < ATTEMPTS; i++) {
        snprintf(file->temporary, room, "%s.%ld-%d.tmp", file->path, (long)getpid(), i);
        int fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

static void release(struct minnow_output_file *file) {
    free(file->path);
    free(file->temporary);
    free(file);
}

static struct minnow_output_file *make(const char *path, size_t room) {
    struct minnow_output_file *file = calloc(1, sizeof *file);
    if (!file) return NULL;
    file->path = strdup(path);
    file->temporary = malloc(room);
    if (file->path && file->temporary) return file;
    release(file);
    return NULL;
}

enum minnow_status minnow_output_file_open(const char *path, struct minnow_output_file **file,
                                           struct minnow_error *error) {
    enum minnow_status status = check_target(path, error);
    if (status != MINNOW_OK) return status;
    size_t room = strlen(path) + 64;
    struct minnow_output_file *made = make(path, room);
    if (!made) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s", path);
    int fd = open_temporary(made, room);
    if (fd >= 0 && (made->stream = fdopen(fd, "wb"))) {
        *file = made;
        return MINNOW_OK;
    }
    status = fail_errno(error, path, errno);
    if (fd >= 0) {
        close(fd);
        unlink(made->temporary);
    }
    release(made);
    return status;
}

FILE *minnow_output_file_stream(struct minnow_output_file *file) { return file->stream; }

enum minnow_status minnow_output_file_write(struct minnow_output_file *file, const void *bytes, size_t size,
                                            struct minnow_error *error) {
    errno = 0;
    if (size == 0 || fwrite(bytes, 1, size, file->stream) == size) return MINNOW_OK;
    return fail_errno(error, file->path, errno ? errno : EIO);
}

/* File systems that cannot sync a folder say EINVAL. */
int minnow_sync_name(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder) return ENOMEM;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0) return errno == EACCES ? 0 : errno; /* a folder that one may write but not read */
    int number = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    close(fd);
    return number;
}

/* 0, or why the bytes may not all be on the disk. An error that stdio only remembered has lost its number. */
static int finish_stream(struct minnow_output_file *file) {
    int number = ferror(file->stream) ? EIO : 0;
    if (fflush(file->stream) != 0) number = errno;
    if (number == 0 && fsync(fileno(file->stream)) != 0) number = errno;
    /* Who maps it next reads it anew, and in large pages where there are such. */
    posix_fadvise(fileno(file->stream), 0, 0, POSIX_FADV_DONTNEED);
    if (fclose(file->stream) != 0 && number == 0) number = errno;
    file->stream = NULL;
    return number;
}

enum minnow_status minnow_output_file_commit(struct minnow_output_file *file, struct minnow_error *error) {
    int number = finish_stream(file);
    if (number == 0 && rename(file->temporary, file->path) != 0) number = errno;
    if (number != 0) {
        enum minnow_status status = fail_errno(error, file->path, number);
        minnow_output_file_abandon(file);
        return status;
    }
    number = minnow_sync_name(file->path);
    enum minnow_status status = number == 0 ? MINNOW_OK : fail_errno(error, file->path, number);
    release(file);
    return status;
}

void minnow_output_file_abandon(struct minnow_output_file *file) {
    if (!file) return;
    if (file->stream) fclose(file->stream);
    unlink(file->temporary);
    release(file);
}
