/* A checkpoint folder while it is read, whatever its layout: what is known, and what every layout's reader does. */
#ifndef MINNOW_READING_H
#define MINNOW_READING_H

#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/json_file.h"
#include "convert/checkpoint/tensor_source.h"

#include <sha2.h>

struct minnow_reading {
    const char *folder;
    const struct minnow_checkpoint_options *options;
    struct minnow_memory *memory;
    struct minnow_json_file config;    /* the folder's config.json; root is NULL where there is none */
    struct minnow_contents *contents;  /* a reader fills tokenizers, routes, inputs and similarity */
    struct minnow_route *routes;       /* what contents->routes points to */
    struct minnow_layer *layers[MINNOW_MAX_ROUTES]; /* of each route */
    SHA2_CTX weights;                  /* all tensor data that was opened */
};

/* ---- What a folder is told by -------------------------------------------------------------- */

bool minnow_reading_has_file(const struct minnow_reading *reading, const char *name);
/* The first of config.json's architectures is this class. */
bool minnow_reading_is_class(const struct minnow_reading *reading, const char *class_name);

/* ---- Layers -------------------------------------------------------------------------------- */

/* The layers of a route so far; all zero at the beginning. */
struct minnow_layer_list {
    struct minnow_layer *layers;
    uint32_t count, room;
    uint32_t width; /* of what comes out of the last one; the reader keeps it up to date */
};

/* One more, all zero but its kind. It may move when another is added. */
enum minnow_status minnow_reading_add_layer(const struct minnow_reading *reading, struct minnow_layer_list *list,
                                            enum minnow_layer_kind kind, struct minnow_layer **layer,
                                            struct minnow_error *error);
/* One more route of contents, *index. */
enum minnow_status minnow_reading_add_route(struct minnow_reading *reading, const struct minnow_layer_list *list,
                                            uint32_t max_tokens, uint32_t *index, struct minnow_error *error);
/* Open the weights of a subfolder ("": the folder itself) and count them among those the model is made of. */
enum minnow_status minnow_reading_open_tensors(struct minnow_reading *reading, const char *subfolder,
                                               struct minnow_tensor_source *source, struct minnow_error *error);

/* ---- Inputs -------------------------------------------------------------------------------- */

/* One more tokenizer of contents, *index, from `subfolder` of `folder`. */
enum minnow_status minnow_reading_add_tokenizer(struct minnow_reading *reading, const char *folder,
                                                const char *subfolder, uint32_t *index, struct minnow_error *error);
/* The tokenizer's ids fit a word table of `rows`, which `file` says. */
enum minnow_status minnow_reading_check_vocabulary(const struct minnow_tokenizer *tokenizer, uint32_t rows,
                                                   const char *file, struct minnow_error *error);
/* The role's texts come as [CLS] text [SEP], with the prompt of the options or else `prompt`. */
enum minnow_status minnow_reading_set_input(struct minnow_reading *reading, enum minnow_role role, uint32_t tokenizer,
                                            const char *prompt, uint32_t max_tokens, struct minnow_error *error);
/* The options' limit, or else what the folder tells (0: nothing), and at most `positions`, which `file` says. */
enum minnow_status minnow_reading_choose_max_tokens(const struct minnow_reading *reading, uint32_t told,
                                                    uint32_t positions, const char *file, uint32_t *max_tokens,
                                                    struct minnow_error *error);

enum minnow_status minnow_reading_no_memory(const struct minnow_reading *reading, struct minnow_error *error);

#endif
