/* Queries for a corpus that has none, or too few: drawn from its documents (draw.h), and kept only where the teacher,
 * asked with them, finds their document again among its first. */
#ifndef MINNOW_GENERATE_QUERIES_H
#define MINNOW_GENERATE_QUERIES_H

#include "convert/distill/queries/draw.h"
#include "convert/progress.h"

struct minnow_generate_options {
    const char *corpus_path;  /* documents as texts.h reads them */
    const char *queries_path; /* real queries to mask, each once, or NULL */
    const char *output_path;  /* JSONL: "_id", "text", "document" (its id), "kind"; appears whole or not at all */
    uint32_t per_document;    /* so many are drawn of each; a text that was drawn before is drawn once */
    uint32_t keep_rank;       /* the document must be among so many first */
    uint64_t seed;            /* the same seed, corpus and teacher give the same queries on one machine */
    struct minnow_progress progress;
};

struct minnow_generate_result {
    uint64_t documents, drawn[MINNOW_QUERY_KINDS], kept[MINNOW_QUERY_KINDS];
};

/* MINNOW_UNSUPPORTED where the session's model makes no vector of a text, or several. */
struct minnow_session;
enum minnow_status minnow_generate_queries(const struct minnow_generate_options *options,
                                           struct minnow_session *session, struct minnow_generate_result *result,
                                           struct minnow_error *error);

#endif
