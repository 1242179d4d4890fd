/* How documents that were found are shown. */
#ifndef MINNOW_CLI_HITS_OUT_H
#define MINNOW_CLI_HITS_OUT_H

#include "platforms/cli/json_out.h"

struct minnow_found {
    struct minnow_text query;
    double took_ms;
    uint64_t documents; /* that were looked at */
    const struct minnow_hit *hits; /* [count], best first */
    size_t count;
    struct minnow_index *index;               /* that hits are numbers of; NULL: */
    const struct minnow_document *candidates; /* that they are places of */
};

/* A table, or one JSON object with whole titles and texts. */
enum minnow_status minnow_found_print(const struct minnow_found *found, bool as_json, struct minnow_error *error);

#endif
