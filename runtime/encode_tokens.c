/* Texts to vectors, one a token. */
#include "runtime/encoding.h"

struct token_vectors {
    float *out;
    uint32_t *counts;
    size_t room; /* vectors a text */
};

static void store_tokens(struct minnow_encoding *encoding, const struct minnow_pass *pass) {
    const struct token_vectors *vectors = encoding->context;
    for (size_t i = 0; i < pass->text_count; i++) {
        size_t text = pass->shared->texts[i];
        float *out = vectors->out + text * vectors->room * pass->width;
        uint32_t count = minnow_store_rows(encoding, pass, i, out, pass->width);
        if (!minnow_all_finite(out, count * pass->width)) minnow_encoding_fail(encoding, text);
        vectors->counts[text] = count;
    }
}

enum minnow_status minnow_encode_tokens(struct minnow_session *session, enum minnow_role role,
                                        const struct minnow_text *texts, size_t count, float *vectors,
                                        uint32_t *vector_counts, struct minnow_text_result *results,
                                        struct minnow_error *error) {
    enum minnow_status status = minnow_encode_check(session, role, texts, count, "minnow_encode_tokens", error);
    if (status == MINNOW_OK && count && (!vectors || !vector_counts))
        status = minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_encode_tokens: vectors or vector_counts");
    if (status != MINNOW_OK) return status;
    const struct minnow_contents *contents = &session->model->contents;
    if (contents->similarity != MINNOW_MAXSIM)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "this model gives no vector a token; minnow_encode or minnow_score uses it");
    struct token_vectors out = {vectors, vector_counts, contents->inputs[role].max_tokens};
    struct minnow_encoding encoding = {
        .role = role, .texts = texts, .results = results, .count = count, .store = store_tokens, .context = &out};
    return minnow_encoding_run(session, &encoding, error);
}
