/* JSON onto a stream. Text may be any bytes: invalid UTF-8 becomes U+FFFD, controls are escaped. */
#ifndef MINNOW_CLI_JSON_H
#define MINNOW_CLI_JSON_H

#include "minnow.h"

#include <stdio.h>

struct minnow_json {
    FILE *file;
    bool follows; /* a value precedes in the same object or array */
};

/* `key`: NULL inside arrays and at the top. */
void minnow_json_open(struct minnow_json *json, const char *key, char bracket);
void minnow_json_close(struct minnow_json *json, char bracket);
void minnow_json_text(struct minnow_json *json, const char *key, struct minnow_text text);
void minnow_json_string(struct minnow_json *json, const char *key, const char *string);
void minnow_json_whole(struct minnow_json *json, const char *key, uint64_t value);
void minnow_json_number(struct minnow_json *json, const char *key, double value); /* null where not finite */
void minnow_json_float(struct minnow_json *json, const char *key, float value);   /* every bit comes back */
void minnow_json_bool(struct minnow_json *json, const char *key, bool value);

#endif
