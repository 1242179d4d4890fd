/* The index below the encoder: documents in a SQLite file, and of each a vector, which lie packed in memory too, or a
 * part of many rows (parts.h). Everything here takes vectors; index.c puts the encoder before it. Internal. */
#ifndef MINNOW_STORE_H
#define MINNOW_STORE_H

#include <sqlite3.h>

#include "kernels/kernels.h"
#include "runtime/error.h"
#include "runtime/index/block.h"
#include "runtime/index/maxsim.h"
#include "runtime/index/tokens.h"
#include "runtime/parallel.h"

/* ---- Shape -------------------------------------------------------------------------------- */

/* What vectors of an index have in common. */
struct minnow_space {
    uint8_t fingerprint[32];
    uint32_t dimensions;
    enum minnow_similarity similarity;
};

/* A document has a part, rows as many as it needs, in place of a vector. */
static inline bool minnow_space_has_parts(const struct minnow_space *space) {
    return space->similarity == MINNOW_MAXSIM || space->similarity == MINNOW_JOINT;
}

/* Rows of one record of packed vectors. An update rewrites whole chunks, so they are small (25 KB
 * at 384 dimensions); a search reads them from memory, where their size does not matter. */
enum { MINNOW_CHUNK_SLOTS = 64 };

/* At most so many rows are looked at again by an approximate search. */
enum { MINNOW_CANDIDATES = 4096 };

/* Documents fill slots 0, 1, 2, ... without holes: slot s is row s % 64 of chunk s / 64. In memory
 * the vectors of many chunks lie in one block, for processors read ahead only in one piece: with
 * gaps between chunks of 25 KB a scan took four times as long. */
struct minnow_chunk {
    struct minnow_block *block; /* NULL until it is first needed */
    size_t first;               /* its first row there */
};

/* `stored` is the sequence number of the transaction that wrote the record, `loaded` of the one
 * that `memory` holds (-1: none). */
struct minnow_cached_chunk {
    struct minnow_chunk memory;
    int64_t stored, loaded;
    uint32_t rows;
    bool changed; /* in memory, by the running transaction */
};

struct minnow_cache {
    struct minnow_cached_chunk *chunks;
    size_t chunk_count, capacity;
    struct minnow_block **blocks; /* [block_capacity]; NULL where none is needed yet */
    size_t block_capacity, block_chunks;
    int64_t version; /* SQLite's data_version that `chunks` describes; -1: unknown */
    bool complete;   /* every chunk is loaded */
};

enum minnow_statement {
    MINNOW_SQL_BEGIN_READ,
    MINNOW_SQL_BEGIN_WRITE,
    MINNOW_SQL_COMMIT,
    MINNOW_SQL_DATA_VERSION,
    MINNOW_SQL_GET_META,
    MINNOW_SQL_SET_META,
    MINNOW_SQL_LIST_CHUNKS,
    MINNOW_SQL_GET_CHUNK,
    MINNOW_SQL_PUT_CHUNK,
    MINNOW_SQL_DROP_CHUNKS,
    MINNOW_SQL_LIST_PARTS,
    MINNOW_SQL_GET_PART,
    MINNOW_SQL_PUT_PART,
    MINNOW_SQL_DROP_PART,
    MINNOW_SQL_COUNT_DOCUMENTS,
    MINNOW_SQL_LIST_DOCUMENTS,
    MINNOW_SQL_GET_SLOT,
    MINNOW_SQL_FIND_DOCUMENT,
    MINNOW_SQL_GET_DOCUMENT,
    MINNOW_SQL_INSERT_DOCUMENT,
    MINNOW_SQL_UPDATE_DOCUMENT,
    MINNOW_SQL_MOVE_DOCUMENT,
    MINNOW_SQL_DELETE_DOCUMENT,
    MINNOW_SQL_INSERT_WORDS,
    MINNOW_SQL_DELETE_WORDS,
    MINNOW_SQL_OPTIMIZE_WORDS,
    MINNOW_SQL_MATCH_WORDS,
    MINNOW_SQL_COUNT
};

struct minnow_index {
    sqlite3 *database;
    sqlite3_stmt *statements[MINNOW_SQL_COUNT];
    char *path;
    struct minnow_space space;
    struct minnow_kernels kernels;
    size_t stride; /* of a vector: dimensions, padded with zeros to whole stripes of a block */
    struct minnow_cache cache;   /* of vectors */
    struct minnow_tokens tokens; /* of parts, for MaxSim */
    struct minnow_maxsim maxsim;
    float *encoded; /* [stride]: a query's vector */
    float *vector;  /* [stride]: scratch of quantizing */
    int8_t *query;  /* [stride] */
    int8_t *moved;  /* [stride]: a vector on its way from one row to another */
    struct minnow_hit *candidates; /* [MINNOW_CANDIDATES]: rows that an approximate search looks at again */
    char *fetched;  /* the document that the caller borrows */
    size_t fetched_capacity;
    int64_t sequence; /* of the running write transaction */
    int64_t replaced; /* texts that left the word index since it was last compacted */
};

