#include "runtime/encoding.h"

#include <math.h>
#include <string.h>

#include "runtime/tokenize.h"

enum minnow_status minnow_encode_check(const struct minnow_session *session, enum minnow_role role,
                                       const struct minnow_text *texts, size_t count, const char *function,
                                       struct minnow_error *error) {
    bool valid = session && (role == MINNOW_QUERY || role == MINNOW_DOCUMENT) && (texts || !count);
    for (size_t i = 0; i < count && valid; i++) valid = texts[i].bytes || !texts[i].size;
    if (valid) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s: session, role or texts", function);
}

static struct minnow_span take_text(void *context, size_t item, struct minnow_lane *lane, size_t at) {
    struct minnow_encoding *encoding = context;
    const struct minnow_input *input = &encoding->contents->inputs[encoding->role];
    struct minnow_tokens tokens =
        minnow_tokenize_for_role(encoding->contents, encoding->role, encoding->texts[item], lane->ids + at);
    for (uint32_t i = 0; i < tokens.count; i++) {
        lane->positions[at + i] = input->first_position + i;
        lane->types[at + i] = input->type;
    }
    if (encoding->results)
        encoding->results[item] = (struct minnow_text_result){tokens.count, tokens.truncated};
    return (struct minnow_span){.count = tokens.count, .seen = tokens.seen};
}

static void store_texts(void *context, const struct minnow_pass *pass) {
    struct minnow_encoding *encoding = context;
    encoding->store(encoding, pass);
}

enum minnow_status minnow_encoding_run(struct minnow_session *session, struct minnow_encoding *encoding,
                                       struct minnow_error *error) {
    encoding->contents = &session->model->contents;
    atomic_init(&encoding->failed, encoding->count);
    struct minnow_work work = {.session = session,
                               .route = minnow_route_of(encoding->contents, encoding->role),
                               .count = encoding->count,
                               .context = encoding,
                               .take = take_text,
                               .store = store_texts};
    minnow_work_run(&work);
    size_t failed = atomic_load(&encoding->failed);
    if (failed == encoding->count) return MINNOW_OK;
    return minnow_fail(error, MINNOW_NOT_FINITE,
                       "text %zu: what came of it holds NaN or infinity; the weights are damaged", failed);
}

void minnow_encoding_fail(struct minnow_encoding *encoding, size_t text) {
    size_t first = atomic_load(&encoding->failed);
    while (text < first && !atomic_compare_exchange_weak(&encoding->failed, &first, text)) continue;
}

bool minnow_all_finite(const float *numbers, size_t count) {
    bool all = true;
    for (size_t i = 0; i < count; i++) all &= (bool)isfinite(numbers[i]);
    return all;
}

static bool is_skipped(const struct minnow_input *input, uint32_t id) {
    size_t first = 0, end = input->skipped_count;
    while (first < end) {
        size_t middle = (first + end) / 2;
        if (input->skipped[middle] < id)
            first = middle + 1;
        else
            end = middle;
    }
    return first < input->skipped_count && input->skipped[first] == id;
}

uint32_t minnow_store_rows(const struct minnow_encoding *encoding, const struct minnow_pass *pass, size_t index,
                           float *out, size_t out_stride) {
    const struct minnow_input *input = &encoding->contents->inputs[encoding->role];
    struct minnow_span span = pass->shared->spans[index];
    size_t stride = MINNOW_PADDED(pass->width);
    uint32_t count = 0;
    for (uint32_t i = 0; i < span.count; i++)
        if (!is_skipped(input, pass->shared->ids[span.first + i]))
            memmove(out + out_stride * count++, pass->rows + (span.first + i) * stride, pass->width * sizeof *out);
    return count;
}
