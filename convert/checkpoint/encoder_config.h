/* config.json of a transformer of the BERT family. */
#ifndef MINNOW_ENCODER_CONFIG_H
#define MINNOW_ENCODER_CONFIG_H

#include "convert/checkpoint/encoder_names.h"
#include "convert/memory.h"
#include "runtime/model/model.h"

struct minnow_encoder_config {
    const char *file; /* for errors */
    enum minnow_encoder_family family;
    uint32_t hidden, layers, heads, intermediate;
    uint32_t vocabulary, positions, types; /* rows of the three tables; types is 0 where there are none */
    enum minnow_activation activation;
    float epsilon;
    const uint32_t *pruned; /* [layers]: heads that a block lacks, as wide as the others; NULL: none lacks any */
};

enum minnow_status minnow_encoder_config_read(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                              struct minnow_encoder_config *config, struct minnow_error *error);

#endif
