/* What is timed of a model: queries to vectors; where a text has a vector a token, documents to theirs; where only pairs
 * have a result, documents scored with one short query. */
#ifndef MINNOW_CLI_BENCH_WORK_H
#define MINNOW_CLI_BENCH_WORK_H

#include "minnow.h"

struct minnow_bench_work {
    struct minnow_session *session;
    struct minnow_model_info info;
    float *out;
    uint32_t *counts;
    struct minnow_text_result *results; /* of the last run */
};

/* The role of the texts. */
enum minnow_role minnow_bench_role(const struct minnow_model_info *info);
/* "encode", "encode_tokens", "score" */
const char *minnow_bench_work_name(const struct minnow_model_info *info);
/* The query that documents are scored with. */
extern const struct minnow_text minnow_bench_query;

/* Room for `count` texts at once; free it, after a failure too. */
enum minnow_status minnow_bench_work_create(struct minnow_bench_work *work, struct minnow_session *session,
                                            const struct minnow_model_info *info, size_t count,
                                            struct minnow_error *error);
enum minnow_status minnow_bench_work_run(struct minnow_bench_work *work, const struct minnow_text *texts, size_t count,
                                         struct minnow_error *error);
void minnow_bench_work_free(struct minnow_bench_work *work);

#endif
