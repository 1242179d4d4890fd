/* Damaged index files are refused or used, but never crash the library, hang it or fill memory.
 *
 * Usage: mutate_index SEED COUNT. Copy i is made from SEED + i, so that a failure is repeated by
 * the command that is printed. Each copy is opened, searched, read from, added to and removed from. */
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/unit/index_fixture.h"
#include "tests/fuzz/report.h"

enum { DIMENSIONS = 16, DOCUMENTS = 150, BASES = 2, MOST_BYTES = 1 << 20, HIT_COUNT = 8 };
/* FTS5 asks for as much as a damaged list claims, up to 1 GiB; a small device says no, and so does
 * this limit. All other memory is the library's own, and counted. */
enum { HANG_SECONDS = 20, MOST_SQLITE_BYTES = 32 << 20, MOST_RESIDENT_MEBIBYTES = 768 };

struct base {
    uint8_t bytes[MOST_BYTES];
    size_t size, page;
};

static struct base bases[BASES];

/* ---- Telling what failed ------------------------------------------------------------------ */

static void stop(const char *what) {
    fprintf(stderr, "%s", what);
    tell();
    exit(1);
}

/* ---- The files that are damaged ----------------------------------------------------------- */

static enum minnow_status put_some(struct minnow_index *index, size_t first, size_t count, struct minnow_error *error) {
    static const char *const words[] = {"salmon", "trout", "pike", "carp", "river", "lake"};
    static struct minnow_document documents[DOCUMENTS];
    static float vectors[DOCUMENTS][DIMENSIONS];
    static char ids[DOCUMENTS][16], texts[DOCUMENTS][64];
    struct random_state random = {first};
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", first + i);
        snprintf(texts[i], sizeof texts[i], "%s and %s of %zu", words[i % 6], words[i % 5], i);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of(words[i % 4]), text_of(texts[i])};
        random_vector(&random, vectors[i], DIMENSIONS);
    }
    return minnow_store_put(index, documents, vectors[0], count, error);
}

static void read_base(const char *path, struct base *base) {
    FILE *file = fopen(path, "rb");
    if (!file) stop("the base file is missing");
    base->size = fread(base->bytes, 1, sizeof base->bytes, file);
    fclose(file);
    base->page = (size_t)base->bytes[16] << 8 | base->bytes[17];
}

/* Small pages give more of them, and deeper trees, in as many bytes. */
static void set_page_size(const char *path, const char *sql) {
    sqlite3 *database;
    if (sqlite3_open(path, &database) != SQLITE_OK || sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        stop("the base file cannot be made");
    sqlite3_close(database);
}

static void make_base(const char *path, const char *sql, struct base *base) {
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_index *index;
    struct minnow_error error;
    set_page_size(path, sql);
    if (open_space(path, &space, false, &index, &error) != MINNOW_OK ||
        put_some(index, 0, DOCUMENTS, &error) != MINNOW_OK || put_some(index, 5, 20, &error) != MINNOW_OK)
        stop(error.message);
    minnow_index_close(index);
    read_base(path, base);
    remove(path);
}

/* ---- Damage ------------------------------------------------------------------------------- */

static uint8_t odd_byte(struct random_state *random) {
    static const uint8_t odd[] = {0, 1, 2, 5, 10, 13, 0x7f, 0x80, 0x81, 0xfe, 0xff};
    return random_below(random, 2) ? odd[random_below(random, sizeof odd)] : (uint8_t)random_next(random);
}

static void change_bytes(struct random_state *random, uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) bytes[i] = odd_byte(random);
}

static void damage(struct random_state *random, struct base *copy) {
    if (copy->size < 2 * copy->page) return;
    size_t pages = copy->size / copy->page, at = random_below(random, copy->size - 8);
    uint8_t *a = copy->bytes + random_below(random, pages) * copy->page;
    uint8_t *b = copy->bytes + random_below(random, pages) * copy->page;
    uint8_t kept[65536];
    switch (random_below(random, 10)) {
    case 0:
        change_bytes(random, copy->bytes + random_below(random, 100), 1 + random_below(random, 4));
        break;
    case 1:
        change_bytes(random, a + random_below(random, 12), 1 + random_below(random, 4));
        break; /* page header */
    case 2:
        change_bytes(random, a + random_below(random, 100), 2);
        break; /* cell pointers */
    case 3:
        change_bytes(random, copy->bytes + at, 1 + random_below(random, 8));
        break;
    case 4:
        copy->size = at;
        break;
    case 5:
        copy->size = at / copy->page * copy->page;
        break;
    case 6:
        memmove(a, b, copy->page);
        break;
    case 7:
        memcpy(kept, a, copy->page);
        memmove(a, b, copy->page);
        memcpy(b, kept, copy->page);
        break;
    case 8:
        memset(a, (int)odd_byte(random), random_below(random, copy->page));
        break;
    default:
        copy->bytes[at] ^= (uint8_t)(1u << random_below(random, 8));
        break;
    }
}

