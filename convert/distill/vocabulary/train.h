/* A WordPiece vocabulary learned from texts, as Hugging Face's WordPieceTrainer learns it: special tokens, the
 * alphabet, then merges of symbols (merges.h). */
#ifndef MINNOW_VOCABULARY_TRAIN_H
#define MINNOW_VOCABULARY_TRAIN_H

#include "convert/memory.h"
#include "runtime/tokenizer/tokenizer.h"

enum { MINNOW_ALPHABET = 1000 }; /* characters at most, the most frequent; others are left out of their words */

struct minnow_vocabulary_trainer;

/* `settings`: WordPiece; its normalizer, its special and added tokens, in their order, are the new tokenizer's. It must
 * live as long as the trainer. *trainer: owned by the caller. */
enum minnow_status minnow_vocabulary_trainer_create(const struct minnow_tokenizer *settings,
                                                    struct minnow_vocabulary_trainer **trainer,
                                                    struct minnow_error *error);
/* Count a text's words; those longer than the tokenizer takes apart are left out. */
enum minnow_status minnow_vocabulary_trainer_add(struct minnow_vocabulary_trainer *trainer, struct minnow_text text,
                                                 struct minnow_error *error);
/* `size` counts special tokens and alphabet, which must fit; fewer come out where the texts have no more. Tables lie in
 * `memory`. To be called once. */
enum minnow_status minnow_vocabulary_trainer_end(struct minnow_vocabulary_trainer *trainer, uint32_t size,
                                                 struct minnow_memory *memory, struct minnow_tokenizer *tokenizer,
                                                 struct minnow_error *error);
void minnow_vocabulary_trainer_free(struct minnow_vocabulary_trainer *trainer); /* NULL is allowed */

#endif
