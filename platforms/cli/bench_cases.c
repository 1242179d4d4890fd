#include "platforms/cli/bench_cases.h"

#include "platforms/cli/bench_text.h"
#include "platforms/cli/bench_work.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"

#include "kernels/kernels.h"
#include "runtime/error.h"
#include "runtime/parallel.h"

#include <stdlib.h>
#include <string.h>

static const char every_tier[] = "all";

/* "all" becomes the names of the tiers that this CPU has. */
static void expand_tiers(struct minnow_names *isas) {
    struct minnow_kernels kernels;
    const char *name;
    if (isas->count != 1 || strcmp(isas->items[0], every_tier) != 0) return;
    isas->count = 0;
    for (size_t i = 0; (name = minnow_kernels_tier(i)) && isas->count < MINNOW_MAX_NAMES; i++)
        if (strlen(name) <= MINNOW_LONGEST_NAME && minnow_kernels_choose(&kernels, name))
            strcpy(isas->items[isas->count++], name);
}

static enum minnow_status open_models(struct minnow_bench_plan *plan, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    expand_tiers(&plan->isas);
    double started = minnow_clock_ms();
    plan->tiers = plan->isas.count ? plan->isas.count : 1;
    for (size_t i = 0; i < plan->tiers && !status; i++)
        status = minnow_open_model(plan->path, plan->isas.count ? plan->isas.items[i] : NULL, &plan->models[i], error);
    plan->open_ms = (minnow_clock_ms() - started) / (double)plan->tiers;
    return status;
}

/* A cross-encoder's limit is one of both texts. */
static uint32_t most_tokens(const struct minnow_model *model, const struct minnow_model_info *info) {
    uint32_t most = info->max_tokens[minnow_bench_role(info)];
    if (info->similarity != MINNOW_JOINT || info->dimensions) return most;
    size_t query = minnow_count_tokens(model, MINNOW_QUERY, minnow_bench_query);
    return query < most ? most - (uint32_t)query : 0;
}

static enum minnow_status fit_tokens(struct minnow_bench_plan *plan, uint32_t least, struct minnow_error *error) {
    struct minnow_model_info info;
    size_t kept = 0;
    minnow_model_info(plan->models[0], &info);
    uint32_t most = most_tokens(plan->models[0], &info);
    for (size_t i = 0; i < plan->tokens.count; i++) {
        uint32_t tokens = plan->tokens.items[i];
        if (tokens >= least && tokens <= most)
            plan->tokens.items[kept++] = tokens;
        else if (plan->tokens_chosen)
            return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "--tokens: found %u, the model takes %u to %u", tokens,
                               least, most);
    }
    plan->tokens.count = kept;
    return MINNOW_OK;
}

static enum minnow_status make_texts(struct minnow_bench_case *one, const struct minnow_words *words,
                                     struct minnow_error *error) {
    one->texts = calloc(one->batch, sizeof *one->texts);
    if (!one->texts) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u texts", one->batch);
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < one->batch && !status; i++)
        status = minnow_words_make_text(words, one->tokens, i, &one->texts[i], error);
    return status;
}

static void describe_case(const struct minnow_bench_plan *plan, size_t index, struct minnow_bench_case *one) {
    one->batch = plan->batches.items[index % plan->batches.count];
    index /= plan->batches.count;
    one->tokens = plan->tokens.items[index % plan->tokens.count];
    index /= plan->tokens.count;
    one->threads = minnow_threads_capped(plan->threads.items[index % plan->threads.count]);
    one->tier = index / plan->threads.count;
}

static enum minnow_status make_cases(struct minnow_bench_plan *plan, const struct minnow_words *words,
                                     struct minnow_error *error) {
    size_t count = plan->tiers * plan->threads.count * plan->tokens.count * plan->batches.count;
    enum minnow_status status = MINNOW_OK;
    plan->cases = calloc(count + 1, sizeof *plan->cases);
    if (!plan->cases) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu measurements", count);
    for (plan->count = 0; plan->count < count && !status; plan->count++) {
        describe_case(plan, plan->count, &plan->cases[plan->count]);
        status = make_texts(&plan->cases[plan->count], words, error);
    }
    return status;
}

enum minnow_status minnow_bench_prepare(struct minnow_bench_plan *plan, struct minnow_error *error) {
    struct minnow_words words = {0};
    struct minnow_model_info info;
    enum minnow_status status = open_models(plan, error);
    if (status) return status;
    minnow_model_info(plan->models[0], &info);
    status = minnow_words_find(plan->models[0], minnow_bench_role(&info), &words, error);
    if (!status) status = fit_tokens(plan, (uint32_t)words.frame, error);
    if (!status) status = make_cases(plan, &words, error);
    minnow_words_free(&words);
    return status;
}

static void free_case(struct minnow_bench_case *one) {
    for (uint32_t i = 0; one->texts && i < one->batch; i++) free((void *)(uintptr_t)one->texts[i].bytes);
    free(one->texts);
    minnow_samples_free(&one->encode_ms);
    minnow_samples_free(&one->open_ms);
    minnow_samples_free(&one->first_ms);
}

void minnow_bench_free(struct minnow_bench_plan *plan) {
    for (size_t i = 0; i < plan->count; i++) free_case(&plan->cases[i]);
    for (size_t i = 0; i < plan->tiers; i++) minnow_model_close(plan->models[i]);
    free(plan->cases);
}