static void write_copy(const char *path, const struct base *copy) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(copy->bytes, 1, copy->size, file) != copy->size) stop("the copy cannot be written");
    fclose(file);
}

/* ---- Use ---------------------------------------------------------------------------------- */

struct tally {
    size_t opened, searched, fused, fetched, added, removed;
};

static void fetch(struct minnow_index *index, const struct minnow_hit *hits, size_t found, struct tally *tally) {
    struct minnow_document document;
    volatile char sum = 0; /* every byte is read */
    for (size_t i = 0; i < found; i++) {
        if (minnow_index_document(index, hits[i].document, &document, NULL) != MINNOW_OK) continue;
        for (size_t c = 0; c < document.id.size; c++) sum = (char)(sum ^ document.id.bytes[c]);
        for (size_t c = 0; c < document.text.size; c++) sum = (char)(sum ^ document.text.bytes[c]);
        tally->fetched++;
    }
}

static bool search(struct minnow_index *index, unsigned flags, struct tally *tally) {
    struct minnow_hit hits[HIT_COUNT];
    struct minnow_error error;
    size_t found = 0;
    float query[DIMENSIONS] = {1, -1};
    if (minnow_store_search(index, query, text_of("trout river"), HIT_COUNT, flags, hits, &found, &error) != MINNOW_OK)
        return false;
    for (size_t i = 0; i < found; i++)
        if (!(hits[i].score > -1e37f && hits[i].score < 1e37f)) stop("a score is not finite");
    fetch(index, hits, found, tally);
    return true;
}

static void use(struct minnow_index *index, struct tally *tally) {
    struct minnow_error error;
    struct minnow_text id = {"7", 1};
    sqlite3_exec(index->database, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    tally->opened++;
    tally->searched += search(index, 0, tally);
    tally->fused += search(index, MINNOW_HYBRID, tally);
    tally->added += put_some(index, DOCUMENTS - 1, 2, &error) == MINNOW_OK; /* one there, one new */
    tally->removed += minnow_index_remove(index, &id, 1, NULL, &error) == MINNOW_OK;
    search(index, MINNOW_HYBRID, tally);
}

static long resident_mebibytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static void try_copy(const char *path, uint64_t seed, struct tally *tally) {
    static struct base copy;
    struct random_state random = {seed};
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_index *index;
    struct minnow_error error;
    copy = bases[random_below(&random, BASES)];
    for (size_t left = 1 + random_below(&random, 4); left; left--) damage(&random, &copy);
    write_copy(path, &copy);
    alarm(HANG_SECONDS);
    if (open_space(path, &space, false, &index, &error) == MINNOW_OK) use(index, tally);
    minnow_index_close(index);
    alarm(0);
    if (resident_mebibytes() > MOST_RESIDENT_MEBIBYTES) stop("too much memory");
}

/* ---- All of them -------------------------------------------------------------------------- */

static const char *fast_folder(void) { return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL; }

static void remove_leftovers(struct index_folder *folder) {
    char journal[340];
    snprintf(journal, sizeof journal, "%s-journal", folder->index);
    remove(journal);
}

static void report(uint64_t seed, uint64_t count, const struct tally *tally, time_t start) {
    printf("mutate_index: seed %" PRIu64 ", %" PRIu64 " copies of %zu and %zu bytes, %ld s, %ld MiB\n", seed, count,
           bases[0].size, bases[1].size, (long)(time(NULL) - start), resident_mebibytes());
    printf("opened %zu, searched %zu, fused %zu, fetched %zu, added %zu, removed %zu\n", tally->opened, tally->searched,
           tally->fused, tally->fetched, tally->added, tally->removed);
}

int main(int argc, char **argv) {
    program = argv[0];
    if (argc != 3) return fprintf(stderr, "usage: %s SEED COUNT\n", argv[0]), 2;
    uint64_t seed = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
    struct index_folder folder = index_folder_create(fast_folder());
    struct tally tally = {0};
    time_t start = time(NULL);
    watch_signals();
    sqlite3_hard_heap_limit64(MOST_SQLITE_BYTES);
    make_base(folder.index, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = FULL; VACUUM", &bases[0]);
    make_base(folder.index, "PRAGMA page_size = 512; PRAGMA auto_vacuum = FULL; VACUUM", &bases[1]);
    for (uint64_t i = 0; i < count; i++) {
        current = seed + i;
        try_copy(folder.index, current, &tally);
        remove_leftovers(&folder);
    }
    report(seed, count, &tally, start);
    index_folder_remove(&folder);
    return count > 100 && (!tally.opened || !tally.fused || !tally.added || !tally.removed); /* else it tests nothing */
}
