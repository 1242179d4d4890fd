/* What Stanford's ColBERT puts around texts. */
#ifndef MINNOW_COLBERT_STANFORD_H
#define MINNOW_COLBERT_STANFORD_H

#include "convert/checkpoint/transformer.h"

struct minnow_stanford_settings {
    const char *markers[2]; /* by role; tokens of the vocabulary */
    uint32_t lengths[2];    /* 0: as long as there are positions */
    bool attends_to_masks, skips_punctuation;
};

/* Those of the class that writes artifact.metadata, which does not say how long documents are. */
struct minnow_stanford_settings minnow_stanford_defaults(void);

/* [CLS] marker text [SEP]; queries filled up with [MASK]. */
enum minnow_status minnow_stanford_set_inputs(struct minnow_reading *reading,
                                              const struct minnow_transformer *transformer,
                                              const struct minnow_stanford_settings *settings,
                                              struct minnow_error *error);

#endif
