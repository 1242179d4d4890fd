/* Minnow: retrieval on small devices. The device API.
 *
 * Text in, vector out, nearest documents back; no server, no allocation after setup, the same
 * bits on every CPU (models with 8-bit weights).
 *
 * Lifetimes, from the outside in: a model is immutable and may be shared by any number of
 * threads; a session belongs to one thread at a time; an index likewise. Every function that can
 * fail returns a status and, unless that is MINNOW_OK, fills the optional `error` (caller memory)
 * with where and what; other results are then not to be used. A pointer may be NULL only where it
 * is called optional, or where a count of 0 goes with it: else MINNOW_INVALID_ARGUMENT. The library
 * never prints, exits or asserts on input. Strings are UTF-8 and end with 0.
 *
 * Option structs are optional and begin with `size`: set it to sizeof the struct and zero the rest
 * for defaults. A later library accepts the smaller size of an earlier header.
 */
#ifndef MINNOW_H
#define MINNOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MINNOW_API __attribute__((visibility("default")))
#else
#define MINNOW_API
#endif

#define MINNOW_VERSION "0.1.0"

/* Every status: name, stable number, text. */
#define MINNOW_STATUS_LIST(X)                                                          \
    X(OK, 0, "success")                                                                \
    X(INVALID_ARGUMENT, 1, "an argument is outside what the function documents")       \
    X(IO, 2, "a file could not be read or written")                                    \
    X(OUT_OF_MEMORY, 3, "memory could not be allocated")                               \
    X(BAD_MODEL, 4, "the model file is damaged or is not a Minnow model")              \
    X(BAD_CHECKPOINT, 5, "the checkpoint is damaged or incomplete")                    \
    X(UNSUPPORTED, 6, "valid, but not supported by this build or CPU")                 \
    X(BAD_INDEX, 7, "the index file is damaged or is not a Minnow index")              \
    X(SPACE_MISMATCH, 8, "the vectors of this model and this index are not comparable") \
    X(NOT_FINITE, 9, "a computed vector holds NaN or infinity")                        \
    X(MISMATCH, 10, "verification found a difference")                                 \
    X(BUSY, 11, "another process is writing")                                          \
    X(BUFFER_TOO_SMALL, 12, "the caller's buffer is too small")                        \
    X(BAD_INPUT, 13, "the input text is malformed")

enum minnow_status {
#define MINNOW_STATUS_ENUM(name, number, text) MINNOW_##name = number,
    MINNOW_STATUS_LIST(MINNOW_STATUS_ENUM)
#undef MINNOW_STATUS_ENUM
};

/* Where and what: "routes.0.layers.3.ffn_up: scale[17] is NaN". Always terminated; caller memory. */
struct minnow_error {
    enum minnow_status status;
    char message[500];
};

/* These strings are static, never NULL; "UNKNOWN" and the like for a number that is no status. */
MINNOW_API const char *minnow_version(void);
MINNOW_API const char *minnow_status_name(enum minnow_status status);
MINNOW_API const char *minnow_status_text(enum minnow_status status);
/* The CPU's name, for reports. */
MINNOW_API const char *minnow_cpu_name(void);

/* ---- Models ------------------------------------------------------------------------------ */

struct minnow_model;

enum minnow_role { MINNOW_QUERY = 0, MINNOW_DOCUMENT = 1 };
/* How a query and a document are compared. MaxSim (late interaction, ColBERT): each text is many vectors, one a token,
 * and a query's tokens each take their best document token's dot. Joint (cross-encoders, PreTTR, TK): layers that see
 * both; there is no vector to search with, and minnow_score tells. */
enum minnow_similarity { MINNOW_COSINE = 0, MINNOW_DOT = 1, MINNOW_MAXSIM = 2, MINNOW_JOINT = 3 };

struct minnow_model_options {
    size_t size;
    /* Highest kernel tier to use ("reference", "avx2", "neon", ...); NULL: the best this CPU has. */
    const char *isa;
};

/* Open a model. All three check structure and meaning before they return; a model that opens
 * cannot crash the library. path: mapped, must not change while open. memory: borrowed until
 * minnow_model_close, 64-byte aligned. fd: `size` bytes from `offset` are mapped (an asset inside
 * a larger file); `offset` is a multiple of 64, the fd may be closed afterwards. *model: owned by
 * the caller, who closes it. MINNOW_IO: no such file; MINNOW_BAD_MODEL: damaged, or no model;
 * MINNOW_UNSUPPORTED: of a newer format, too large for this device, or `isa` is not to be had. */
