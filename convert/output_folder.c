#include "convert/output_folder.h"

#include "convert/output_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 100, MOST_OPEN = 16 };

struct minnow_output_folder {
    char *path, *temporary, *aside;
    bool replaces; /* a folder of its kind */
    int lock;      /* of the temporary, as long as its writer lives; -1: none */
};

static enum minnow_status fail_errno(struct minnow_error *error, const char *path, int number) {
    return minnow_fail(error, MINNOW_IO, "%s: %s", path, strerror(number));
}

/* ---- What killed writers left ---------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status, (void)type, (void)place;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

/* 0 or an errno. What another process removes meanwhile is gone as well. */
static int remove_tree(const char *path) {
    return nftw(path, remove_entry, MOST_OPEN, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT ? 0 : errno;
}

/* -1 with errno: EWOULDBLOCK if it is another's. A process that ends gives its locks back, however it ends. */
static int lock_folder(const char *path) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    int number = errno;
    close(descriptor);
    errno = number;
    return -1;
}

/* NAME.NUMBER-NUMBER.tmp */
static bool is_temporary(const char *entry, const char *name) {
    size_t size = strlen(name);
    int end = 0;
    if (strncmp(entry, name, size) != 0 || entry[size] != '.') return false;
    return sscanf(entry + size, ".%*[0-9]-%*[0-9].tmp%n", &end) == 0 && end > 0 && !entry[size + (size_t)end];
}

static void remove_orphan(const char *path, size_t parent, const char *entry) {
    size_t room = parent + strlen(entry) + 1;
    char *whole = malloc(room);
    if (!whole) return;
    snprintf(whole, room, "%.*s%s", (int)parent, path, entry);
    int lock = lock_folder(whole);
    if (lock >= 0) {
        remove_tree(whole); /* what stays is in nobody's way */
        close(lock);
    }
    free(whole);
}

static void remove_orphans(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t parent = (size_t)(name - path);
    char *folder = parent ? strndup(path, parent) : strdup(".");
    DIR *entries = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (is_temporary(entry->d_name, name)) remove_orphan(path, parent, entry->d_name);
    if (entries) closedir(entries);
    free(folder);
}

/* ---- Making it ----------------------------------------------------------------------------- */

static void release(struct minnow_output_folder *folder) {
    if (folder->lock >= 0) close(folder->lock);
    free(folder->path);
    free(folder->temporary);
    free(folder->aside);
    free(folder);
}

static char *print_name(const char *path, int number, const char *ending) {
    size_t room = strlen(path) + 64;
    char *name = malloc(room);
    if (name) snprintf(name, room, "%s.%ld-%d%s", path, (long)getpid(), number, ending);
    return name;
}

/* Slashes at the end would name what is inside. */
static struct minnow_output_folder *make(const char *path) {
    struct minnow_output_folder *folder = calloc(1, sizeof *folder);
    if (!folder) return NULL;
    folder->lock = -1;
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/') size--;
    folder->path = strndup(path, size);
    if (folder->path) return folder;
    free(folder);
    return NULL;
}

/* A link would be replaced, not what it leads to. */
static enum minnow_status check_target(struct minnow_output_folder *folder, const char *mark,
                                       struct minnow_error *error) {
    struct stat status;
    if (lstat(folder->path, &status) != 0) return errno == ENOENT ? MINNOW_OK : fail_errno(error, folder->path, errno);
    size_t room = strlen(folder->path) + strlen(mark) + 2;
    char *marked = malloc(room);
    if (!marked) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s", folder->path);
    snprintf(marked, room, "%s/%s", folder->path, mark);
    folder->replaces = S_ISDIR(status.st_mode) && access(marked, F_OK) == 0;
    free(marked);
    if (folder->replaces) return MINNOW_OK;
    return minnow_fail(error, MINNOW_IO,
                       "%s: exists and holds no %s, so that it is not one that was written here before; name another "
                       "folder, or remove this one",
                       folder->path, mark);
}

/* False: another process took the new folder for one that a killed writer left. Where there are no locks, nobody
 * does. */