/* ---- open.c ------------------------------------------------------------------------------- */

struct minnow_store_options {
    const struct minnow_space *space; /* NULL: whatever the file's is; read_only goes with it */
    bool any_size;                    /* fewer dimensions will do too where an index is there already */
    bool read_only;
};

/* Open or create. *index: owned by the caller, closed by minnow_index_close. */
enum minnow_status minnow_store_open(const char *path, const struct minnow_store_options *options,
                                     const struct minnow_kernels *kernels, struct minnow_index **index,
                                     struct minnow_error *error);

/* ---- schema.c ----------------------------------------------------------------------------- */

/* The database is an index of the wanted space, or becomes one if it is empty. Sets index->space. */
enum minnow_status minnow_schema_prepare(struct minnow_index *index, const struct minnow_store_options *options,
                                         struct minnow_error *error);

/* ---- space.c ------------------------------------------------------------------------------ */

void minnow_space_hex(const struct minnow_space *space, char hex[65]);
const char *minnow_similarity_name(enum minnow_similarity similarity);
/* The space that the meta table tells. */
enum minnow_status minnow_space_read(struct minnow_index *index, struct minnow_space *space,
                                     struct minnow_error *error);
/* What is there will do for what is wanted. */
enum minnow_status minnow_space_check(const struct minnow_index *index, const struct minnow_space *there,
                                      const struct minnow_store_options *options, struct minnow_error *error);

/* ---- statements.c ------------------------------------------------------------------------- */

/* The status and text of a SQLite result. `doing` completes "PATH: cannot ...". */
enum minnow_status minnow_sqlite_fail(const struct minnow_index *index, int result, const char *doing,
                                      struct minnow_error *error);
enum minnow_status minnow_damaged(const struct minnow_index *index, const char *what, struct minnow_error *error);

enum minnow_status minnow_statements_prepare(struct minnow_index *index, struct minnow_error *error);
void minnow_statements_close(struct minnow_index *index);
/* Prepare, hand over each row, finalize. */
typedef void minnow_row_fn(sqlite3_stmt *statement, void *context);
enum minnow_status minnow_each_row(struct minnow_index *index, const char *sql, minnow_row_fn *row, void *context,
                                   struct minnow_error *error);
/* Run a bound statement that gives no rows, and reset it. `bound` is the first bind that failed. */
enum minnow_status minnow_statement_run(struct minnow_index *index, enum minnow_statement which, int bound,
                                        const char *doing, struct minnow_error *error);
/* Valid UTF-8 without NUL becomes TEXT, what other programs expect; any other bytes a BLOB. Both
 * come back as the bytes they were. */
int minnow_bind_bytes(sqlite3_stmt *statement, int parameter, struct minnow_text text);

enum minnow_status minnow_get_meta(struct minnow_index *index, const char *key, int64_t *value,
                                   struct minnow_error *error);
enum minnow_status minnow_set_meta(struct minnow_index *index, const char *key, int64_t value,
                                   struct minnow_error *error);

enum minnow_status minnow_begin_read(struct minnow_index *index, struct minnow_error *error);
enum minnow_status minnow_begin_write(struct minnow_index *index, struct minnow_error *error);
/* Commit if `status` is MINNOW_OK, else roll back and forget what the cache holds. */
enum minnow_status minnow_finish(struct minnow_index *index, enum minnow_status status, struct minnow_error *error);

/* ---- cache.c ------------------------------------------------------------------------------ */

/* SQLite's number for "another connection committed since"; own commits leave it as it is. */
enum minnow_status minnow_data_version(struct minnow_index *index, int64_t *version, struct minnow_error *error);
void minnow_cache_free(struct minnow_cache *cache);
void minnow_cache_forget(struct minnow_cache *cache);
uint64_t minnow_cache_count(const struct minnow_cache *cache);
/* Learn which chunks there are, inside a transaction. Reads nothing if nothing changed. */
enum minnow_status minnow_cache_refresh(struct minnow_index *index, struct minnow_error *error);
/* The same, with every chunk's vectors, in a transaction of its own unless there is one. Allocates
 * nothing if nothing changed. */
