/* The loops of bench/peak: nothing but a tier's multiply-adds, from registers. */
#include <string.h>

#include "bench/peak/peak.h"
#include "tests/checkkern/bench.h"

/* What a tier's products are made of. */
static const struct {
    const char *operation, *isa, *peak;
} judged[] = {
    {"gemm_s8", "avx2", "int8_avx2"},
    {"gemm_s8", "avxvnni", "int8_avxvnni"},
    {"gemm_s8", "avx512vnni", "int8_avx512vnni"},
    {"gemm_s8", "amx", "int8_amx"},
    {"gemm_s8", "neon", "int8_neon"},
    {"gemm_s8", "a55", "int8_dotprod"},
    {"gemm_s8", "dotprod", "int8_dotprod"},
    {"gemm_s8", "i8mm", "int8_i8mm"},
};

enum { RUNS = 4000, MOST_DELAY = 50 };
static const double run_s = 2e-5;

static const struct peak *find_peak(const char *name) {
    for (const struct peak *peak = peaks; peak->name; peak++)
        if (strcmp(peak->name, name) == 0) return peak->present() ? peak : NULL;
    return NULL;
}

/* Schedulers fall into one of several rhythms when a loop begins (256-bit VPDPBUSD on a Zen 5: 36 or 63
 * multiply-adds a cycle, until it ends): so many short loops, begun at odd moments. */
static void delay(int steps) {
    for (volatile int i = 0; i < steps; i++) continue;
}

static double measure(const struct peak *peak) {
    double best = 0;
    long rounds = 1;
    for (int run = 0; run < RUNS;) {
        delay(run % MOST_DELAY);
        double begin = now_s(), done = peak->run(rounds), passed = now_s() - begin;
        if (passed < run_s) {
            rounds *= 2;
            continue;
        }
        if (done / passed > best) best = done / passed;
        run++;
    }
    return best;
}

double register_peak(const char *operation, const char *isa) {
    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
        if (strcmp(judged[i].operation, operation) != 0 || strcmp(judged[i].isa, isa) != 0) continue;
        const struct peak *peak = find_peak(judged[i].peak);
        return peak ? measure(peak) : 0;
    }
    return 0;
}