static bool hold(struct minnow_output_folder *folder) {
    struct stat locked, named;
    folder->lock = lock_folder(folder->temporary);
    if (folder->lock < 0) return errno != EWOULDBLOCK && errno != ENOENT;
    return fstat(folder->lock, &locked) == 0 && stat(folder->temporary, &named) == 0 && locked.st_ino == named.st_ino &&
           locked.st_dev == named.st_dev;
}

static enum minnow_status make_temporary(struct minnow_output_folder *folder, struct minnow_error *error) {
    for (int i = 0; i < ATTEMPTS; i++) {
        free(folder->temporary);
        free(folder->aside);
        folder->temporary = print_name(folder->path, i, ".tmp");
        folder->aside = print_name(folder->path, i, ".old");
        if (!folder->temporary || !folder->aside) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s", folder->path);
        if (mkdir(folder->temporary, 0777) == 0) {
            if (hold(folder)) return MINNOW_OK;
            if (folder->lock >= 0) close(folder->lock);
            folder->lock = -1;
        } else if (errno != EEXIST) {
            break;
        }
    }
    return fail_errno(error, folder->path, errno);
}

enum minnow_status minnow_output_folder_open(const char *path, const char *mark, struct minnow_output_folder **folder,
                                             struct minnow_error *error) {
    struct minnow_output_folder *made = make(path);
    if (!made) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s", path);
    enum minnow_status status = check_target(made, mark, error);
    if (!status && made->replaces) remove_orphans(made->path); /* with nothing there, one may be all there is */
    if (!status) status = make_temporary(made, error);
    if (status)
        release(made);
    else
        *folder = made;
    return status;
}

const char *minnow_output_folder_path(const struct minnow_output_folder *folder) { return folder->temporary; }

/* ---- Ending it ----------------------------------------------------------------------------- */

/* For file systems that cannot exchange two names: for a moment there is none at the path, but nothing is lost. */
static int move_in_steps(const struct minnow_output_folder *folder) {
    if (rename(folder->path, folder->aside) != 0) return errno;
    if (rename(folder->temporary, folder->path) == 0) return rename(folder->aside, folder->temporary) ? errno : 0;
    int number = errno;
    return rename(folder->aside, folder->path) ? errno : number;
}

/* What was at the path is at the temporary name afterwards. */
static int put_in_place(const struct minnow_output_folder *folder) {
    unsigned flags = folder->replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    if (renameat2(AT_FDCWD, folder->temporary, AT_FDCWD, folder->path, flags) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    if (folder->replaces) return move_in_steps(folder);
    return rename(folder->temporary, folder->path) ? errno : 0;
}

static int sync_inside(const struct minnow_output_folder *folder) {
    char *inside = print_name(folder->temporary, 0, "");
    if (!inside) return ENOMEM;
    snprintf(inside, strlen(folder->temporary) + 2, "%s/", folder->temporary);
    int number = minnow_sync_name(inside);
    free(inside);
    return number;
}

enum minnow_status minnow_output_folder_commit(struct minnow_output_folder *folder, struct minnow_error *error) {
    int number = sync_inside(folder);
    if (number == 0) number = put_in_place(folder);
    if (number != 0) {
        enum minnow_status status = fail_errno(error, folder->path, number);
        minnow_output_folder_abandon(folder);
        return status;
    }
    number = minnow_sync_name(folder->path);
    enum minnow_status status = number == 0 ? MINNOW_OK : fail_errno(error, folder->path, number);
    number = folder->replaces && !status ? remove_tree(folder->temporary) : 0; /* never before the new one is safe */
    if (number)
        status = minnow_fail(error, MINNOW_IO, "%s: is written, but %s, which it replaces, cannot be removed: %s",
                             folder->path, folder->temporary, strerror(number));
    release(folder);
    return status;
}

void minnow_output_folder_abandon(struct minnow_output_folder *folder) {
    if (!folder) return;
    remove_tree(folder->temporary);
    release(folder);
}
