/* A model and a session, opened and closed together. */
#ifndef MINNOW_CLI_ENGINE_H
#define MINNOW_CLI_ENGINE_H

#include "minnow.h"

struct minnow_engine {
    struct minnow_model *model;
    struct minnow_session *session;
    struct minnow_model_info info;
};

/* isa may be NULL, threads 0. On failure nothing is left to close. */
enum minnow_status minnow_engine_open(struct minnow_engine *engine, const char *path, const char *isa, uint32_t threads,
                                      struct minnow_error *error);
/* A session over a model that the caller owns and closes. */
enum minnow_status minnow_engine_borrow(struct minnow_engine *engine, const struct minnow_model *model,
                                        uint32_t threads, struct minnow_error *error);
void minnow_engine_close(struct minnow_engine *engine);

/* The model alone. */
enum minnow_status minnow_open_model(const char *path, const char *isa, struct minnow_model **model,
                                     struct minnow_error *error);

/* True if there is a model; else says how to name one, and the command ends with MINNOW_EXIT_USAGE. */
bool minnow_has_model(const char *command, const char *path);

#endif
