/* Texts to vectors, one each. */
#include <string.h>

#include "runtime/encoding.h"

struct vectors {
    float *out;
    uint32_t dimensions; /* of each; fewer than the route's where they are cut */
};

static void store_vectors(struct minnow_encoding *encoding, const struct minnow_pass *pass) {
    const struct vectors *vectors = encoding->context;
    size_t stride = MINNOW_PADDED(pass->width), dimensions = vectors->dimensions;
    for (size_t i = 0; i < pass->text_count; i++) {
        float *row = pass->rows + i * stride;
        size_t text = pass->shared->texts[i];
        if (dimensions < pass->width && encoding->contents->similarity == MINNOW_COSINE)
            pass->kernels->normalize(row, dimensions);
        if (!minnow_all_finite(row, dimensions)) minnow_encoding_fail(encoding, text);
        memcpy(vectors->out + text * dimensions, row, dimensions * sizeof *row);
    }
}

static bool gives_vectors(const struct minnow_contents *contents) {
    return contents->similarity == MINNOW_COSINE || contents->similarity == MINNOW_DOT;
}

enum minnow_status minnow_encode(struct minnow_session *session, enum minnow_role role, const struct minnow_text *texts,
                                 size_t count, float *vectors, struct minnow_text_result *results,
                                 struct minnow_error *error) {
    enum minnow_status status = minnow_encode_check(session, role, texts, count, "minnow_encode", error);
    if (status == MINNOW_OK && count && !vectors)
        status = minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_encode: vectors");
    if (status != MINNOW_OK) return status;
    if (!gives_vectors(&session->model->contents))
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s",
                           session->model->contents.similarity == MINNOW_MAXSIM
                               ? "this model gives a vector a token; minnow_encode_tokens encodes with it"
                               : "this model scores pairs and gives no vectors; minnow_score uses it");
    struct vectors out = {vectors, session->dimensions};
    struct minnow_encoding encoding = {
        .role = role, .texts = texts, .results = results, .count = count, .store = store_vectors, .context = &out};
    return minnow_encoding_run(session, &encoding, error);
}
