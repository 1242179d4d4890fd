/* The layouts in which checkpoints are written; each one's file says what it is. All but README.md and
 * minnow_checkpoint.json, for which they fill writing->told. */
#ifndef MINNOW_LAYOUT_WRITERS_H
#define MINNOW_LAYOUT_WRITERS_H

#include "convert/checkpoint/writer/writing.h"

typedef enum minnow_status minnow_layout_writer_fn(struct minnow_writing *writing, struct minnow_error *error);

minnow_layout_writer_fn minnow_sentence_write;
minnow_layout_writer_fn minnow_cross_encoder_write;
minnow_layout_writer_fn minnow_stanford_colbert_write;
minnow_layout_writer_fn minnow_margin_mse_colbert_write;
minnow_layout_writer_fn minnow_prettr_write;
minnow_layout_writer_fn minnow_tk_write;

#endif
