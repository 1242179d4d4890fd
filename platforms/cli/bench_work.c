#include "platforms/cli/bench_work.h"

#include "runtime/error.h"

#include <stdlib.h>

static const char query[] = "where to find a short answer";
const struct minnow_text minnow_bench_query = {query, sizeof query - 1};

enum minnow_role minnow_bench_role(const struct minnow_model_info *info) {
    return info->token_vectors || info->similarity == MINNOW_JOINT ? MINNOW_DOCUMENT : MINNOW_QUERY;
}

const char *minnow_bench_work_name(const struct minnow_model_info *info) {
    if (info->similarity == MINNOW_JOINT) return "score";
    return info->token_vectors ? "encode_tokens" : "encode";
}

static size_t floats_of_a_text(const struct minnow_model_info *info) {
    if (info->similarity == MINNOW_JOINT) return 1;
    return (size_t)info->dimensions * (info->token_vectors ? info->max_tokens[MINNOW_DOCUMENT] : 1);
}

enum minnow_status minnow_bench_work_create(struct minnow_bench_work *work, struct minnow_session *session,
                                            const struct minnow_model_info *info, size_t count,
                                            struct minnow_error *error) {
    *work = (struct minnow_bench_work){.session = session, .info = *info};
    work->out = calloc(count + 1, floats_of_a_text(info) * sizeof *work->out);
    work->counts = calloc(count + 1, sizeof *work->counts);
    work->results = calloc(count + 1, sizeof *work->results);
    if (work->out && work->counts && work->results) return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %zu texts", count);
}

enum minnow_status minnow_bench_work_run(struct minnow_bench_work *work, const struct minnow_text *texts, size_t count,
                                         struct minnow_error *error) {
    if (work->info.similarity == MINNOW_JOINT)
        return minnow_score(work->session, minnow_bench_query, texts, count, work->out, NULL, work->results, error);
    enum minnow_role role = minnow_bench_role(&work->info);
    if (work->info.token_vectors)
        return minnow_encode_tokens(work->session, role, texts, count, work->out, work->counts, work->results, error);
    return minnow_encode(work->session, role, texts, count, work->out, work->results, error);
}

void minnow_bench_work_free(struct minnow_bench_work *work) {
    free(work->out);
    free(work->counts);
    free(work->results);
}
