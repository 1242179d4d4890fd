#include "convert/golden.h"

#include <string.h>

#include "runtime/tokenize.h"

/* Short and long, empty, accents, other scripts, and bytes that are not UTF-8. */
static const char *const golden_texts[] = {
    "how do I find every file larger than 100 MB?",
    "",
    ("The boundary layer separates where the pressure rises along the wing; beyond that angle, lift falls and drag "
     "grows quickly. Wind-tunnel tests at several Reynolds numbers showed the same behaviour, with the separation point "
     "moving forward as the angle of attack increased."),
    "Café naïve Ångström: 東京 Москва 🐟",
    "error: cannot open '/etc/fstab' (errno 13) \xff\xfe -- retry?",
    "aspirin 500 mg; ibuprofen 200 mg, twice a day after meals",
};
enum { GOLDEN_TEXTS = sizeof golden_texts / sizeof *golden_texts };

struct maker {
    const struct minnow_model *model;
    struct minnow_session *session;
    struct minnow_memory *memory;
    struct minnow_error *error;
};

/* What `minnow verify` will compute again. */
static enum minnow_status compute(const struct maker *maker, struct minnow_golden *golden, float *numbers) {
    const struct minnow_contents *contents = &maker->model->contents;
    if (contents->similarity == MINNOW_JOINT) {
        golden->vector_size = 1;
        return minnow_score(maker->session, golden->text, &golden->document, 1, numbers, NULL, NULL, maker->error);
    }
    golden->vector_size = minnow_route_of(contents, golden->role)->dimensions;
    if (contents->similarity != MINNOW_MAXSIM)
        return minnow_encode(maker->session, golden->role, &golden->text, 1, numbers, NULL, maker->error);
    uint32_t rows = 0;
    enum minnow_status status =
        minnow_encode_tokens(maker->session, golden->role, &golden->text, 1, numbers, &rows, NULL, maker->error);
    golden->vector_size *= rows;
    return status;
}

static size_t room_for(const struct minnow_contents *contents, enum minnow_role role) {
    if (contents->similarity == MINNOW_JOINT) return 1;
    size_t dimensions = minnow_route_of(contents, role)->dimensions;
    return contents->similarity == MINNOW_MAXSIM ? dimensions * contents->inputs[role].max_tokens : dimensions;
}

static enum minnow_status make_one(const struct maker *maker, struct minnow_golden *golden) {
    const struct minnow_contents *contents = &maker->model->contents;
    enum minnow_role role = golden->role;
    uint32_t *ids = minnow_memory_take(maker->memory, contents->inputs[role].max_tokens * sizeof *ids);
    float *numbers = minnow_memory_take(maker->memory, room_for(contents, role) * sizeof *numbers);
    if (!ids || !numbers) return minnow_fail(maker->error, MINNOW_OUT_OF_MEMORY, "golden texts");
    golden->ids = ids;
    golden->vector = numbers;
    golden->id_count = minnow_tokenize_for_role(contents, role, golden->text, ids).count;
    return compute(maker, golden, numbers);
}

static struct minnow_text text_at(size_t index) {
    const char *bytes = golden_texts[index % GOLDEN_TEXTS];
    return (struct minnow_text){bytes, strlen(bytes)};
}

/* Each text in both roles; of pairs, each text as a query with the next as its document, which is one role. */
static enum minnow_status make_all(const struct maker *maker, struct minnow_golden *golden) {
    bool joint = maker->model->contents.similarity == MINNOW_JOINT;
    for (uint32_t i = 0; i < 2 * GOLDEN_TEXTS; i++) {
        golden[i] = (struct minnow_golden){.text = text_at(i / 2), .role = (enum minnow_role)(i % 2)};
        if (joint)
            golden[i] = (struct minnow_golden){
                .text = text_at(i / 2), .document = text_at(i / 2 + i % 2 + 1), .role = MINNOW_QUERY};
        enum minnow_status status = make_one(maker, &golden[i]);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}

enum minnow_status minnow_make_golden(const struct minnow_model *model, struct minnow_memory *memory,
                                      const struct minnow_golden **golden, uint32_t *count,
                                      struct minnow_error *error) {
    struct minnow_golden *made = minnow_memory_take(memory, 2 * GOLDEN_TEXTS * sizeof *made);
    if (!made) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "golden texts");
    struct maker maker = {.model = model, .memory = memory, .error = error};
    enum minnow_status status = minnow_session_create(model, NULL, &maker.session, error);
    if (status != MINNOW_OK) return status;
    status = make_all(&maker, made);
    minnow_session_close(maker.session);
    *golden = made;
    *count = 2 * GOLDEN_TEXTS;
    return status;
}