MINNOW_API enum minnow_status minnow_model_open_path(const char *path, const struct minnow_model_options *options,
                                                     struct minnow_model **model, struct minnow_error *error);
MINNOW_API enum minnow_status minnow_model_open_memory(const void *bytes, size_t size,
                                                       const struct minnow_model_options *options,
                                                       struct minnow_model **model, struct minnow_error *error);
MINNOW_API enum minnow_status minnow_model_open_fd(int fd, uint64_t offset, uint64_t size,
                                                   const struct minnow_model_options *options,
                                                   struct minnow_model **model, struct minnow_error *error);
/* The student that this build carries in itself, of queries and documents alike, in the space of all-MiniLM-L6-v2:
 * nothing is read from a disk. MINNOW_UNSUPPORTED: built without one. */
MINNOW_API enum minnow_status minnow_model_open_default(const struct minnow_model_options *options,
                                                        struct minnow_model **model, struct minnow_error *error);
/* Sessions of the model must be closed first; indexes need not. NULL is allowed. */
MINNOW_API void minnow_model_close(struct minnow_model *model);

/* Strings and `matryoshka` are borrowed from the model; "" where the file says nothing. */
struct minnow_model_info {
    const char *name;
    const char *license;
    const char *source;           /* what it was converted from */
    const char *source_sha256;    /* hex, of the checkpoint's weights */
    const char *converter;        /* version that wrote the file */
    const char *weights;          /* "s8", "s4", "f32" */
    const char *isa;              /* kernel tier in use */
    const char *prompts[2];       /* by role */
    const char *quantization;     /* JSON: the converter's quantization report */
    uint8_t space[32];            /* space fingerprint: equal iff vectors may be compared */
    uint64_t file_bytes;          /* size of the model file */
    uint64_t parameters;
    uint32_t dimensions;          /* of one vector; 0 where texts have none of their own (cross-encoders) */
    const uint32_t *matryoshka;   /* shorter sizes the model was trained for */
    uint32_t matryoshka_count;
    uint32_t max_tokens[2];       /* by role; special tokens included */
    uint32_t golden_count;        /* texts that `minnow_model_verify` replays */
    enum minnow_similarity similarity;
    bool token_vectors;           /* a text is a vector a token: minnow_encode_tokens, not minnow_encode */
};
/* Neither pointer may be NULL. */
MINNOW_API void minnow_model_info(const struct minnow_model *model, struct minnow_model_info *info);

/* Check the file's SHA-256 and replay its golden texts on this device: tokens must be equal, and
 * vectors equal in every bit (8-bit models) or within cosine 0.9999 (f32 models).
 * MINNOW_MISMATCH with the first difference otherwise. Allocates a session while it runs. */
MINNOW_API enum minnow_status minnow_model_verify(const struct minnow_model *model, struct minnow_error *error);

/* ---- Text to tokens ---------------------------------------------------------------------- */

/* Any bytes are accepted: invalid UTF-8 counts as U+FFFD, as Python's errors="replace" does. */
struct minnow_text {
    const char *bytes;
    size_t size;
};

/* What became of one text. */
struct minnow_text_result {
    uint32_t tokens;   /* that were used, special tokens included */
    bool truncated;    /* the text was longer than the model's limit */
};

enum minnow_tokenize_flags { MINNOW_NO_TRUNCATION = 1 };

/* Token ids of `text` as the model's encoder sees them: prompt of `role`, special tokens,
 * truncation to the role's limit. Writes at most `capacity` ids (ids may be NULL when that is 0)
 * and sets *count to the number needed; MINNOW_BUFFER_TOO_SMALL, with *count set, if that is more (where
 * the model leaves unknown tokens out, it may then be too large).
 * `flags`: of minnow_tokenize_flags. Allocates nothing. */
MINNOW_API enum minnow_status minnow_tokenize(const struct minnow_model *model, enum minnow_role role,
                                              struct minnow_text text, unsigned flags, uint32_t *ids, size_t capacity,
                                              size_t *count, struct minnow_error *error);

/* ---- Sessions: tokens to vectors ---------------------------------------------------------- */

struct minnow_session;

struct minnow_session_options {
    size_t size;
    uint32_t threads;            /* 0 or 1: the caller's thread alone; capped at the physical cores */
    uint32_t max_batch_tokens;   /* at once in each thread, at most 1048576; 0: 256. Never less than one longest text */
    uint32_t dimensions;         /* vectors are cut to so many, and to unit length again where they are compared by
                                    cosine (Matryoshka); 0: whole */
};

