/* Statuses with a place and a reason. Internal. */
#ifndef MINNOW_ERROR_H
#define MINNOW_ERROR_H

#include "minnow.h"

/* Fill `error` (may be NULL) and return `status`, so that a caller writes
 * `return minnow_fail(error, MINNOW_BAD_MODEL, "layers.%u: width is %u, expected %u", ...)`. */
enum minnow_status minnow_fail(struct minnow_error *error, enum minnow_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "prefix: " before the message of an error that is already filled; returns its status. */
enum minnow_status minnow_fail_within(struct minnow_error *error, enum minnow_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
