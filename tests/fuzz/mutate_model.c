/* Damaged model files are refused, or opened and used; they never crash the library, hang it or
 * fill memory.
 *
 * Usage: mutate_model SEED COUNT. File i is made from SEED + i, so that a failure is repeated by
 * the command that is printed. What opens is also described, encodes two texts, scores them and, one
 * time in eight, is verified. */
#include <inttypes.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "convert/quantize/model_writer.h"
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/report.h"
#include "tests/unit/small_families.h"

enum {
    TYPES = 3,
    BASES = TYPES * (SMALL_FAMILIES + 1),
    HANG_SECONDS = 20,
    HEADER_END = 16384,
    MOST_MUTATIONS = 4,
    TEXTS = 2
};

static struct base {
    uint8_t *bytes;
    size_t size, header_size;
} bases[BASES];

/* ---- Telling what failed ---- */

/* Larger than any model of the small file may ask for: the limit of activations is 1 GiB. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "max_allocation_size_mb=1536:allocator_may_return_null=1"; }

static void watch(void) {
    struct rlimit limit = {.rlim_cur = (rlim_t)3 << 30, .rlim_max = (rlim_t)3 << 30};
    if (!watch_signals()) setrlimit(RLIMIT_AS, &limit);
}

static void stop(const char *what, const struct minnow_error *error) {
    fprintf(stderr, "%s: %s\n", what, error->message);
    tell();
    exit(1);
}

/* ---- The files that are damaged ---- */

static void make_base(struct base *base, struct small_model *model) {
    struct minnow_error error = {0};
    if (make_golden(model, &error) != MINNOW_OK) stop("the base could not encode", &error);
    if (minnow_file_build(&model->contents, &base->bytes, &base->size, &error) != MINNOW_OK)
        stop("the base could not be written", &error);
    uint32_t length;
    memcpy(&length, base->bytes, sizeof length);
    base->header_size = length + sizeof length;
    small_model_free(model);
}

/* Of each type of weights: a model of one route, and one of every family. */
static void make_bases(void) {
    for (size_t i = 0; i < BASES; i++) {
        enum minnow_weight_type type = (enum minnow_weight_type)(i % TYPES);
        size_t family = i / TYPES;
        make_base(&bases[i], family < SMALL_FAMILIES ? small_family_make((enum small_family)family, type)
                                                     : small_model_make(type, 1));
    }
}

/* Of exactly this size, so that a read beyond it is seen. */
static uint8_t *copy_of(const uint8_t *bytes, size_t size) {
    void *copy;
    if (posix_memalign(&copy, 64, size) != 0) abort();
    memcpy(copy, bytes, size);
    return copy;
}

/* ---- Damage: one random number a statement, so that every compiler makes the same files ---- */

static uint64_t interesting(struct random *random) {
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       3,
                                       4,
                                       15,
                                       16,
                                       17,
                                       24,
                                       63,
                                       64,
                                       127,
                                       255,
                                       256,
                                       1023,
                                       1024,
                                       1025,
                                       16384,
                                       32767,
                                       32768,
                                       32769,
                                       65535,
                                       65536,
                                       65537,
                                       0x7f7fffff,
                                       0x7f800000,
                                       0x7fc00000,
                                       INT32_MAX,
                                       0x80000000,
                                       0xff800000,
                                       UINT32_MAX,
                                       UINT32_MAX - 3,
                                       UINT64_C(1) << 32,
                                       INT64_MAX,
                                       UINT64_MAX,
                                       UINT64_MAX - 63};
    size_t shift = random_below(random, 256);
    if (shift < 64) return random_next(random) >> shift;
    return numbers[random_below(random, sizeof numbers / sizeof *numbers)];
}

/* Most damage goes where the structure is. */
static size_t somewhere(const struct base *base, struct random *random, size_t unit) {
    size_t end = random_below(random, 8) ? base->header_size : base->size;
    return random_below(random, end / unit) * unit;
}

