/* modules.json: which modules follow each other in a sentence-transformers folder. */
#ifndef MINNOW_MODULES_H
#define MINNOW_MODULES_H

#include "convert/memory.h"
#include "runtime/model/model.h"

enum minnow_module_kind {
    MINNOW_MODULE_TRANSFORMER,
    MINNOW_MODULE_POOLING,
    MINNOW_MODULE_DENSE,
    MINNOW_MODULE_NORMALIZE,
    MINNOW_MODULE_DROPOUT, /* does nothing once trained */
};

struct minnow_module {
    enum minnow_module_kind kind;
    const char *subfolder; /* "" for the folder itself */
};

struct minnow_modules {
    struct minnow_module *modules; /* a transformer, a pooling, then dense, normalize and dropout */
    uint32_t count;
};

enum minnow_status minnow_modules_read(const char *folder, struct minnow_memory *memory, struct minnow_modules *modules,
                                       struct minnow_error *error);

/* "cls", "mean" or "max". */
enum minnow_status minnow_pooling_parse(const char *name, enum minnow_pooling *mode, struct minnow_error *error);
/* Pooling's config.json. `pooling` says the mode instead of the file unless it is NULL. `width`: of a token. */
enum minnow_status minnow_pooling_read(const char *folder, const char *subfolder, const char *pooling, uint32_t width,
                                       struct minnow_memory *memory, enum minnow_pooling *mode,
                                       struct minnow_error *error);

/* Dense's config.json. */
struct minnow_dense_config {
    const char *file;
    uint32_t inputs, outputs;
    bool bias;
    enum minnow_activation activation;
};
enum minnow_status minnow_dense_config_read(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                            struct minnow_dense_config *config, struct minnow_error *error);

/* Normalize's config.json, which need not exist: only the pooled vector can be normalized. */
enum minnow_status minnow_normalize_check(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                          struct minnow_error *error);

#endif
