/* The words of a text as a tokenizer's normalizer and pre-tokenizer make them, character by character: the tokenizer is
 * run with a vocabulary of single characters. */
#ifndef MINNOW_VOCABULARY_CHARACTERS_H
#define MINNOW_VOCABULARY_CHARACTERS_H

#include "convert/memory.h"
#include "runtime/tokenizer/tokenizer.h"

/* A WordPiece tokenizer with the settings of another one, without its added tokens; its tables lie in `memory`. Its
 * tokens are read by the functions below. */
enum minnow_status minnow_characters_create(const struct minnow_tokenizer *settings, struct minnow_memory *memory,
                                            struct minnow_tokenizer *characters, struct minnow_error *error);
/* 0 for a word that is too long, or holds a character past the planes of living scripts. */
uint32_t minnow_character_of(uint32_t id);
bool minnow_character_begins_word(uint32_t id);

#endif
