#include "runtime/index/encode_parts.h"

#include "runtime/encoding.h"
#include "runtime/index/parts.h"

struct made {
    struct minnow_part *parts;
    atomic_bool no_memory;
};

/* Lanes come here for different texts at the same time: each quantizes its own. */
static void store_parts(struct minnow_encoding *encoding, const struct minnow_pass *pass) {
    struct made *made = encoding->context;
    size_t stride = MINNOW_PADDED(pass->width);
    bool pools = minnow_route_pools(minnow_route_of(encoding->contents, MINNOW_DOCUMENT));
    for (size_t i = 0; i < pass->text_count; i++) {
        size_t text = pass->shared->texts[i];
        float *rows = pass->rows + (pools ? i : pass->shared->spans[i].first) * stride;
        uint32_t count = pools ? 1 : minnow_store_rows(encoding, pass, i, rows, stride);
        enum minnow_status status = minnow_part_create(&made->parts[text], rows, stride, count, pass->width);
        if (status == MINNOW_NOT_FINITE) minnow_encoding_fail(encoding, text);
        if (status == MINNOW_OUT_OF_MEMORY) atomic_store(&made->no_memory, true);
    }
}

enum minnow_status minnow_encode_parts(struct minnow_session *session, const struct minnow_text *texts, size_t count,
                                       struct minnow_part *parts, struct minnow_text_result *results,
                                       struct minnow_error *error) {
    struct made made = {.parts = parts};
    atomic_init(&made.no_memory, false);
    struct minnow_encoding encoding = {.role = MINNOW_DOCUMENT,
                                       .texts = texts,
                                       .results = results,
                                       .count = count,
                                       .store = store_parts,
                                       .context = &made};
    enum minnow_status status = minnow_encoding_run(session, &encoding, error);
    if (status == MINNOW_OK && atomic_load(&made.no_memory))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: the vectors of %zu texts", count);
    return status;
}