/* All memory of later calls is allocated here. The model must outlive the session. *session: owned
 * by the caller, who closes it. */
MINNOW_API enum minnow_status minnow_session_create(const struct minnow_model *model,
                                                    const struct minnow_session_options *options,
                                                    struct minnow_session **session, struct minnow_error *error);
/* NULL is allowed. */
MINNOW_API void minnow_session_close(struct minnow_session *session);

/* Encode `count` texts into vectors[count][the session's dimensions], caller memory. MINNOW_UNSUPPORTED for a model of many vectors
 * a text, or of none. `results` (optional) tells
 * what became of each. With 8-bit weights a batch gives the bits its members give alone, in any
 * order, with any number of threads. MINNOW_NOT_FINITE if a vector is not. Allocates nothing. */
MINNOW_API enum minnow_status minnow_encode(struct minnow_session *session, enum minnow_role role,
                                            const struct minnow_text *texts, size_t count, float *vectors,
                                            struct minnow_text_result *results, struct minnow_error *error);

/* Encode `count` texts, a vector a token: vectors[count][max_tokens of the role][dimensions], caller memory, of which
 * text i uses the first vector_counts[i]; tokens that the model leaves out (punctuation) are not among them. Otherwise
 * as minnow_encode; MINNOW_UNSUPPORTED for a model of one vector a text, or of none. */
MINNOW_API enum minnow_status minnow_encode_tokens(struct minnow_session *session, enum minnow_role role,
                                                   const struct minnow_text *texts, size_t count, float *vectors,
                                                   uint32_t *vector_counts, struct minnow_text_result *results,
                                                   struct minnow_error *error);

/* Score `count` documents for a query into scores[count], as the model compares them: cosine, dot, MaxSim, or what its
 * joint layers say; for every model. With 8-bit weights the same bits in any order and batch, with any number of
 * threads. `results` (optional): of the documents; `query_result` (optional). Allocates nothing. */
MINNOW_API enum minnow_status minnow_score(struct minnow_session *session, struct minnow_text query,
                                           const struct minnow_text *documents, size_t count, float *scores,
                                           struct minnow_text_result *query_result, struct minnow_text_result *results,
                                           struct minnow_error *error);

/* ---- Smaller vectors, for indexes of other makers ------------------------------------------ */

/* vector[i] is near scale * out[i]: scale = the largest |vector[i]| / 127, out[i] = rint(vector[i] * 127 / that), in
 * [-127, 127]; both 0 for a vector of zeros. MINNOW_NOT_FINITE for NaN, infinity, and numbers over 1e16. */
MINNOW_API enum minnow_status minnow_vector_to_s8(const float *vector, size_t dimensions, int8_t *out, float *scale,
                                                  struct minnow_error *error);
/* A bit a dimension, 1 where the number is above 0, the first in the highest bit of out[0], zeros at the end; out holds
 * (dimensions + 7) / 8 bytes. As numpy.packbits(vector > 0). */
MINNOW_API enum minnow_status minnow_vector_to_bits(const float *vector, size_t dimensions, uint8_t *out,
                                                    struct minnow_error *error);

/* ---- The index: a SQLite file ------------------------------------------------------------- */

struct minnow_index;

struct minnow_index_options {
    size_t size;
    bool read_only;      /* the file must exist */
    uint32_t dimensions; /* of its vectors (Matryoshka), which an index remembers. 0: as it has, a new one the model's */
};

struct minnow_document {
    struct minnow_text id;      /* any bytes, not empty, unique in the index; adding it again replaces the document */
    struct minnow_text title;   /* may be empty; every text comes back as the bytes it was */
    struct minnow_text text;
};

/* Open or create the index at `path` for what the model makes of documents: a vector, a vector a token (MaxSim), or
 * what its joint layers read of a document later (PreTTR, TK; any model of two stages). An index of another space, or
 * of another number of dimensions, is MINNOW_SPACE_MISMATCH, a file that is no index MINNOW_BAD_INDEX. A model that
 * reads query and document together (a cross-encoder) has nothing to store: MINNOW_UNSUPPORTED, unless for reading.
 * Then, and where `model` is NULL (only for reading), any index is opened, to be reranked or searched with a session of
 * its space. The model may be closed while the index is open. *index: owned by the caller, who closes it. Functions of
 * an index give MINNOW_BUSY when another process keeps it locked for five seconds, MINNOW_IO when the file cannot
 * be read or written, MINNOW_BAD_INDEX when it proves damaged. */
