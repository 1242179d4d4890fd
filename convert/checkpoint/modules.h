/* modules.json: which modules follow each other in a sentence-transformers folder. */
#ifndef MINNOW_MODULES_H
#define MINNOW_MODULES_H

#include "convert/checkpoint/json_file.h"
#include "convert/memory.h"
#include "runtime/model/model.h"

enum minnow_module_kind {
    MINNOW_MODULE_TRANSFORMER,
    MINNOW_MODULE_WORD_EMBEDDINGS,
    MINNOW_MODULE_STATIC_EMBEDDING,
    MINNOW_MODULE_LSTM,
    MINNOW_MODULE_CNN,
    MINNOW_MODULE_POOLING,
    MINNOW_MODULE_DENSE,
    MINNOW_MODULE_NORMALIZE,
    MINNOW_MODULE_DROPOUT, /* does nothing once trained */
    MINNOW_MODULE_ROUTER,  /* modules of its own for either role (router.h) */
};

struct minnow_module {
    enum minnow_module_kind kind;
    const char *subfolder; /* "" for the folder itself */
    const char *where;     /* that lists it, for errors: "modules.json: module 1" */
};

struct minnow_modules {
    struct minnow_module *modules;
    uint32_t count;
};

/* The kind that a class path names ("sentence_transformers.models.Pooling"; `type` may be anything), or an error that
 * begins with `where`. */
enum minnow_status minnow_module_find_kind(const cJSON *type, const char *where, enum minnow_module_kind *kind,
                                           struct minnow_error *error);
const char *minnow_module_name(enum minnow_module_kind kind);
/* The name of a folder right within another. */
bool minnow_module_is_subfolder(const char *path);

enum minnow_status minnow_modules_read(const char *folder, struct minnow_memory *memory, struct minnow_modules *modules,
                                       struct minnow_error *error);

/* Open a module's configuration, which must be there and an object. The file's name is in `memory`. */
enum minnow_status minnow_module_config_open(const char *folder, const char *subfolder, const char *name,
                                             struct minnow_memory *memory, struct minnow_json_file *file,
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
