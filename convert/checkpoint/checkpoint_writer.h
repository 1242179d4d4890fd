/* f32 contents as a checkpoint folder that other programs open, and minnow_checkpoint_open reads back to the same bits.
 *
 * One vector a text: sentence-transformers' modules (Transformer, Pooling, Dense, Normalize; LSTM, CNN, WordEmbeddings,
 * StaticEmbedding); with a query route of its own, its Router. Pairs by a cross-encoder: Hugging Face's
 * BertForSequenceClassification. Others in the layout that their readers know (layouts.h). A word table that is a
 * product of two factors is written multiplied out, for programs that know only that, and its factors beside it. */
#ifndef MINNOW_CHECKPOINT_WRITER_H
#define MINNOW_CHECKPOINT_WRITER_H

#include "runtime/model/model.h"

struct minnow_checkpoint_card {
    const char *readme; /* README.md, whole: what the model is, its data, license, recipe and figures; NULL: none */
};

/* The folder appears whole or not at all; one that is there is replaced only if a checkpoint was written there before
 * (it holds what was written last until then), and anything else there is MINNOW_IO. What was written is opened and
 * compared before it appears: MINNOW_UNSUPPORTED names the first layer, input or tokenizer that no layout keeps. Beside
 * the layout's files lies minnow_checkpoint.json (kept_options.h). `card` may be NULL. */
enum minnow_status minnow_checkpoint_write(const char *folder, const struct minnow_contents *contents,
                                           const struct minnow_checkpoint_card *card, struct minnow_error *error);

/* All of it but the end: nothing is left there. For those who work for long before they write. */
enum minnow_status minnow_checkpoint_try(const char *folder, const struct minnow_contents *contents,
                                         struct minnow_error *error);

/* Could a folder be written there? MINNOW_IO says what is in the way; nothing is left there. */
enum minnow_status minnow_checkpoint_check_place(const char *folder, struct minnow_error *error);

#endif
