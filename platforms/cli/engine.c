#include "platforms/cli/engine.h"

#include <string.h>

enum minnow_status minnow_open_model(const char *path, const char *isa, struct minnow_model **model,
                                     struct minnow_error *error) {
    struct minnow_model_options options = {.size = sizeof options, .isa = isa};
    return path ? minnow_model_open_path(path, &options, model, error)
                : minnow_model_open_default(&options, model, error);
}

enum minnow_status minnow_engine_borrow(struct minnow_engine *engine, const struct minnow_model *model,
                                        uint32_t threads, struct minnow_error *error) {
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    *engine = (struct minnow_engine){0};
    minnow_model_info(model, &engine->info);
    return minnow_session_create(model, &options, &engine->session, error);
}

enum minnow_status minnow_engine_open_model(struct minnow_engine *engine, const char *path, const char *isa,
                                            struct minnow_error *error) {
    struct minnow_model *model = NULL;
    *engine = (struct minnow_engine){0};
    enum minnow_status status = minnow_open_model(path, isa, &model, error);
    if (status) return status;
    engine->model = model;
    minnow_model_info(model, &engine->info);
    return MINNOW_OK;
}

enum minnow_status minnow_engine_start(struct minnow_engine *engine, uint32_t threads, uint32_t dimensions,
                                       struct minnow_error *error) {
    struct minnow_session_options options = {.size = sizeof options, .threads = threads, .dimensions = dimensions};
    if (dimensions) engine->info.dimensions = dimensions;
    return minnow_session_create(engine->model, &options, &engine->session, error);
}

enum minnow_status minnow_engine_start_for(struct minnow_engine *engine, uint32_t threads,
                                           const struct minnow_index *index, struct minnow_error *error) {
    struct minnow_index_info info;
    minnow_index_info(index, &info);
    bool same = info.similarity == engine->info.similarity &&
                memcmp(info.space, engine->info.space, sizeof info.space) == 0 &&
                info.dimensions < engine->info.dimensions;
    return minnow_engine_start(engine, threads, same ? info.dimensions : 0, error);
}

enum minnow_status minnow_engine_open(struct minnow_engine *engine, const char *path, const char *isa, uint32_t threads,
                                      struct minnow_error *error) {
    enum minnow_status status = minnow_engine_open_model(engine, path, isa, error);
    if (status) return status;
    status = minnow_engine_start(engine, threads, 0, error);
    if (status) minnow_engine_close(engine);
    return status;
}

void minnow_engine_close(struct minnow_engine *engine) {
    minnow_session_close(engine->session);
    minnow_model_close(engine->model);
    *engine = (struct minnow_engine){0};
}
