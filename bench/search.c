/* Search in memory, without encoder and database.
 *
 * search VECTORS QUERIES DIMENSIONS [OPTIONS]   files of f32, row by row, or "gauss:COUNT": random numbers.
 *                                               Prints a line for the exact and one for the approximate search.
 *   --serve exact|approximate    answer the lines that bench/peers/serve_search.py documents instead
 *   --isa NAME                   highest kernel tier to use
 *   --rounds N                   each query so often, 5; the two searches take turns
 * The best k are 10, except for --serve, where the request says it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "runtime/index/quantize.h"
#include "runtime/index/scan.h"

enum { BEST = 10, MOST_BEST = 10000, BLOCK_ROWS = 10240 };

struct rows {
    const float *values; /* NULL: random */
    size_t count;
};

struct bench {
    struct rows vectors, queries;
    size_t dimensions, rounds;
    const char *serve, *isa;
    struct minnow_index index;
    float *scales; /* of the queries */
    int8_t *quantized;
};

static void stop(const char *what, const char *which) {
    fprintf(stderr, "search: %s %s\n", what, which);
    exit(1);
}

static void *must(void *memory) {
    if (!memory) stop("no memory for", "the vectors");
    return memory;
}

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

/* ---- Vectors ------------------------------------------------------------------------------ */

static struct rows open_rows(const char *name, size_t dimensions) {
    if (strncmp(name, "gauss:", 6) == 0) return (struct rows){NULL, (size_t)strtoull(name + 6, NULL, 10)};
    struct stat information;
    int file = open(name, O_RDONLY);
    if (file < 0 || fstat(file, &information) || information.st_size < (off_t)(4 * dimensions))
        stop("cannot read", name);
    void *values = mmap(NULL, (size_t)information.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (values == MAP_FAILED) stop("cannot map", name);
    return (struct rows){values, (size_t)information.st_size / (4 * dimensions)};
}

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* A sum of twelve uniform numbers is near enough to a normal one. */
static float next_normal(uint64_t *state) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        uint64_t bits = next_random(state);
        for (int j = 0; j < 4; j++) sum += (double)(bits >> 16 * j & 0xFFFF);
    }
    return (float)(sum / 65535 - 6);
}

/* The row at unit length, as the index keeps it. */
static void quantize_row(const struct bench *bench, struct rows rows, size_t row, uint64_t *random, int8_t *q,
                         float *scale) {
    float *vector = bench->index.vector;
    for (size_t i = 0; i < bench->dimensions; i++)
        vector[i] = rows.values ? rows.values[row * bench->dimensions + i] : next_normal(random);
    bench->index.kernels.normalize(vector, bench->dimensions);
    if (!minnow_quantize_vector(vector, bench->dimensions, q, scale)) stop("not finite:", "a vector");
}

static void fill_cache(struct bench *bench) {
    struct minnow_cache *cache = &bench->index.cache;
    size_t count = bench->vectors.count, blocks = (count + BLOCK_ROWS - 1) / BLOCK_ROWS;
    int8_t *q = must(calloc(1, bench->index.stride));
    uint64_t random = 1;
    cache->blocks = must(calloc(blocks, sizeof(struct minnow_block *)));
    for (size_t b = 0; b < blocks; b++) cache->blocks[b] = must(minnow_block_create(BLOCK_ROWS, bench->dimensions, b > 0));
    for (size_t i = 0; i < count; i++) {
        float scale;
        struct minnow_block *block = cache->blocks[i / BLOCK_ROWS];
        quantize_row(bench, bench->vectors, i, &random, q, &scale);
        minnow_block_put(block, i % BLOCK_ROWS, q, scale);
        block->documents[i % BLOCK_ROWS] = (int64_t)i;
    }
    cache->chunk_count = (count + MINNOW_CHUNK_SLOTS - 1) / MINNOW_CHUNK_SLOTS;
    cache->chunks = must(calloc(cache->chunk_count, sizeof *cache->chunks));
    cache->chunks[cache->chunk_count - 1].rows = (uint32_t)((count - 1) % MINNOW_CHUNK_SLOTS + 1);
    free(q);
}

static void fill_queries(struct bench *bench) {
    uint64_t random = 2;
    bench->scales = must(calloc(bench->queries.count, sizeof *bench->scales));
    bench->quantized = must(calloc(bench->queries.count, bench->index.stride));
    for (size_t i = 0; i < bench->queries.count; i++)
        quantize_row(bench, bench->queries, i, &random, bench->quantized + i * bench->index.stride, &bench->scales[i]);
}

static void prepare(struct bench *bench) {
    struct minnow_index *index = &bench->index;
    if (!minnow_kernels_choose(&index->kernels, bench->isa)) stop("no tier", bench->isa);
    index->space = (struct minnow_space){.dimensions = (uint32_t)bench->dimensions, .similarity = MINNOW_COSINE};
    index->stride = (bench->dimensions + MINNOW_PLANE_COLUMNS - 1) / MINNOW_PLANE_COLUMNS * MINNOW_PLANE_COLUMNS;
    index->vector = must(calloc(index->stride, sizeof(float)));
    index->candidates = must(calloc(MINNOW_CANDIDATES, sizeof *index->candidates));
    fill_cache(bench);
    fill_queries(bench);
}

/* ---- Searching ---------------------------------------------------------------------------- */

