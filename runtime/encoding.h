/* Texts of a role on their way through its route. Internal: encode.c, encode_tokens.c and score.c share it. */
#ifndef MINNOW_ENCODING_H
#define MINNOW_ENCODING_H

#include <stdatomic.h>

#include "runtime/work.h"

struct minnow_encoding {
    const struct minnow_contents *contents;
    enum minnow_role role;
    const struct minnow_text *texts;
    struct minnow_text_result *results; /* or NULL */
    size_t count;
    atomic_size_t failed;               /* the first text that did not come out finite; count: none */
    void (*store)(struct minnow_encoding *encoding, const struct minnow_pass *pass);
    void *context;                      /* of `store` */
};

/* Arguments that every one of these functions checks. `function`: for the error. */
enum minnow_status minnow_encode_check(const struct minnow_session *session, enum minnow_role role,
                                       const struct minnow_text *texts, size_t count, const char *function,
                                       struct minnow_error *error);

/* Bring all texts through the role's route, which there must be, and to `store`. */
enum minnow_status minnow_encoding_run(struct minnow_session *session, struct minnow_encoding *encoding,
                                       struct minnow_error *error);

/* Remember that text `text` is not finite. */
void minnow_encoding_fail(struct minnow_encoding *encoding, size_t text);

bool minnow_all_finite(const float *numbers, size_t count);

/* Rows of text `index` of the pass that its role gives out, one behind the other with stride `out_stride`, into
 * out; returns how many. */
uint32_t minnow_store_rows(const struct minnow_encoding *encoding, const struct minnow_pass *pass, size_t index,
                           float *out, size_t out_stride);

#endif
