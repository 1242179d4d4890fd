/* A small model as a file in memory. For cmocka tests. */
#ifndef MINNOW_TESTS_BUILT_MODEL_H
#define MINNOW_TESTS_BUILT_MODEL_H

#include "convert/quantize/model_writer.h"
#include "tests/unit/small_families.h"

struct built {
    struct small_model *model;
    uint8_t *bytes;
    size_t size;
};

/* Golden texts are made, and the model becomes its own. */
static inline struct built build_model(struct small_model *model) {
    struct built built = {.model = model};
    struct minnow_error error = {0};
    if (make_golden(built.model, &error) != MINNOW_OK) fail_msg("%s", error.message);
    if (minnow_file_build(&built.model->contents, &built.bytes, &built.size, &error) != MINNOW_OK)
        fail_msg("%s", error.message);
    return built;
}

static inline struct built build(enum minnow_weight_type type, uint32_t routes) {
    return build_model(small_model_make(type, routes));
}

static inline struct built build_family(enum small_family family, enum minnow_weight_type type) {
    return build_model(small_family_make(family, type));
}

static inline void release(struct built *built) {
    free(built->bytes);
    small_model_free(built->model);
}

static inline struct minnow_model *open_built(const struct built *built) {
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    if (minnow_model_open_memory(built->bytes, built->size, NULL, &model, &error) != MINNOW_OK)
        fail_msg("%s", error.message);
    return model;
}

#endif
