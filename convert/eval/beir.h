/* A folder in BEIR layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv. */
#ifndef MINNOW_BEIR_H
#define MINNOW_BEIR_H

#include "convert/documents.h"

#define MINNOW_NO_DOCUMENT SIZE_MAX

struct minnow_judgement {
    size_t query, document; /* positions; MINNOW_NO_DOCUMENT for one that the corpus lacks */
    int32_t relevance;
};

struct minnow_beir {
    /* Both in descending order of their ids' bytes: a lower position wins a tie, as in trec_eval. */
    struct minnow_documents corpus, queries;
    struct minnow_judgement *judgements; /* ordered by query; of queries that are there */
    size_t judgement_count;
};

/* A document judged twice for a query has its last judgement. Errors name file and line. On failure
 * nothing is left to free. */
enum minnow_status minnow_beir_read(const char *folder, const char *split, struct minnow_beir *beir,
                                    struct minnow_error *error);
void minnow_beir_free(struct minnow_beir *beir);

#endif