static void flip(uint8_t *bytes, const struct base *base, struct random *random) {
    size_t at = somewhere(base, random, 1), bit = random_below(random, 8);
    bytes[at] ^= (uint8_t)(1u << bit);
}

static void set_byte(uint8_t *bytes, const struct base *base, struct random *random) {
    size_t at = somewhere(base, random, 1);
    bytes[at] = (uint8_t)interesting(random);
}

static void set_word(uint8_t *bytes, const struct base *base, struct random *random) {
    uint32_t word = (uint32_t)interesting(random);
    memcpy(bytes + somewhere(base, random, sizeof word), &word, sizeof word);
}

static void set_long(uint8_t *bytes, const struct base *base, struct random *random) {
    uint64_t word = interesting(random);
    memcpy(bytes + somewhere(base, random, sizeof word), &word, sizeof word);
}

static void nudge(uint8_t *bytes, const struct base *base, struct random *random) {
    static const uint32_t steps[] = {1, 4, 8, 64, UINT32_MAX, UINT32_MAX - 3, UINT32_MAX - 7, UINT32_MAX - 63};
    size_t at = somewhere(base, random, sizeof(uint32_t));
    uint32_t word;
    memcpy(&word, bytes + at, sizeof word);
    word += steps[random_below(random, 8)];
    memcpy(bytes + at, &word, sizeof word);
}

/* Two words change places, or one takes the other's: offsets of other tables and tensors. */
static void swap(uint8_t *bytes, const struct base *base, struct random *random) {
    uint8_t one[8], other[8];
    size_t unit = random_below(random, 2) ? 4 : 8;
    size_t a = somewhere(base, random, unit), b = somewhere(base, random, unit);
    memcpy(one, bytes + a, unit);
    memcpy(other, bytes + b, unit);
    memcpy(bytes + a, other, unit);
    if (random_below(random, 2)) memcpy(bytes + b, one, unit);
}

/* Where the tensors are, whatever is not a weight matters: NaN, sums, slots of the vocabulary. */
static void spoil_tensor(uint8_t *bytes, const struct base *base, struct random *random) {
    uint32_t word = (uint32_t)interesting(random);
    size_t words = (base->size - HEADER_END) / sizeof word;
    memcpy(bytes + HEADER_END + random_below(random, words) * sizeof word, &word, sizeof word);
}

/* Cut, mostly with the size that the file says set right. */
static void cut(uint8_t *bytes, const struct base *base, struct random *random, size_t *size) {
    *size = random_below(random, base->size);
    uint64_t expected = base->size, found = *size;
    for (size_t at = 0; random_below(random, 4) && at + 8 <= base->header_size && at + 8 <= *size; at += 4)
        if (memcmp(bytes + at, &expected, 8) == 0) {
            memcpy(bytes + at, &found, 8);
            return;
        }
}

typedef void damage_fn(uint8_t *bytes, const struct base *base, struct random *random);

static void damage(uint8_t *bytes, const struct base *base, struct random *random, size_t *size) {
    static damage_fn *const ways[] = {flip, set_byte, set_word, set_word, set_long, nudge, nudge, swap, spoil_tensor};
    for (size_t n = 1 + random_below(random, MOST_MUTATIONS); n; n--)
        ways[random_below(random, sizeof ways / sizeof *ways)](bytes, base, random);
    if (random_below(random, 16) == 0) cut(bytes, base, random, size);
}

/* ---- Use ---- */

static void bear(enum minnow_status status, const char *what, const struct minnow_error *error) {
    if (status != MINNOW_OK && status != MINNOW_NOT_FINITE) stop(what, error);
}

