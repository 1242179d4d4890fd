/* The texts to calibrate on: a file's, or the built-in ones. */
#ifndef MINNOW_CALIBRATION_SET_H
#define MINNOW_CALIBRATION_SET_H

#include "convert/memory.h"
#include "minnow.h"

/* At most this many are used, from the start of the file. */
#define MINNOW_CALIBRATION_LIMIT 2048

/* path NULL: the built-in texts. *texts and what it points to are taken from `memory`. */
enum minnow_status minnow_calibration_set(const char *path, struct minnow_memory *memory,
                                          const struct minnow_text **texts, size_t *count, struct minnow_error *error);

#endif
