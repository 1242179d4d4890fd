/* One line of JSONL as bytes with lengths. cJSON ends strings at NUL and turns malformed \u escapes
 * into NUL; here both are told apart, so no text is cut silently. */
#ifndef MINNOW_JSON_LINE_H
#define MINNOW_JSON_LINE_H

#include "minnow.h"

#include <cjson/cJSON.h>

struct minnow_json_line {
    cJSON *root;
    int nul; /* the byte that stands for NUL in strings of this line, or -1 */
};

/* Parse `line` (its bytes are overwritten). On failure *reason is static text. Free with
 * minnow_json_line_free. */
bool minnow_json_line_parse(char *line, size_t size, struct minnow_json_line *out, const char **reason);
void minnow_json_line_free(struct minnow_json_line *line);

/* A string of the line, NULs restored in place: call once for each item. */
struct minnow_text minnow_json_line_text(const struct minnow_json_line *line, cJSON *item);

#endif