/* One vector a text, or one a token. */
static void encode(struct minnow_session *session, const struct minnow_model_info *info, enum minnow_role role,
                   const struct minnow_text *texts) {
    struct minnow_error error = {0};
    uint32_t counts[TEXTS];
    size_t rows = info->token_vectors ? info->max_tokens[role] : 1;
    float *vectors = calloc(TEXTS * rows, info->dimensions * sizeof *vectors);
    if (!vectors) abort();
    if (info->token_vectors)
        bear(minnow_encode_tokens(session, role, texts, TEXTS, vectors, counts, NULL, &error), "minnow_encode_tokens",
             &error);
    else
        bear(minnow_encode(session, role, texts, TEXTS, vectors, NULL, &error), "minnow_encode", &error);
    free(vectors);
}

static void encode_and_score(struct minnow_session *session, const struct minnow_model_info *info) {
    static const char bytes[] =
        "The river of fish: w\xc3\xa1ters [MASK] \xff, fishing? fishs river of the river of a river";
    struct minnow_text texts[TEXTS] = {{bytes, sizeof bytes - 1}, {"", 0}};
    struct minnow_error error = {0};
    float scores[TEXTS];
    for (int role = MINNOW_QUERY; info->similarity != MINNOW_JOINT && role <= MINNOW_DOCUMENT; role++)
        encode(session, info, (enum minnow_role)role, texts);
    for (size_t i = 0; i < TEXTS; i++)
        bear(minnow_score(session, texts[i], texts, TEXTS, scores, NULL, NULL, &error), "minnow_score", &error);
}

static void verify(const struct minnow_model *model) {
    struct minnow_error error = {0};
    enum minnow_status status = minnow_model_verify(model, &error);
    if (status != MINNOW_OK && status != MINNOW_MISMATCH && status != MINNOW_NOT_FINITE)
        stop("minnow_model_verify", &error);
}

static void use(const struct minnow_model *model, bool thoroughly) {
    struct minnow_session *session = NULL;
    struct minnow_error error = {0};
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    if (strlen(info.name) + strlen(info.quantization) > HEADER_END) stop("minnow_model_info", &error);
    if (minnow_session_create(model, NULL, &session, &error) != MINNOW_OK) stop("minnow_session_create", &error);
    encode_and_score(session, &info);
    minnow_session_close(session);
    if (thoroughly) verify(model);
}

/* Returns whether it opened. */
static bool open_and_use(const uint8_t *bytes, size_t size, bool thoroughly) {
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    enum minnow_status status = minnow_model_open_memory(bytes, size, NULL, &model, &error);
    if (status == MINNOW_OK)
        use(model, thoroughly);
    else if (status != MINNOW_BAD_MODEL && status != MINNOW_UNSUPPORTED)
        stop("minnow_model_open_memory", &error);
    else if (error.status != status || error.message[0] == 0)
        stop("an error without a message", &error);
    minnow_model_close(model);
    return status == MINNOW_OK;
}

static bool try_one(uint64_t seed) {
    struct random random = random_start(seed, 0);
    const struct base *base = &bases[random_below(&random, BASES)];
    uint8_t *bytes = copy_of(base->bytes, base->size);
    size_t size = base->size;
    damage(bytes, base, &random, &size);
    uint8_t *exact = copy_of(bytes, size);
    free(bytes);
    alarm(HANG_SECONDS);
    bool opened = open_and_use(exact, size, random_below(&random, 8) == 0);
    alarm(0);
    free(exact);
    return opened;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: %s SEED COUNT\n", arguments[0]);
        return 2;
    }
    program = arguments[0];
    uint64_t seed = strtoull(arguments[1], NULL, 10), files = strtoull(arguments[2], NULL, 10), opened = 0;
    watch();
    make_bases();
    for (uint64_t i = 0; i < files; i++) {
        current = seed + i;
        opened += try_one(current);
    }
    for (size_t i = 0; i < BASES; i++) free(bases[i].bytes);
    printf("%" PRIu64 " damaged model files: %" PRIu64 " still opened and were used, seed %" PRIu64 "\n", files, opened,
           seed);
    return 0;
}
