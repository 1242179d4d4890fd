/* Whether a checkpoint that was written says what it was written from. */
#ifndef MINNOW_READ_BACK_H
#define MINNOW_READ_BACK_H

#include "convert/checkpoint/writer/writing.h"

/* Open the folder and compare layers, weights, tokenizers and inputs bit by bit; of position tables only the rows that
 * texts reach are read. MINNOW_UNSUPPORTED names the first thing that the layout could not keep. */
enum minnow_status minnow_writing_read_back(const struct minnow_writing *writing, struct minnow_error *error);

#endif
