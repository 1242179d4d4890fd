/* Mutated checkpoint folders: none may crash, hang, eat memory or fail without a word.
 *
 *     mutate_checkpoint MODE SEED COUNT [FIRST [FOLDER]]
 *
 * MODE names the folder and which of its files are damaged (seed_folder.h). Each iteration damages one file of a small
 * valid folder (FOLDER, or a built-in one), opens the folder and puts the file back. Iteration i depends on SEED and i
 * alone: FIRST says where to begin. */
#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/safetensors.h"
#include "convert/checkpoint/tokenizer_files.h"
#include "convert/checkpoint/torch_file.h"
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/seed_folder.h"
#include "tests/fuzz/torch_mutations.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* There in sanitized builds alone, which want all addresses for themselves. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { SECONDS_FOR_ONE = 10, MEMORY_FOR_ONE = 256 << 20 };

static struct {
    const char *mode;
    unsigned long long seed, iteration;
    const char *file;
    const char *folder; /* of the arguments, or "" */
} now;

static void tell_how_to_repeat(const char *what) {
    fprintf(stderr, "%s: iteration %llu damaged %s; repeat with:\n    mutate_checkpoint %s %llu 1 %llu %s\n", what,
            now.iteration, now.file, now.mode, now.seed, now.iteration, now.folder);
}

/* The process is lost anyway; saying which iteration did it is all that is left. */
static void on_signal(int number) {
    tell_how_to_repeat(number == SIGALRM ? "did not end in 10 seconds" : "crashed");
    signal(number, SIG_DFL);
    raise(number);
}

static void on_abort(void) {
    if (now.file) tell_how_to_repeat("ended the program");
}

