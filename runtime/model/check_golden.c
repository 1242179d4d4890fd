/* The meaning of golden texts. */
#include "runtime/model/check_layers.h"

static enum minnow_status check_ids(const struct minnow_golden *golden, const struct minnow_place *place,
                                    uint32_t vocabulary, struct minnow_error *error) {
    for (uint32_t i = 0; i < golden->id_count; i++)
        if (golden->ids[i] >= vocabulary)
            return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "ids[%u] is %u, expected less than %u", i,
                                  golden->ids[i], vocabulary);
    return MINNOW_OK;
}

/* How many numbers come of a text: so many, or a multiple of it. */
static uint32_t expected_unit(const struct minnow_contents *contents, enum minnow_role role) {
    return contents->similarity == MINNOW_JOINT ? 1 : minnow_route_of(contents, role)->dimensions;
}

static enum minnow_status check_vector(const struct minnow_contents *contents, const struct minnow_golden *golden,
                                       const struct minnow_place *place, struct minnow_error *error) {
    uint32_t unit = expected_unit(contents, golden->role), size = golden->vector_size;
    bool many = contents->similarity == MINNOW_MAXSIM;
    uint64_t most = (uint64_t)unit * (many ? contents->inputs[golden->role].max_tokens : 1);
    if (size % unit != 0 || size > most || (!many && size != unit))
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "a vector of %u numbers, expected %s%u", size,
                              many ? "a multiple of " : "", unit);
    return size ? minnow_check_finite(golden->vector, size, place, "vector", error) : MINNOW_OK;
}

static enum minnow_status check_one(const struct minnow_contents *contents, const struct minnow_golden *golden,
                                    const struct minnow_place *place, struct minnow_error *error) {
    if (golden->role != MINNOW_QUERY && golden->role != MINNOW_DOCUMENT)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "role is %d, expected 0 or 1", (int)golden->role);
    uint32_t most = contents->inputs[golden->role].max_tokens;
    if ((!golden->text.bytes && golden->text.size) || (!golden->document.bytes && golden->document.size) ||
        !golden->ids)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "text or ids are missing");
    if (golden->id_count > most)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%u ids, expected at most max_tokens, %u",
                              golden->id_count, most);
    uint32_t vocabulary = minnow_tokenizer_of(contents, golden->role)->vocabulary;
    enum minnow_status status = check_ids(golden, place, vocabulary, error);
    return status == MINNOW_OK ? check_vector(contents, golden, place, error) : status;
}

enum minnow_status minnow_check_golden(const struct minnow_contents *contents, struct minnow_error *error) {
    if (contents->golden_count > MINNOW_MAX_GOLDEN || (contents->golden_count && !contents->golden))
        return minnow_fail(error, MINNOW_BAD_MODEL, "golden: %u texts, limit is %u", contents->golden_count,
                           MINNOW_MAX_GOLDEN);
    for (uint32_t i = 0; i < contents->golden_count; i++) {
        struct minnow_place place = {NULL, "golden", i};
        enum minnow_status status = check_one(contents, &contents->golden[i], &place, error);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}
