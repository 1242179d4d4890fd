/* A model and a session, opened and closed together. */
#ifndef MINNOW_CLI_ENGINE_H
#define MINNOW_CLI_ENGINE_H

#include "minnow.h"

struct minnow_engine {
    struct minnow_model *model;
    struct minnow_session *session;
    struct minnow_model_info info; /* dimensions: those of the session */
};

/* path: NULL for the default model. isa may be NULL, threads 0. On failure nothing is left to close. */
enum minnow_status minnow_engine_open(struct minnow_engine *engine, const char *path, const char *isa, uint32_t threads,
                                      struct minnow_error *error);
/* The same in two steps: the model, then its session, whose vectors are cut to `dimensions` (0: whole). */
enum minnow_status minnow_engine_open_model(struct minnow_engine *engine, const char *path, const char *isa,
                                            struct minnow_error *error);
enum minnow_status minnow_engine_start(struct minnow_engine *engine, uint32_t threads, uint32_t dimensions,
                                       struct minnow_error *error);
/* Vectors are as long as those of the index, where they are of its space. */
enum minnow_status minnow_engine_start_for(struct minnow_engine *engine, uint32_t threads,
                                           const struct minnow_index *index, struct minnow_error *error);
/* A session over a model that the caller owns and closes. */
enum minnow_status minnow_engine_borrow(struct minnow_engine *engine, const struct minnow_model *model,
                                        uint32_t threads, struct minnow_error *error);
void minnow_engine_close(struct minnow_engine *engine);

/* The model alone; path: NULL for the default one. */
enum minnow_status minnow_open_model(const char *path, const char *isa, struct minnow_model **model,
                                     struct minnow_error *error);

#endif
