#include "convert/distill/heads/joined.h"

#include <string.h>

#include "convert/distill/layers/lanes.h"

static size_t rows_of(const struct minnow_joined *joined, size_t pair) {
    return minnow_vectors_count(joined->queries, joined->pairs[pair].query) +
           minnow_vectors_count(joined->documents, joined->pairs[pair].document);
}

static void copy_part(const struct minnow_vectors *vectors, size_t text, float *out) {
    size_t count = minnow_vectors_count(vectors, text) * vectors->width;
    memcpy(out, minnow_vectors_rows(vectors, text), count * sizeof *out);
}

static void copy_pair(const struct minnow_joined *joined, size_t pair, const struct minnow_span *span, float *rows) {
    size_t width = joined->queries->width;
    copy_part(joined->queries, joined->pairs[pair].query, rows + span->first * width);
    copy_part(joined->documents, joined->pairs[pair].document, rows + (span->first + span->query) * width);
}

bool minnow_joined_begin(const struct minnow_joined *joined, struct minnow_tape *tape, struct minnow_trace *trace) {
    size_t count = 0, width = joined->queries->width;
    for (size_t i = 0; i < joined->count; i++) count += rows_of(joined, i);
    struct minnow_span *spans = minnow_tape_push(tape, joined->count * sizeof *spans);
    float *rows = minnow_tape_floats(tape, count * width);
    if (!spans || !rows) return false;
    uint32_t first = 0;
    for (size_t i = 0; i < joined->count; i++) {
        uint32_t all = (uint32_t)rows_of(joined, i);
        uint32_t query = (uint32_t)minnow_vectors_count(joined->queries, joined->pairs[i].query);
        spans[i] = (struct minnow_span){.first = first, .count = all, .seen = all, .query = query};
        copy_pair(joined, i, &spans[i], rows);
        first += all;
    }
    minnow_trace_begin_rows(
        trace, (struct minnow_batch){.spans = spans, .token_count = count, .text_count = joined->count}, rows, width);
    return true;
}

void minnow_joined_back(const struct minnow_joined *joined, const struct minnow_trace *trace, enum minnow_role role,
                        struct minnow_range texts) {
    const struct minnow_vectors *vectors = role == MINNOW_QUERY ? joined->queries : joined->documents;
    for (size_t i = 0; i < joined->count; i++) {
        struct minnow_span span = trace->batch.spans[i];
        size_t text = role == MINNOW_QUERY ? joined->pairs[i].query : joined->pairs[i].document;
        size_t row = span.first + (role == MINNOW_QUERY ? 0 : span.query);
        if (text < texts.first || text >= texts.end) continue;
        minnow_row_add(1, trace->gradient + row * vectors->width, minnow_vectors_count(vectors, text) * vectors->width,
                       minnow_vectors_gradient(vectors, text));
    }
}
