/* A file that appears whole or not at all: written beside its target, synced, then renamed. */
#ifndef MINNOW_OUTPUT_FILE_H
#define MINNOW_OUTPUT_FILE_H

#include <stdio.h>

#include "runtime/error.h"

struct minnow_output_file;

enum minnow_status minnow_output_file_open(const char *path, struct minnow_output_file **file,
                                           struct minnow_error *error);
/* To write through stdio; what fails there is found by commit. */
FILE *minnow_output_file_stream(struct minnow_output_file *file);
enum minnow_status minnow_output_file_write(struct minnow_output_file *file, const void *bytes, size_t size,
                                            struct minnow_error *error);
/* Both end the file: commit puts it in its place, or on failure abandons it; abandon removes what
 * was written and leaves what was at the path before. NULL may be abandoned. */
enum minnow_status minnow_output_file_commit(struct minnow_output_file *file, struct minnow_error *error);
void minnow_output_file_abandon(struct minnow_output_file *file);

/* Sync the folder that holds `path`, so that a new name there outlives a power cut. Returns 0 or an errno. */
int minnow_sync_name(const char *path);

#endif