enum minnow_status minnow_cache_complete(struct minnow_index *index, struct minnow_error *error);
/* The chunk of `slot`, loaded; checks that `document` is there unless it is 0. */
enum minnow_status minnow_cache_load(struct minnow_index *index, uint64_t slot, int64_t document,
                                     struct minnow_chunk *chunk, struct minnow_error *error);
/* Append a row, which the caller fills. */
enum minnow_status minnow_cache_append(struct minnow_index *index, int64_t document, struct minnow_error *error);
/* Drop the last row. */
void minnow_cache_shorten(struct minnow_cache *cache);
/* Write the changed chunks to the database. */
enum minnow_status minnow_cache_flush(struct minnow_index *index, struct minnow_error *error);

/* ---- put.c -------------------------------------------------------------------------------- */

/* Vectors as the index keeps them, [count][dimensions] and a scale each. */
struct minnow_quantized {
    int8_t *values;
    float *scales;
    size_t count, dimensions;
};
enum minnow_status minnow_quantized_create(struct minnow_quantized *quantized, size_t count, size_t dimensions,
                                           struct minnow_error *error);
void minnow_quantized_free(struct minnow_quantized *quantized);
/* Quantize vectors[count][dimensions] into rows from `first` on. */
enum minnow_status minnow_quantized_fill(struct minnow_index *index, struct minnow_quantized *quantized, size_t first,
                                         const float *vectors, size_t count, struct minnow_error *error);

/* Vectors or parts, one for each document. */
struct minnow_kept {
    const struct minnow_quantized *vectors; /* or NULL: */
    const struct minnow_part *parts;
    size_t count;
};

enum minnow_status minnow_documents_check(const struct minnow_index *index, const struct minnow_document *documents,
                                          size_t count, struct minnow_error *error);
/* Add or replace, in one transaction (write.c). */
enum minnow_status minnow_store_put_kept(struct minnow_index *index, const struct minnow_document *documents,
                                         const struct minnow_kept *kept, struct minnow_error *error);
enum minnow_status minnow_store_put_quantized(struct minnow_index *index, const struct minnow_document *documents,
                                              const struct minnow_quantized *vectors, struct minnow_error *error);
enum minnow_status minnow_store_put(struct minnow_index *index, const struct minnow_document *documents,
                                    const float *vectors, size_t count, struct minnow_error *error);

/* ---- fetch.c ------------------------------------------------------------------------------ */

/* Documents in the file, as the running transaction sees it. */
enum minnow_status minnow_store_count(struct minnow_index *index, uint64_t *count, struct minnow_error *error);

/* ---- search.c, scan.c, guess.c, hybrid.c -------------------------------------------------- */

/* Quantize a vector for this index: at unit length first where scores are cosines. Uses
 * index->vector. */
enum minnow_status minnow_store_quantize(struct minnow_index *index, const float *vector, int8_t *q, float *scale,
                                         struct minnow_error *error);

/* A query that the index has taken: its vector into index->query, or its rows into index->maxsim. */
struct minnow_search {
    struct minnow_index *index;
    float query_scale;              /* of a vector */
    struct minnow_threads *threads; /* that divide documents of many rows; NULL: the caller's alone */
    struct minnow_text query;       /* for the words of a hybrid search */
    unsigned flags;                 /* of minnow_search_flags */
};

enum minnow_status minnow_search_run(const struct minnow_search *search, size_t k, struct minnow_hit *hits,
                                     size_t *found, struct minnow_error *error);
/* What a ranking without words reads is in memory, as the running transaction sees it, or of one of its own. */
enum minnow_status minnow_search_load(struct minnow_index *index, struct minnow_error *error);
uint64_t minnow_search_loaded(const struct minnow_index *index);
/* The k best of what is loaded. */
enum minnow_status minnow_search_rank(const struct minnow_search *search, size_t k, struct minnow_hit *hits,
                                      size_t *found, struct minnow_error *error);
enum minnow_status minnow_hybrid_search(const struct minnow_search *search, size_t k, struct minnow_hit *hits,
                                        size_t *found, struct minnow_error *error);
/* Take a vector, and search. `query` is for the words of a hybrid search. */
enum minnow_status minnow_store_search(struct minnow_index *index, const float *vector, struct minnow_text query,
                                       size_t k, unsigned flags, struct minnow_hit *hits, size_t *found,
                                       struct minnow_error *error);
/* The k best by vector, of a complete cache and index->query. */
size_t minnow_scan(const struct minnow_index *index, float query_scale, unsigned flags, size_t k,
                   struct minnow_hit *hits);

#endif
