/* JSON onto a stream. Text may be any bytes: invalid UTF-8 becomes U+FFFD, controls are escaped. */
#ifndef MINNOW_CLI_JSON_OUT_H
#define MINNOW_CLI_JSON_OUT_H

#include "minnow.h"

#include <stdio.h>

struct minnow_json_out {
    FILE *file;
    bool follows; /* a value precedes in the same object or array */
};

/* `key`: NULL inside arrays and at the top. */
void minnow_put_open(struct minnow_json_out *json, const char *key, char bracket);
void minnow_put_close(struct minnow_json_out *json, char bracket);
void minnow_put_text(struct minnow_json_out *json, const char *key, struct minnow_text text);
void minnow_put_string(struct minnow_json_out *json, const char *key, const char *string);
void minnow_put_whole(struct minnow_json_out *json, const char *key, uint64_t value);
void minnow_put_number(struct minnow_json_out *json, const char *key, double value); /* null where not finite */
void minnow_put_float(struct minnow_json_out *json, const char *key, float value);   /* every bit comes back */
void minnow_put_bool(struct minnow_json_out *json, const char *key, bool value);

#endif