static void catch_deaths(void) {
    static const int signals[] = {SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    bool sanitized = __sanitizer_set_death_callback != NULL;
    for (size_t i = 0; i < (sanitized ? 1 : sizeof signals / sizeof *signals); i++) signal(signals[i], on_signal);
    if (sanitized) __sanitizer_set_death_callback(on_abort);
    atexit(on_abort);
}

/* 0 where nobody says. */
static rlim_t mapped_bytes(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Beside what is mapped by now: the undamaged folder has been opened, and BLAS keeps large buffers. */
static void limit_memory(void) {
    rlim_t most = mapped_bytes() + MEMORY_FOR_ONE;
    struct rlimit limit = {most, most};
    if (!__sanitizer_set_death_callback) setrlimit(RLIMIT_AS, &limit);
}

static void fail(const char *what, const struct minnow_error *error) {
    fprintf(stderr, "status %d \"%s\"\n", (int)error->status, error->message);
    tell_how_to_repeat(what);
    now.file = NULL;
    exit(1);
}

/* A status other than OK says something, in a terminated string, and is not for want of memory: the files are tiny. */
static void check_failure(enum minnow_status status, const struct minnow_error *error) {
    if (status == MINNOW_OUT_OF_MEMORY) fail("asked for more memory than any file here can need", error);
    if (!error->message[0] || !memchr(error->message, 0, sizeof error->message)) fail("failed without a word", error);
    if (error->status != status) fail("status and error differ", error);
}

/* What opened can be used. */
static void use_tokenizer(const struct minnow_tokenizer *tokenizer) {
    static const char text[] = "a query ab,c [MASK] \xc3\x89t\xc3\xa9 \xe9\xb1\xbc \xff";
    uint32_t ids[64];
    struct minnow_text prefix = {"d ", 2}, whole = {text, sizeof text - 1};
    size_t count = minnow_tokenizer_encode(tokenizer, prefix, whole, ids, 64, SIZE_MAX);
    for (size_t i = 0; i < count && i < 64; i++)
        if (ids[i] >= tokenizer->vocabulary)
            fail("gave a token that is not in the vocabulary", &(struct minnow_error){0});
}

static enum minnow_status open_checkpoint(const char *path, struct minnow_error *error) {
    struct minnow_checkpoint *checkpoint;
    enum minnow_status status = minnow_checkpoint_open(path, NULL, &checkpoint, error);
    for (uint32_t i = 0; !status && i < checkpoint->contents.tokenizer_count; i++)
        use_tokenizer(&checkpoint->contents.tokenizers[i]);
    if (!status) status = minnow_contents_check(&checkpoint->contents, error);
    minnow_checkpoint_close(checkpoint);
    return status;
}

static enum minnow_status open_tokenizer(const char *path, struct minnow_error *error) {
    struct minnow_memory *memory = minnow_memory_create();
    struct minnow_tokenizer tokenizer;
    enum minnow_status status = minnow_tokenizer_read(path, memory, &tokenizer, error);
    if (!status) use_tokenizer(&tokenizer);
    minnow_memory_free(memory);
    return status;
}

static bool ends_with(const char *name, const char *end) {
    size_t size = strlen(name);
    return size >= strlen(end) && !strcmp(name + size - strlen(end), end);
}

/* Every tensor of one file in a block of its exact size, where the sanitizer sees a byte too many. */
static void read_tensors(const char *name, const struct mutated *file) {
    struct minnow_memory *memory = minnow_memory_create();
    struct minnow_tensor *tensors;
    size_t count = 0;
    struct minnow_error error = {0};
    uint8_t *bytes = malloc(file->size ? file->size : 1);
    require(bytes != NULL, "memory");
    memcpy(bytes, file->bytes, file->size);
    enum minnow_status status =
        ends_with(name, ".bin")
            ? minnow_torch_read("mutated", bytes, file->size, memory, &tensors, &count, &error)
            : minnow_safetensors_read("mutated", bytes, file->size, memory, &tensors, &count, &error);
    if (status) check_failure(status, &error);
    for (size_t i = 0; !status && i < count; i++) {
        float *values = tensors[i].type == MINNOW_TENSOR_OTHER ? NULL : malloc(tensors[i].size * 2 + 1);
        if (values && minnow_tensor_read(&tensors[i], values, &error)) check_failure(error.status, &error);
        free(values);
    }
    minnow_memory_free(memory);
    free(bytes);
}

typedef enum minnow_status open_fn(const char *path, struct minnow_error *error);

/* vocab.txt is read only where there is no tokenizer.json. */
static bool hides(const struct seed_file *file, const struct seed_file *damaged) {
    return !strcmp(damaged->name, "vocab.txt") && !strcmp(file->name, "tokenizer.json");
}

static enum minnow_status run_one(const struct seed_folder *seeds, size_t chosen, open_fn *open,
                                  struct random *random) {
    const struct seed_file *damaged = &seeds->files[chosen];
    struct mutated mutated = ends_with(damaged->name, ".bin")
                                 ? mutate_torch(damaged->bytes, damaged->size, random)
                                 : mutate(damaged->name, damaged->bytes, damaged->size, random);
    struct minnow_error error = {0};
    folder_write_bytes(&seeds->folder, damaged->name, mutated.bytes, mutated.size);
    for (size_t i = 0; i < seeds->count; i++)
        if (hides(&seeds->files[i], damaged)) folder_delete(&seeds->folder, seeds->files[i].name);
    alarm(SECONDS_FOR_ONE);
    enum minnow_status status = open(seeds->folder.path, &error);
    alarm(0);
    if (status) check_failure(status, &error);
    if (ends_with(damaged->name, ".safetensors") || ends_with(damaged->name, ".bin"))
        read_tensors(damaged->name, &mutated);
    for (size_t i = 0; i < seeds->count; i++)
        if (i == chosen || hides(&seeds->files[i], damaged)) seed_folder_restore(seeds, i);
    free(mutated.bytes);
    return status;
}

static void run_all(const struct seed_folder *seeds, open_fn *open, unsigned long long count,
                    unsigned long long first) {
    unsigned long long opened = 0;
    for (unsigned long long i = first; i < first + count; i++) {
        struct random random = random_start(now.seed, i);
        size_t chosen = random_below(&random, seeds->count);
        now.iteration = i;
        now.file = seeds->files[chosen].name;
        opened += run_one(seeds, chosen, open, &random) == MINNOW_OK;
    }
    now.file = NULL;
    printf("mutate_checkpoint %s: seed %llu, %llu iterations, %llu opened, the others failed with a reason\n", now.mode,
           now.seed, count, opened);
}

static const char *const mode_names[SEED_MODES] = {"checkpoint", "tokenizer", "torch", "lstm",    "cnn",
                                                   "model2vec",  "router",    "tk",    "colbert", "cross-encoder",
                                                   "written"};

static int usage(void) {
    fprintf(stderr, "usage: mutate_checkpoint MODE SEED COUNT [FIRST [FOLDER]]\nmodes:");
    for (int i = 0; i < SEED_MODES; i++) fprintf(stderr, " %s%s", mode_names[i], i + 1 < SEED_MODES ? "" : "\n");
    return 2;
}

static bool parse_mode(const char *name, enum seed_mode *mode) {
    for (int i = 0; i < SEED_MODES; i++) {
        *mode = (enum seed_mode)i;
        if (!strcmp(name, mode_names[i])) return true;
    }
    return false;
}

int main(int count, char **arguments) {
    enum seed_mode mode;
    if (count < 4 || count > 6 || !parse_mode(arguments[1], &mode)) return usage();
    now.mode = arguments[1];
    now.seed = strtoull(arguments[2], NULL, 10);
    now.folder = count > 5 ? arguments[5] : "";
    struct seed_folder seeds = seed_folder_create(now.folder, mode);
    open_fn *open = mode == SEED_TOKENIZER_FILES ? open_tokenizer : open_checkpoint;
    struct minnow_error error = {0};
    if (open(seeds.folder.path, &error)) {
        fprintf(stderr, "the undamaged folder does not open: %s\n", error.message);
        seed_folder_remove(&seeds);
        return 1;
    }
    catch_deaths();
    limit_memory();
    run_all(&seeds, open, strtoull(arguments[3], NULL, 10), count > 4 ? strtoull(arguments[4], NULL, 10) : 0);
    seed_folder_remove(&seeds);
    return 0;
}
