/* Vectors of texts, kept in a file from run to run, found by a 32-byte key (teacher_vectors.h makes it).
 *
 * The file begins with eight bytes "MNWVEC1\n"; behind them are records: a 64-bit check over the rest of the record,
 * the number of dimensions and a zero (32 bits each), the key, the vector (f32), and zeros up to a multiple of eight,
 * all in the machine's order, which is little-endian wherever Minnow runs. Records are only ever appended. What a crash
 * left of the last ones shows in their check and is cut off when the file is opened next. One process at a time has
 * the file. */
#ifndef MINNOW_VECTOR_CACHE_H
#define MINNOW_VECTOR_CACHE_H

#include "runtime/error.h"

enum { MINNOW_VECTOR_KEY = 32 };

struct minnow_vector_cache;

/* Made if it is not there. MINNOW_BUSY while another process has it; MINNOW_BAD_INPUT: another kind of file, which is
 * left as it is. *cache: owned by the caller. */
enum minnow_status minnow_vector_cache_open(const char *path, struct minnow_vector_cache **cache,
                                            struct minnow_error *error);
void minnow_vector_cache_close(struct minnow_vector_cache *cache); /* NULL is allowed */
/* [dimensions], borrowed until the next vector is added; NULL where there is none of so many dimensions. */
const float *minnow_vector_cache_find(const struct minnow_vector_cache *cache, const uint8_t key[MINNOW_VECTOR_KEY],
                                      uint32_t dimensions);
/* A key that is there already is not added again. */
enum minnow_status minnow_vector_cache_add(struct minnow_vector_cache *cache, const uint8_t key[MINNOW_VECTOR_KEY],
                                           const float *vector, uint32_t dimensions, struct minnow_error *error);
/* So that a crash of the machine takes nothing of what was added before. */
enum minnow_status minnow_vector_cache_sync(struct minnow_vector_cache *cache, struct minnow_error *error);
uint64_t minnow_vector_cache_count(const struct minnow_vector_cache *cache);

#endif
