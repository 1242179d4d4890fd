/* A transformer with its tokenizer, the beginning of most layouts, and the heads that follow it. */
#ifndef MINNOW_TRANSFORMER_H
#define MINNOW_TRANSFORMER_H

#include "convert/checkpoint/encoder_config.h"
#include "convert/checkpoint/reading.h"

/* A folder and one within it ("": none). */
struct minnow_place_of_files {
    const char *folder, *subfolder;
};

struct minnow_transformer {
    struct minnow_encoder_config config;
    struct minnow_tensor_source source; /* of the checkpoint; valid until minnow_transformer_close */
    struct minnow_layer_list list;      /* embedding and blocks; the reader adds what follows */
    uint32_t tokenizer;
};

/* Read config.json and the tokenizer where `config` and `tokenizer` say, and the weights of the checkpoint's folder. To
 * be closed even where it fails. */
enum minnow_status minnow_transformer_open(struct minnow_reading *reading, struct minnow_place_of_files config,
                                           struct minnow_place_of_files tokenizer,
                                           struct minnow_transformer *transformer, struct minnow_error *error);
/* All three from the checkpoint's folder. */
enum minnow_status minnow_transformer_open_whole(struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error);
/* The weights from the checkpoint's folder, config.json from its base, and the tokenizer from where there is one. */
enum minnow_status minnow_transformer_open_based(struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error);
void minnow_transformer_close(struct minnow_transformer *transformer);

/* The model that the checkpoint began as: options->base, or the folder "base" inside. The error says what would be
 * read from it. */
enum minnow_status minnow_base_find(const struct minnow_reading *reading, const char *what,
                                    struct minnow_place_of_files *base, struct minnow_error *error);
/* The checkpoint's folder where it holds a tokenizer, or else the base. */
enum minnow_status minnow_base_find_tokenizer(const struct minnow_reading *reading,
                                              struct minnow_place_of_files *place, struct minnow_error *error);

/* Add a pooling of the first token. */
enum minnow_status minnow_transformer_pool_first(const struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error);
/* Add a dense layer of as many outputs as name.weight has, with name.bias where there is one. */
enum minnow_status minnow_transformer_add_dense(const struct minnow_reading *reading,
                                                struct minnow_transformer *transformer, const char *name,
                                                enum minnow_activation activation, struct minnow_error *error);
/* Add BERT's pooler, a dense layer and tanh. */
enum minnow_status minnow_transformer_add_pooler(const struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error);
enum minnow_status minnow_transformer_normalize(const struct minnow_reading *reading,
                                                struct minnow_transformer *transformer, struct minnow_error *error);

#endif