MINNOW_API enum minnow_status minnow_index_open(const char *path, const struct minnow_model *model,
                                                const struct minnow_index_options *options,
                                                struct minnow_index **index, struct minnow_error *error);
/* NULL is allowed. */
MINNOW_API void minnow_index_close(struct minnow_index *index);

/* What an index is made of. A session for it has this space and this number of dimensions. */
struct minnow_index_info {
    uint8_t space[32];
    uint32_t dimensions; /* of a vector, or of one row of a document's part */
    enum minnow_similarity similarity;
};
/* Neither pointer may be NULL. */
MINNOW_API void minnow_index_info(const struct minnow_index *index, struct minnow_index_info *info);

/* Encode (title + " " + text, or text alone where the title is empty) and store, a byte a dimension. One call is one
 * transaction: after a crash or an error either all of its documents are there or none. Holds what it will store of all
 * `count` documents meanwhile. `results` as in minnow_encode. A session of a model of another space, or that cuts its
 * vectors otherwise, is MINNOW_SPACE_MISMATCH, here and in minnow_index_search. */
MINNOW_API enum minnow_status minnow_index_add(struct minnow_index *index, struct minnow_session *session,
                                               const struct minnow_document *documents, size_t count,
                                               struct minnow_text_result *results, struct minnow_error *error);
/* Remove by id, all or, after an error, none; *removed (optional) counts those that were there. Their
 * space is freed. */
MINNOW_API enum minnow_status minnow_index_remove(struct minnow_index *index, const struct minnow_text *ids,
                                                  size_t count, size_t *removed, struct minnow_error *error);
/* Documents that are there now. */
MINNOW_API enum minnow_status minnow_index_count(struct minnow_index *index, uint64_t *count,
                                                 struct minnow_error *error);

struct minnow_hit {
    int64_t document;   /* for minnow_index_document */
    float score;        /* by the model's similarity; with hybrid: reciprocal-rank fusion score */
};

enum minnow_search_flags { MINNOW_HYBRID = 1, MINNOW_APPROXIMATE = 2 };

/* The k best documents into hits[k], best first, ties by lower document number; *found <= k of them.
 * `flags`: of minnow_search_flags. Without MINNOW_HYBRID a warm search allocates nothing. With it, the
 * ranks of the vectors and of FTS5's BM25 are fused (reciprocal-rank fusion, constant 60).
 * A search is exact: its hits are those of comparing the query with every vector. MINNOW_APPROXIMATE
 * looks at the vectors' signs first and at few whole vectors: faster in large indexes, the scores of its
 * hits are exact, and it rarely misses one (README.md). For k > 81 it is the exact search.
 * MaxSim compares every token vector with every one of the query; the session's threads divide the documents. The
 * vectors of an index are kept in memory from its first search on.
 * Joint: minnow_index_rerank with max(k, MINNOW_RERANK_CANDIDATES) candidates; flags change nothing. */
MINNOW_API enum minnow_status minnow_index_search(struct minnow_index *index, struct minnow_session *session,
                                                  struct minnow_text query, size_t k, unsigned flags,
                                                  struct minnow_hit *hits, size_t *found, struct minnow_error *error);

enum { MINNOW_RERANK_CANDIDATES = 100 };

/* The k best by the score of the session's model, among the `candidates` documents that the query's words find best
 * (FTS5's BM25; 0: among all documents; a query without words finds none). A model of the index's space reads what is
 * stored of the documents, and its scores are those of a search; any other model, a cross-encoder too, reads their
 * texts, as minnow_score does. No lock is held while the model runs: documents that another process removes meanwhile
 * are left out. Otherwise as minnow_index_search; allocates. */
MINNOW_API enum minnow_status minnow_index_rerank(struct minnow_index *index, struct minnow_session *session,
                                                  struct minnow_text query, size_t candidates, size_t k,
                                                  struct minnow_hit *hits, size_t *found, struct minnow_error *error);
/* The stored document of a hit; borrowed until the next call on this index. MINNOW_INVALID_ARGUMENT
 * if it is not there (any more). */
MINNOW_API enum minnow_status minnow_index_document(struct minnow_index *index, int64_t document,
                                                    struct minnow_document *out, struct minnow_error *error);

#ifdef __cplusplus
}
#endif
#endif