static struct minnow_scan search(struct bench *bench, size_t query, unsigned flags, size_t k, struct minnow_hit *hits,
                                 double *took_ms) {
    double started = now_ms();
    bench->index.query = bench->quantized + query * bench->index.stride;
    struct minnow_scan scan = minnow_scan_begin(&bench->index, bench->scales[query], k, hits);
    minnow_scan_run(&scan, flags);
    *took_ms = now_ms() - started;
    return scan;
}

static size_t bytes_in_memory(const struct bench *bench) {
    return bench->vectors.count * minnow_block_row_bytes(bench->dimensions);
}

static int serve(struct bench *bench) {
    static struct minnow_hit hits[MOST_BEST];
    unsigned flags = strcmp(bench->serve, "approximate") == 0 ? MINNOW_APPROXIMATE : 0;
    size_t query, k;
    double took_ms;
    printf("ready %.1f\n", (double)bytes_in_memory(bench) / 1e6);
    fflush(stdout);
    while (scanf(" search %zu %zu", &query, &k) == 2) {
        if (query >= bench->queries.count || k == 0 || k > MOST_BEST) {
            puts("error no such query or count");
        } else {
            struct minnow_scan scan = search(bench, query, flags, k, hits, &took_ms);
            printf("ok %.1f", took_ms * 1e3);
            for (size_t i = 0; i < scan.top.count; i++) printf(" %" PRId64, hits[i].document);
            putchar('\n');
        }
        fflush(stdout);
    }
    return 0;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct account {
    double *times;
    size_t count, narrowed, rescored, hit, wanted;
};

static void add(struct account *account, const struct minnow_scan *scan, double took_ms) {
    account->times[account->count++] = took_ms;
    account->narrowed += scan->narrowed;
    account->rescored += scan->rescored;
}

static void compare(struct account *account, const struct minnow_scan *found, const struct minnow_scan *exact) {
    account->wanted += exact->top.count;
    for (size_t i = 0; i < found->top.count; i++)
        for (size_t j = 0; j < exact->top.count; j++)
            account->hit += found->top.hits[i].document == exact->top.hits[j].document;
}

static void print_account(const struct bench *bench, const char *name, struct account *account) {
    qsort(account->times, account->count, sizeof *account->times, by_size);
    double rows = (double)bench->vectors.count * (double)account->count, median = account->times[account->count / 2];
    printf("%-12s %-10s %8zu x %4zu  median %7.3f ms  p90 %7.3f  least %7.3f  %6.1f GB/s of bytes  fourth digit %6.2f%%  "
           "in full %7.4f%%  recall %.4f\n",
           name, bench->index.kernels.isa, bench->vectors.count, bench->dimensions, median,
           account->times[account->count * 9 / 10], account->times[0],
           (double)(bench->vectors.count * bench->dimensions) / median * 1e-6, 100 * (double)account->narrowed / rows,
           100 * (double)account->rescored / rows, (double)account->hit / (double)account->wanted);
}

static int report(struct bench *bench) {
    struct minnow_hit exact_hits[BEST], hits[BEST];
    size_t runs = bench->rounds * bench->queries.count;
    struct account exact = {.times = must(calloc(runs, sizeof(double)))};
    struct account approximate = {.times = must(calloc(runs, sizeof(double)))};
    for (size_t i = 0; i < runs; i++) {
        double took_ms;
        struct minnow_scan scan = search(bench, i % bench->queries.count, 0, BEST, exact_hits, &took_ms);
        add(&exact, &scan, took_ms);
        compare(&exact, &scan, &scan);
        struct minnow_scan guessed = search(bench, i % bench->queries.count, MINNOW_APPROXIMATE, BEST, hits, &took_ms);
        add(&approximate, &guessed, took_ms);
        compare(&approximate, &guessed, &scan);
    }
    print_account(bench, "exact", &exact);
    print_account(bench, "approximate", &approximate);
    return 0;
}

static void take_option(struct bench *bench, const char *name, const char *value) {
    if (strcmp(name, "--serve") == 0)
        bench->serve = value;
    else if (strcmp(name, "--isa") == 0)
        bench->isa = value;
    else if (strcmp(name, "--rounds") == 0)
        bench->rounds = (size_t)strtoull(value, NULL, 10);
    else
        stop("unknown option", name);
}

int main(int argc, char **argv) {
    struct bench bench = {.rounds = 5};
    const char *operands[3];
    int operand_count = 0;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && i + 1 < argc)
            take_option(&bench, argv[i], argv[i + 1]), i++;
        else if (operand_count < 3)
            operands[operand_count++] = argv[i];
    }
    if (operand_count < 3) stop("usage:", "search VECTORS QUERIES DIMENSIONS [--serve exact|approximate] [--isa NAME]");
    bench.dimensions = (size_t)strtoull(operands[2], NULL, 10);
    if (!bench.dimensions || bench.dimensions > 65536) stop("no dimensions:", operands[2]);
    bench.vectors = open_rows(operands[0], bench.dimensions);
    bench.queries = open_rows(operands[1], bench.dimensions);
    if (!bench.vectors.count || !bench.queries.count || !bench.rounds) stop("nothing in", operands[0]);
    prepare(&bench);
    return bench.serve ? serve(&bench) : report(&bench);
}
