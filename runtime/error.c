#include "runtime/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum minnow_status minnow_fail(struct minnow_error *error, enum minnow_status status, const char *format, ...) {
    if (!error) return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

enum minnow_status minnow_fail_within(struct minnow_error *error, enum minnow_status status, const char *format, ...) {
    if (!error) return status;
    char inner[sizeof error->message];
    memcpy(inner, error->message, sizeof inner);
    inner[sizeof inner - 1] = 0;
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    error->status = status;
    if (used >= 0 && (size_t)used < sizeof error->message)
        snprintf(error->message + used, sizeof error->message - (size_t)used, ": %.490s", inner);
    return status;
}

const char *minnow_version(void) { return MINNOW_VERSION; }

const char *minnow_status_name(enum minnow_status status) {
    switch (status) {
#define MINNOW_STATUS_NAME(name, number, text) \
    case MINNOW_##name: return #name;
        MINNOW_STATUS_LIST(MINNOW_STATUS_NAME)
#undef MINNOW_STATUS_NAME
    }
    return "UNKNOWN";
}

const char *minnow_status_text(enum minnow_status status) {
    switch (status) {
#define MINNOW_STATUS_TEXT(name, number, text) \
    case MINNOW_##name: return text;
        MINNOW_STATUS_LIST(MINNOW_STATUS_TEXT)
#undef MINNOW_STATUS_TEXT
    }
    return "unknown status";
}
