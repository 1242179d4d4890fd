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

static enum minnow_status make_one(const struct maker *maker, struct minnow_text text, enum minnow_role role,
                                   struct minnow_golden *out) {
    const struct minnow_contents *contents = &maker->model->contents;
    const struct minnow_route *route = &contents->routes[contents->route_of_role[role]];
    uint32_t *ids = minnow_memory_take(maker->memory, route->max_tokens * sizeof *ids);
    float *vector = minnow_memory_take(maker->memory, route->dimensions * sizeof *vector);
    if (!ids || !vector) return minnow_fail(maker->error, MINNOW_OUT_OF_MEMORY, "golden texts");
    bool truncated;
    uint32_t count = minnow_tokenize_for_role(contents, role, text, ids, &truncated);
    *out = (struct minnow_golden){.text = text, .role = role, .ids = ids, .id_count = count, .vector = vector};
    return minnow_encode(maker->session, role, &text, 1, vector, NULL, maker->error);
}

static enum minnow_status make_all(const struct maker *maker, struct minnow_golden *golden) {
    for (uint32_t i = 0; i < 2 * GOLDEN_TEXTS; i++) {
        const char *bytes = golden_texts[i / 2];
        enum minnow_status status =
            make_one(maker, (struct minnow_text){bytes, strlen(bytes)}, (enum minnow_role)(i % 2), &golden[i]);
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
