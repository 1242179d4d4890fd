/* A transformer as the writer sees it: an embedding and encoder blocks that one config.json describes. */
#ifndef MINNOW_ENCODER_PARTS_H
#define MINNOW_ENCODER_PARTS_H

#include "convert/checkpoint/encoder_config.h"
#include "convert/checkpoint/writer/writing.h"

struct minnow_encoder_parts {
    enum minnow_encoder_family family; /* DistilBERT where tokens have no types */
    struct minnow_embedding embedding; /* of two factors their product */
    const struct minnow_table *word_factors; /* [vocabulary][rank]; NULL: none */
    const float *word_projection;            /* [hidden][rank] */
    const struct minnow_encoder_block **blocks;
    uint32_t block_count;
};

/* The next layers are a transformer's: an embedding with positions and a norm, or words of a first factor, a dense
 * layer that is the second, positions and a norm. */
bool minnow_encoder_is_next(const struct minnow_layer_cursor *cursor);
/* Take the embedding; then, perhaps from several routes, the blocks that follow it, which must be alike in all but
 * their weights. */
enum minnow_status minnow_encoder_take_embedding(const struct minnow_writing *writing,
                                                 struct minnow_layer_cursor *cursor,
                                                 struct minnow_encoder_parts *parts, struct minnow_error *error);
enum minnow_status minnow_encoder_take_blocks(struct minnow_layer_cursor *cursor, struct minnow_encoder_parts *parts,
                                              struct minnow_error *error);

/* "bert." or "distilbert.". */
const char *minnow_encoder_family_prefix(const struct minnow_encoder_parts *parts);
/* All its tensors as transformers names them, behind the list's prefix. */
void minnow_encoder_add_tensors(struct minnow_tensor_list *list, const struct minnow_encoder_parts *parts);
/* model.safetensors of what the list holds, and the word table's factors (factors.h) beside it. */
enum minnow_status minnow_encoder_put_weights(const struct minnow_writing *writing, const char *subfolder,
                                              const struct minnow_encoder_parts *parts,
                                              const struct minnow_tensor_list *list, struct minnow_error *error);
/* config.json of a subfolder. `ending` completes the class's name, "Model" or "ForSequenceClassification";
 * `architecture`, unless it is NULL, is the whole name of another program's class. `more`: further lines, each ended by
 * a comma, or "". */
enum minnow_status minnow_encoder_put_config(const struct minnow_writing *writing, const char *subfolder,
                                             const struct minnow_encoder_parts *parts, const char *ending,
                                             const char *architecture, const char *more, struct minnow_error *error);

#endif
