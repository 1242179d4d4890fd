#include "convert/distill/data/teacher_vectors.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64 };

struct missing {
    struct minnow_text text;
    size_t row;
};

struct work {
    struct minnow_vector_cache *cache;
    struct minnow_session *session;
    enum minnow_role role;
    size_t count;            /* of all texts */
    struct missing *missing; /* [count], of which missing_count are */
    size_t missing_count;
    size_t dimensions;
    float *batch; /* [BATCH][dimensions] */
    float *vectors;
};

/* Sizes go before what they count, so that no two sequences share their bytes. */
static void add_bytes(SHA2_CTX *context, const void *bytes, uint64_t size) {
    uint8_t digits[8];
    for (int i = 0; i < 8; i++) digits[i] = (uint8_t)(size >> 8 * i);
    SHA256Update(context, digits, sizeof digits);
    if (size) SHA256Update(context, bytes, size);
}

static void begin_key(SHA2_CTX *context, const struct minnow_model_info *info) {
    SHA256Init(context);
    add_bytes(context, info->space, sizeof info->space);
    add_bytes(context, info->weights, strlen(info->weights));
    add_bytes(context, info->quantization, strlen(info->quantization));
}

static void add_text(SHA2_CTX *context, const struct minnow_model_info *info, enum minnow_role role,
                     struct minnow_text text) {
    const uint8_t role_byte = (uint8_t)role;
    add_bytes(context, &role_byte, sizeof role_byte);
    add_bytes(context, info->prompts[role], strlen(info->prompts[role]));
    add_bytes(context, &info->max_tokens[role], sizeof info->max_tokens[role]);
    add_bytes(context, text.bytes, text.size);
}

void minnow_teacher_vector_key(const struct minnow_model *model, enum minnow_role role, struct minnow_text text,
                               uint8_t key[MINNOW_VECTOR_KEY]) {
    struct minnow_model_info info;
    SHA2_CTX context;
    minnow_model_info(model, &info);
    begin_key(&context, &info);
    add_text(&context, &info, role, text);
    SHA256Final(key, &context);
}

void minnow_teacher_score_key(const struct minnow_model *model, struct minnow_text query, struct minnow_text document,
                              uint8_t key[MINNOW_VECTOR_KEY]) {
    struct minnow_model_info info;
    SHA2_CTX context;
    minnow_model_info(model, &info);
    begin_key(&context, &info);
    add_text(&context, &info, MINNOW_QUERY, query);
    add_text(&context, &info, MINNOW_DOCUMENT, document);
    SHA256Final(key, &context);
}

static int by_size_descending(const void *a, const void *b) {
    const struct missing *x = a, *y = b;
    if (x->text.size != y->text.size) return x->text.size > y->text.size ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void take_known(struct work *work, const struct minnow_text *texts) {
    const struct minnow_model *model = work->session->model;
    for (size_t i = 0; i < work->count; i++) {
        uint8_t key[MINNOW_VECTOR_KEY];
        const float *known = NULL;
        if (work->cache) {
            minnow_teacher_vector_key(model, work->role, texts[i], key);
            known = minnow_vector_cache_find(work->cache, key, (uint32_t)work->dimensions);
        }
        if (known)
            memcpy(work->vectors + i * work->dimensions, known, work->dimensions * sizeof *known);
        else
            work->missing[work->missing_count++] = (struct missing){texts[i], i};
    }
    qsort(work->missing, work->missing_count, sizeof *work->missing, by_size_descending);
}

static enum minnow_status keep(struct work *work, const struct missing *missing, const float *vector,
                               struct minnow_error *error) {
    uint8_t key[MINNOW_VECTOR_KEY];
    memcpy(work->vectors + missing->row * work->dimensions, vector, work->dimensions * sizeof *vector);
    if (!work->cache) return MINNOW_OK;
    minnow_teacher_vector_key(work->session->model, work->role, missing->text, key);
    return minnow_vector_cache_add(work->cache, key, vector, (uint32_t)work->dimensions, error);
}

static enum minnow_status encode_batch(struct work *work, size_t first, size_t count, struct minnow_error *error) {
    struct minnow_text texts[BATCH] = {{0}};
    for (size_t i = 0; i < count; i++) texts[i] = work->missing[first + i].text;
    enum minnow_status status = minnow_encode(work->session, work->role, texts, count, work->batch, NULL, error);
    for (size_t i = 0; !status && i < count; i++)
        status = keep(work, &work->missing[first + i], work->batch + i * work->dimensions, error);
    return status;
}

static enum minnow_status encode_missing(struct work *work, const struct minnow_progress *progress,
                                         struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (size_t first = 0, count; !status && first < work->missing_count; first += count) {
        count = work->missing_count - first < BATCH ? work->missing_count - first : BATCH;
        status = encode_batch(work, first, count, error);
        if (!status && progress->report)
            progress->report(progress->context, "encoding with the teacher", first + count, work->missing_count);
    }
    if (status || !work->cache || !work->missing_count) return status;
    return minnow_vector_cache_sync(work->cache, error);
}

enum minnow_status minnow_teacher_vectors(struct minnow_vector_cache *cache, struct minnow_session *session,
                                          enum minnow_role role, const struct minnow_text *texts, size_t count,
                                          const struct minnow_progress *progress, float *vectors,
                                          struct minnow_error *error) {
    struct work work = {.cache = cache,
                        .session = session,
                        .role = role,
                        .count = count,
                        .dimensions = session->dimensions,
                        .vectors = vectors};
    work.missing = calloc(count + 1, sizeof *work.missing);
    work.batch = malloc(BATCH * work.dimensions * sizeof *work.batch + 1);
    enum minnow_status status = MINNOW_OK;
    if (!work.missing || !work.batch) {
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "vectors of %zu texts", count);
    } else {
        take_known(&work, texts);
        status = encode_missing(&work, progress, error);
    }
    free(work.missing);
    free(work.batch);
    return status;
}
