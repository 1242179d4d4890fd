/* Documents of many vectors in memory, for MaxSim: a copy of the parts table that follows what connections commit. */
#ifndef MINNOW_INDEX_TOKENS_H
#define MINNOW_INDEX_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"
#include "runtime/error.h"

struct minnow_index;

/* `stored` is the sequence number of the transaction that wrote the part, `loaded` of the one whose part is in
 * memory (-1: none). */
struct minnow_document_tokens {
    int64_t document, stored, loaded;
    uint32_t rows;
    uint8_t *memory; /* NULL where there are no rows */
};

struct minnow_tokens {
    struct minnow_document_tokens *documents; /* ascending by number */
    size_t count;
    float *scores;              /* [count]: of a search under way */
    struct minnow_hit *guesses; /* [count]: of an approximate one */
    int64_t version; /* SQLite's data_version that `documents` describes; -1: unknown */
    bool complete;   /* every part is loaded */
};

/* One document's rows as kernels read them. */
struct minnow_token_rows {
    const uint8_t *signs; /* minnow_pack_signs */
    const struct minnow_row_quantization *quantization;
    const int8_t *codes;  /* stride MINNOW_PADDED(dimensions), flipped as the kernels' gemm_s8 wants it */
    size_t bytes;         /* of all, one behind the other from `signs` on */
};
struct minnow_token_rows minnow_token_rows(const struct minnow_document_tokens *tokens, size_t dimensions);

void minnow_tokens_free(struct minnow_tokens *tokens);
/* Memory stays; which parts there are is asked again. */
void minnow_tokens_forget(struct minnow_tokens *tokens);
/* Load every part, in a transaction of its own unless there is one. Allocates nothing if nothing changed. */
enum minnow_status minnow_tokens_complete(struct minnow_index *index, struct minnow_error *error);
/* NULL: not there. */
const struct minnow_document_tokens *minnow_tokens_find(const struct minnow_tokens *tokens, int64_t document);

#endif
