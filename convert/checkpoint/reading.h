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
/* The first of config.json's architectures; "" where there is none. */
const char *minnow_reading_class(const struct minnow_reading *reading);

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
/* The same with another reader than minnow_tokenizer_read. */
typedef enum minnow_status minnow_tokenizer_reader_fn(const char *folder, struct minnow_memory *memory,
                                                      struct minnow_tokenizer *tokenizer, struct minnow_error *error);
enum minnow_status minnow_reading_add_tokenizer_by(struct minnow_reading *reading, minnow_tokenizer_reader_fn *read,
                                                   const char *folder, const char *subfolder, uint32_t *index,
                                                   struct minnow_error *error);
/* The tokenizer's ids fit a word table of `rows`, which `file` says. */
enum minnow_status minnow_reading_check_vocabulary(const struct minnow_tokenizer *tokenizer, uint32_t rows,
                                                   const char *file, struct minnow_error *error);
/* The id of a special token that the layout asks for. */
enum minnow_status minnow_reading_find_token(const struct minnow_reading *reading, uint32_t tokenizer, const char *text,
                                             uint32_t *id, struct minnow_error *error);
/* The role's texts come as [CLS] text [SEP], with the prompt of the options or else `prompt`. */
enum minnow_status minnow_reading_set_input(struct minnow_reading *reading, enum minnow_role role, uint32_t tokenizer,
                                            const char *prompt, uint32_t max_tokens, struct minnow_error *error);
/* The role's texts come as their tokens alone. */
enum minnow_status minnow_reading_set_bare_input(struct minnow_reading *reading, enum minnow_role role,
                                                 uint32_t tokenizer, const char *prompt, uint32_t max_tokens,
                                                 struct minnow_error *error);
/* Longest text where neither folder nor tables have a limit. */
#define MINNOW_UNLIMITED_TOKENS 2048u
/* The longest text of a role: as the options say, or else as the folder tells (0: nothing), at most `most` (positions
 * that `file` says, or what is left of them). */
enum minnow_status minnow_reading_choose_length(const struct minnow_reading *reading, enum minnow_role role,
                                                uint32_t told, uint32_t most, const char *file, uint32_t *length,
                                                struct minnow_error *error);
/* Both roles have one route, long enough for the inputs of both, which are set. */
enum minnow_status minnow_reading_share_route(struct minnow_reading *reading, const struct minnow_layer_list *list,
                                              struct minnow_error *error);

enum minnow_status minnow_reading_no_memory(const struct minnow_reading *reading, struct minnow_error *error);

#endif
