/* Modules of sentence-transformers, one behind the other, as the layers of a route. */
#ifndef MINNOW_CHAIN_H
#define MINNOW_CHAIN_H

#include "convert/checkpoint/modules.h"
#include "convert/checkpoint/reading.h"

/* What the module that begins a chain makes of a text. */
struct minnow_beginning {
    uint32_t tokenizer;
    bool bare;                /* without [CLS] and [SEP] */
    bool cuts_trailing;       /* of a text too long, [SEP] goes first */
    uint32_t told, positions; /* tokens: what the folder says (0: nothing), and what the tables have */
    const char *file;         /* that says so */
};

/* What a module has added. */
struct minnow_chain_link {
    struct minnow_module module;
    uint32_t first_layer, layer_count;
    uint32_t width_before, width;
    bool pooled;
};

struct minnow_chain {
    struct minnow_reading *reading;
    const struct minnow_chain *other; /* modules that it has too are taken from there; NULL: none */
    struct minnow_layer_list list;
    struct minnow_beginning beginning;
    bool pooled; /* a row a text comes out, not one a token */
    struct minnow_chain_link *links;
    uint32_t link_count;
};

/* Read every module of a list. `reading` and `other` are set, the rest is zero. */
enum minnow_status minnow_chain_read(struct minnow_chain *chain, const struct minnow_modules *modules,
                                     struct minnow_error *error);

/* The chain's limit for texts of a role. */
enum minnow_status minnow_chain_choose_length(const struct minnow_chain *chain, enum minnow_role role, uint32_t *length,
                                              struct minnow_error *error);

/* ---- What the modules' readers add ---------------------------------------------------------- */

/* WordEmbeddings, StaticEmbedding: the word table and what cuts texts into its rows. */
enum minnow_status minnow_words_module_read(struct minnow_chain *chain, const char *subfolder,
                                            struct minnow_error *error);
enum minnow_status minnow_static_module_read(struct minnow_chain *chain, const char *subfolder,
                                             struct minnow_error *error);
enum minnow_status minnow_lstm_module_read(struct minnow_chain *chain, const char *subfolder,
                                           struct minnow_error *error);
enum minnow_status minnow_cnn_module_read(struct minnow_chain *chain, const char *subfolder,
                                          struct minnow_error *error);

/* An embedding of words alone. `rows` is [count][width]. */
enum minnow_status minnow_chain_add_words(struct minnow_chain *chain, const float *rows, uint32_t count, uint32_t width,
                                          struct minnow_error *error);
enum minnow_status minnow_chain_add_pool(struct minnow_chain *chain, enum minnow_pooling pooling,
                                         struct minnow_error *error);

#endif
