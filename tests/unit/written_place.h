/* A place for a checkpoint, in memory where that can be, and made anew for every test. For cmocka tests. */
#ifndef MINNOW_TESTS_WRITTEN_PLACE_H
#define MINNOW_TESTS_WRITTEN_PLACE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/error.h"

static char parent[64], path[96];
static struct minnow_error error;

static int remove_entry(const char *name, const struct stat *status, int type, struct FTW *place) {
    (void)status, (void)type, (void)place;
    return remove(name);
}

static int begin(void **state) {
    (void)state;
    strcpy(parent, access("/dev/shm", W_OK) ? "/tmp/minnow-written-XXXXXX" : "/dev/shm/minnow-written-XXXXXX");
    if (!mkdtemp(parent)) return 1;
    snprintf(path, sizeof path, "%s/checkpoint", parent);
    return 0;
}

static int end(void **state) {
    (void)state;
    return nftw(parent, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
