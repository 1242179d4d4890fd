/* Retrieval quality on a folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv). */
#ifndef MINNOW_EVAL_H
#define MINNOW_EVAL_H

#include "convert/progress.h"
#include "minnow.h"

struct minnow_eval_options {
    const char *folder;
    const char *split;    /* NULL: "test" */
    const char *run_path; /* write the rankings in TREC's run format here; NULL: nowhere */
    const float *document_vectors; /* those of the documents, in the order that beir.h gives them; NULL: encode them */
    struct minnow_progress progress;
};

/* As trec_eval defines them: nDCG with linear gain and log2 discount, MRR cut at 10; queries
 * without a relevant judgement are left out; ties broken by document id, descending. */
struct minnow_eval_result {
    uint64_t documents, queries;
    uint64_t candidates; /* of each query that were scored, the best by BM25; 0: all documents were ranked */
    double ndcg_at_10, mrr_at_10, recall_at_100;
};

/* Exact search over f32 vectors, or, by MaxSim, over token vectors as an index keeps them; of models that score pairs,
 * an order of the documents that the query's words find best. The document text is title + " " + text. The two sessions
 * may be one; their models must share a space. What is not one vector a document is indexed in TMPDIR meanwhile. */
enum minnow_status minnow_eval(const struct minnow_eval_options *options, struct minnow_session *query_session,
                               struct minnow_session *document_session, struct minnow_eval_result *result,
                               struct minnow_error *error);

#endif
