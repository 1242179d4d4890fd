/* Rounds: in each, every case that is not done is visited for a moment, and started cold once. One session lives at a
 * time, so that no thread of another one waits in a loop beside it. */
#include "platforms/cli/bench_cases.h"
#include "platforms/cli/bench_work.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"

#include "runtime/error.h"

enum { LEAST_RUNS = 10, RUNS_A_VISIT = 2, MOST_COLD_STARTS = 7 };
static const double warm_up_ms = 5, visit_ms = 50, most_cold_ms = 1000;

struct visit {
    struct minnow_bench_plan *plan;
    struct minnow_bench_work work;
    struct minnow_error *error;
};

static bool is_done(const struct minnow_bench_plan *plan, const struct minnow_bench_case *one) {
    return one->encode_ms.count >= LEAST_RUNS && one->encode_ms.total >= plan->seconds * 1e3;
}

static enum minnow_status run_once(struct visit *visit, const struct minnow_bench_case *one, double *time_ms) {
    double started = minnow_clock_ms();
    enum minnow_status status = minnow_bench_work_run(&visit->work, one->texts, one->batch, visit->error);
    *time_ms = minnow_clock_ms() - started;
    return status;
}

static enum minnow_status check_tokens(const struct visit *visit, const struct minnow_bench_case *one) {
    for (uint32_t i = 0; i < one->batch; i++)
        if (visit->work.results[i].tokens != one->tokens)
            return minnow_fail(visit->error, MINNOW_MISMATCH, "a text for %u tokens has %u", one->tokens,
                               visit->work.results[i].tokens);
    return MINNOW_OK;
}

static enum minnow_status sample(struct visit *visit, struct minnow_bench_case *one) {
    double time_ms, spent_ms = 0, warm_ms = 0;
    enum minnow_status status;
    do {
        status = run_once(visit, one, &time_ms);
        warm_ms += time_ms;
    } while (!status && warm_ms < warm_up_ms);
    if (!status) status = check_tokens(visit, one);
    for (int runs = 0; !status && (runs < RUNS_A_VISIT || spent_ms < visit_ms); runs++) {
        status = run_once(visit, one, &time_ms);
        spent_ms += time_ms;
        if (!status && !minnow_samples_add(&one->encode_ms, time_ms))
            status = minnow_fail(visit->error, MINNOW_OUT_OF_MEMORY, "%zu times", one->encode_ms.count);
    }
    return status;
}

static enum minnow_status visit_case(struct visit *visit, struct minnow_bench_case *one) {
    struct minnow_engine engine;
    enum minnow_status status =
        minnow_engine_borrow(&engine, visit->plan->models[one->tier], one->threads, visit->error);
    if (status) return status;
    status = minnow_bench_work_create(&visit->work, engine.session, &engine.info, one->batch, visit->error);
    if (!status) status = sample(visit, one);
    minnow_bench_work_free(&visit->work);
    minnow_engine_close(&engine);
    return status;
}

static bool may_start_cold(const struct minnow_bench_plan *plan, const struct minnow_bench_case *one) {
    return !plan->cold_failed && one->first_ms.count < MOST_COLD_STARTS && one->first_ms.total < most_cold_ms;
}

/* Where it cannot be measured, the samples stay empty, and it is not tried again: it has said why. */
static void start_cold(struct minnow_bench_plan *plan, struct minnow_bench_case *one) {
    struct minnow_cold_result result;
    struct minnow_cold cold = {.model = plan->path,
                               .isa = plan->isas.count ? plan->isas.items[one->tier] : NULL,
                               .threads = one->threads,
                               .texts = one->texts,
                               .count = one->batch};
    if (!may_start_cold(plan, one)) return;
    plan->cold_failed = !minnow_cold_measure(&cold, &result);
    if (plan->cold_failed) return;
    minnow_samples_add(&one->open_ms, result.open_ms);
    minnow_samples_add(&one->first_ms, result.first_ms);
    if (result.peak_bytes > one->peak_bytes) one->peak_bytes = result.peak_bytes;
}

static uint64_t share_done(const struct minnow_bench_plan *plan) {
    double done = 0;
    for (size_t i = 0; i < plan->count; i++) {
        double share = plan->cases[i].encode_ms.total / (plan->seconds * 1e3);
        done += is_done(plan, &plan->cases[i]) ? 1 : share < 0.99 ? share : 0.99;
    }
    return (uint64_t)(done / (double)plan->count * 1000);
}

/* Every other round goes backwards: nobody always follows the same neighbour. */
static enum minnow_status run_round(struct visit *visit, size_t round, struct minnow_bar *bar, bool *all_done) {
    struct minnow_bench_plan *plan = visit->plan;
    enum minnow_status status = MINNOW_OK;
    *all_done = true;
    for (size_t i = 0; i < plan->count && !status; i++) {
        struct minnow_bench_case *one = &plan->cases[round % 2 ? plan->count - 1 - i : i];
        if (is_done(plan, one)) continue;
        *all_done = false;
        start_cold(plan, one);
        status = visit_case(visit, one);
        minnow_bar_show(bar, "measuring", share_done(plan), 1000);
    }
    return status;
}

enum minnow_status minnow_bench_measure(struct minnow_bench_plan *plan, struct minnow_bar *bar,
                                        struct minnow_error *error) {
    struct visit visit = {.plan = plan, .error = error};
    enum minnow_status status = MINNOW_OK;
    bool all_done = false;
    for (size_t round = 0; !status && !all_done; round++) status = run_round(&visit, round, bar, &all_done);
    return status;
}
