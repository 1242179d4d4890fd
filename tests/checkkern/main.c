#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/checkkern/check.h"

static const char usage[] = "usage: checkkern [options]\n"
                            "  --op NAME       this op only\n"
                            "  --tier NAME     this tier only\n"
                            "  --seed NUMBER   repeat a run\n"
                            "  --shape RxOxI   this shape only\n"
                            "  --fill NAME     this fill only (with --shape)\n"
                            "  --quick         a sample of the shapes\n"
                            "  --bench         time the kernels\n"
                            "  --self-test     wrong kernels must be caught\n"
                            "  --list          the ops and tiers of this build\n";

struct options {
    const char *operation, *tier, *shape, *fill;
    uint64_t seed;
    bool quick, bench, self_test, list;
};

static bool parse_flag(struct options *options, const char *word) {
    if (strcmp(word, "--quick") == 0) return options->quick = true;
    if (strcmp(word, "--bench") == 0) return options->bench = true;
    if (strcmp(word, "--self-test") == 0) return options->self_test = true;
    if (strcmp(word, "--list") == 0) return options->list = true;
    return false;
}

static bool parse_value(struct options *options, const char *word, const char *value) {
    if (strcmp(word, "--op") == 0)
        options->operation = value;
    else if (strcmp(word, "--tier") == 0)
        options->tier = value;
    else if (strcmp(word, "--shape") == 0)
        options->shape = value;
    else if (strcmp(word, "--fill") == 0)
        options->fill = value;
    else if (strcmp(word, "--seed") == 0)
        options->seed = strtoull(value, NULL, 0);
    else
        return false;
    return true;
}

static bool parse_options(struct options *options, int count, char **words) {
    for (int i = 1; i < count; i++) {
        if (parse_flag(options, words[i])) continue;
        if (i + 1 == count || !parse_value(options, words[i], words[i + 1])) return false;
        i++;
    }
    return true;
}

static struct shape parse_shape(const char *text) {
    struct shape shape = {0, 0, 1};
    if (sscanf(text, "%zux%zux%zu", &shape.rows, &shape.outputs, &shape.inputs) >= 2 && shape.rows && shape.outputs)
        return shape;
    fputs(usage, stderr);
    exit(2);
}

static struct tally one_shape(const struct subject *subject, const struct options *options) {
    struct shape shape = parse_shape(options->shape);
    struct tally tally = {0, 0};
    for (size_t fill = 0; fill < FILL_COUNT; fill++) {
        if (options->fill && strcmp(options->fill, fill_names[fill]) != 0) continue;
        if (trial_passes(subject, shape, (enum fill)fill))
            tally.passed++;
        else
            tally.failed++;
    }
    return tally;
}

static void bench(const struct options *options, const struct operation *operation,
                  const struct minnow_kernels *kernels, struct guard *guard) {
    if (options->shape)
        bench_shape(operation, kernels, guard, parse_shape(options->shape));
    else
        bench_operation(operation, kernels, guard);
}

static bool is_wanted(const char *wanted, const char *name) { return !wanted || strcmp(wanted, name) == 0; }

static void check_tier(const struct options *options, const struct minnow_kernels *kernels, struct guard *guard,
                       struct tally *total) {
    uint64_t digest = 0xCBF29CE484222325u;
    for (const struct operation *operation = operations; operation->name; operation++) {
        if (!is_wanted(options->operation, operation->name)) continue;
        if (options->bench) {
            bench(options, operation, kernels, guard);
            continue;
        }
        struct subject subject = {operation, kernels, guard, options->seed, false, &digest};
        struct tally tally = options->shape ? one_shape(&subject, options) : sweep(&subject, options->quick);
        printf("%-16s %-10s %7zu trials%s\n", operation->name, kernels->isa, tally.passed + tally.failed,
               tally.failed ? ", FAILED" : "");
        total->passed += tally.passed;
        total->failed += tally.failed;
    }
    if (!options->bench)
        printf("digest of the reference: %016llx (every build gives it for this seed and these options)\n",
               (unsigned long long)digest);
}

/* Without --tier the reference is only timed: to compare it with itself says nothing. */
static size_t check_tiers(const struct options *options, struct guard *guard, struct tally *total) {
    size_t tiers = 0;
    const char *isa;
    for (size_t i = 0; (isa = minnow_kernels_tier(i)); i++) {
        struct minnow_kernels kernels;
        if (!is_wanted(options->tier, isa) || (i == 0 && !options->tier && !options->bench)) continue;
        if (!minnow_kernels_choose(&kernels, isa)) {
            printf("left out: this CPU does not have %s\n", isa);
            continue;
        }
        tiers++;
        check_tier(options, &kernels, guard, total);
    }
    return tiers;
}

static int list(void) {
    for (const struct operation *operation = operations; operation->name; operation++)
        printf("op   %s\n", operation->name);
    for (size_t i = 0; minnow_kernels_tier(i); i++) printf("tier %s\n", minnow_kernels_tier(i));
    struct minnow_kernels kernels;
    if (!minnow_kernels_choose(&kernels, NULL)) return 1;
    printf("best %s\n", kernels.isa); /* on this CPU */
    return 0;
}

static bool operation_is_known(const char *name) {
    for (const struct operation *operation = operations; operation->name; operation++)
        if (is_wanted(name, operation->name)) return true;
    return false;
}

static int check(const struct options *options, struct guard *guard) {
    struct tally total = {0, 0};
    if (!options->bench) printf("seed %llu\n", (unsigned long long)options->seed);
    size_t tiers = check_tiers(options, guard, &total);
    if (tiers == 0 && options->tier) {
        fprintf(stderr, "checkkern: tier %s is not in this build or not on this CPU (see --list)\n", options->tier);
        return 2;
    }
    if (!options->bench) printf("%zu passed, %zu failed\n", total.passed, total.failed);
    return total.failed ? 1 : 0;
}

int main(int count, char **words) {
    static struct guard guard;
    struct options options = {.seed = (uint64_t)time(NULL)};
    if (!parse_options(&options, count, words) || !operation_is_known(options.operation)) {
        fputs(usage, stderr);
        return 2;
    }
    if (options.list) return list();
    if (!guard_open(&guard)) {
        fprintf(stderr, "checkkern: guarded memory could not be mapped\n");
        return 2;
    }
    return options.self_test ? self_test(&guard, options.seed) : check(&options, &guard);
}
