/* The layouts in which checkpoints are published. */
#ifndef MINNOW_LAYOUTS_H
#define MINNOW_LAYOUTS_H

#include "convert/checkpoint/reading.h"

/* Options that not every layout has a use for. */
enum minnow_layout_option {
    MINNOW_TAKES_POOLING = 1,
    MINNOW_TAKES_SIMILARITY = 2,
    MINNOW_TAKES_MAX_TOKENS = 4,
    MINNOW_TAKES_LENGTHS = 8, /* of queries and documents */
    MINNOW_TAKES_BASE = 16,
    MINNOW_TAKES_MASK_TOKENS = 32,
    MINNOW_TAKES_JOIN_LAYER = 64,
    MINNOW_TAKES_ROUTE = 128,
};

struct minnow_layout {
    const char *name;
    unsigned takes; /* of minnow_layout_option */
    bool (*recognizes)(const struct minnow_reading *reading); /* by what lies in the folder, not by its meaning */
    /* Fill contents: tokenizers, routes, inputs, similarity. Position tables keep all their rows. */
    enum minnow_status (*read)(struct minnow_reading *reading, struct minnow_error *error);
};

/* The first layout that recognizes the folder; the last one recognizes every folder. */
const struct minnow_layout *minnow_layout_find(const struct minnow_reading *reading);

/* An option that is given, but not taken, is an error. */
enum minnow_status minnow_layout_check_options(const struct minnow_layout *layout,
                                               const struct minnow_checkpoint_options *options,
                                               struct minnow_error *error);

/* Each layout's file says what it is. */
enum minnow_status minnow_bert_dot_read(struct minnow_reading *reading, struct minnow_error *error);
enum minnow_status minnow_bert_cat_read(struct minnow_reading *reading, struct minnow_error *error);
enum minnow_status minnow_margin_mse_colbert_read(struct minnow_reading *reading, struct minnow_error *error);
enum minnow_status minnow_prettr_read(struct minnow_reading *reading, struct minnow_error *error);
enum minnow_status minnow_stanford_colbert_read(struct minnow_reading *reading, struct minnow_error *error);
enum minnow_status minnow_lead_colbert_read(struct minnow_reading *reading, struct minnow_error *error);
enum minnow_status minnow_lead_encoder_read(struct minnow_reading *reading, struct minnow_error *error);
bool minnow_cross_encoder_recognizes(const struct minnow_reading *reading);
enum minnow_status minnow_cross_encoder_read(struct minnow_reading *reading, struct minnow_error *error);
bool minnow_model2vec_recognizes(const struct minnow_reading *reading);
enum minnow_status minnow_model2vec_read(struct minnow_reading *reading, struct minnow_error *error);
bool minnow_tk_recognizes(const struct minnow_reading *reading);
enum minnow_status minnow_tk_read_folder(struct minnow_reading *reading, struct minnow_error *error);
bool minnow_sentence_recognizes(const struct minnow_reading *reading);
enum minnow_status minnow_sentence_read(struct minnow_reading *reading, struct minnow_error *error);
enum minnow_status minnow_plain_read(struct minnow_reading *reading, struct minnow_error *error);

#endif
