/* Models that see query and document as one text, [CLS] query [SEP] document [SEP]. */
#ifndef MINNOW_JOINED_H
#define MINNOW_JOINED_H

#include "convert/checkpoint/transformer.h"

/* Make the joint route of the transformer's layers, which give one number, and set both inputs. `told`: the longest
 * pair that the folder tells; 0: as long as there are positions. */
enum minnow_status minnow_joined_finish(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                        uint32_t told, struct minnow_error *error);

#endif
