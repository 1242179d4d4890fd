/* A folder that appears whole or not at all: written beside its target, then renamed. */
#ifndef MINNOW_OUTPUT_FOLDER_H
#define MINNOW_OUTPUT_FOLDER_H

#include "runtime/error.h"

struct minnow_output_folder;

/* `mark`: the name of a file that every folder of this kind holds. What is at the path is replaced only if it is a
 * folder with such a file; anything else there is an error. */
enum minnow_status minnow_output_folder_open(const char *path, const char *mark, struct minnow_output_folder **folder,
                                             struct minnow_error *error);
/* Where to write its files, each synced when it is written (output_file.h does). Borrowed. */
const char *minnow_output_folder_path(const struct minnow_output_folder *folder);
/* Both end the folder: commit puts it in its place in one step, where the file system can (or else what was there is
 * moved aside first), and on failure abandons it; abandon removes what was written and leaves what was at the path.
 * NULL may be abandoned. A process that is killed leaves at most PATH.NUMBERS.tmp (or .old) beside the path; the
 * next writer that replaces a folder removes the former. */
enum minnow_status minnow_output_folder_commit(struct minnow_output_folder *folder, struct minnow_error *error);
void minnow_output_folder_abandon(struct minnow_output_folder *folder);

#endif
