/* A model file comes back as it was written, from wherever it lies; a damaged one is named. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/built_model.h"

/* ---- The same as before ---- */

static void same_bytes(const void *a, const void *b, size_t size) {
    assert_int_equal(a != NULL, b != NULL);
    if (a) assert_memory_equal(a, b, size);
    assert_int_equal((uintptr_t)b % 64, 0);
}

static void same_linear(const struct minnow_linear *a, const struct minnow_linear *b) {
    bool s4 = a->type == MINNOW_WEIGHT_S4;
    size_t outputs = a->type == MINNOW_WEIGHT_F32 ? a->outputs : MINNOW_PADDED(a->outputs);
    const size_t bytes[] = {4 * (size_t)a->outputs * a->inputs, minnow_packed_s8_bytes(a->outputs, a->inputs),
                            minnow_packed_s4_bytes(a->outputs, a->inputs)};
    assert_int_equal(a->inputs, b->inputs);
    assert_int_equal(a->outputs, b->outputs);
    assert_int_equal(a->type, b->type);
    same_bytes(a->weight, b->weight, bytes[a->type]);
    same_bytes(a->steps, b->steps, s4 ? minnow_packed_s4_step_bytes(a->outputs, a->inputs) : 0);
    same_bytes(a->scale, b->scale, 4 * outputs);
    same_bytes(a->column_sum, b->column_sum, 4 * outputs);
    same_bytes(a->bias, b->bias, 4 * outputs);
    same_bytes(a->input_multiplier, b->input_multiplier, 4 * (size_t)a->inputs);
    assert_int_equal(a->input_rotation, b->input_rotation);
}

static void same_table(const struct minnow_table *a, const struct minnow_table *b) {
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->type, b->type);
    size_t groups = MINNOW_GROUPS(a->width);
    const size_t row_bytes[] = {4 * (size_t)a->width, a->width, groups * MINNOW_GROUP / 2};
    same_bytes(a->data, b->data, a->rows * row_bytes[a->type]);
    same_bytes(a->steps, b->steps, a->type == MINNOW_WEIGHT_S4 ? a->rows * groups : 0);
    same_bytes(a->scale, b->scale, 4 * (size_t)a->rows);
}

static void same_norm(const struct minnow_layer_norm *a, const struct minnow_layer_norm *b) {
    assert_int_equal(a->width, b->width);
    assert_true(a->epsilon == b->epsilon);
    same_bytes(a->gamma, b->gamma, 4 * (size_t)a->width);
    same_bytes(a->beta, b->beta, 4 * (size_t)a->width);
}

static void same_block(const struct minnow_encoder_block *a, const struct minnow_encoder_block *b) {
    assert_int_equal(a->hidden, b->hidden);
    assert_int_equal(a->heads, b->heads);
    assert_int_equal(a->intermediate, b->intermediate);
    assert_int_equal(a->activation, b->activation);
    same_linear(&a->query_key_value, &b->query_key_value);
    same_linear(&a->attention_output, &b->attention_output);
    same_linear(&a->ffn_up, &b->ffn_up);
    same_linear(&a->ffn_down, &b->ffn_down);
    same_norm(&a->attention_norm, &b->attention_norm);
    same_norm(&a->output_norm, &b->output_norm);
}

static void same_layer(const struct minnow_layer *a, const struct minnow_layer *b) {
    assert_int_equal(a->kind, b->kind);
    switch (a->kind) {
    case MINNOW_LAYER_EMBEDDING:
        same_table(&a->embedding.words, &b->embedding.words);
        same_table(&a->embedding.positions, &b->embedding.positions);
        same_table(&a->embedding.types, &b->embedding.types);
        same_norm(&a->embedding.norm, &b->embedding.norm);
        break;
    case MINNOW_LAYER_ENCODER_BLOCK:
        same_block(&a->encoder_block, &b->encoder_block);
        break;
    case MINNOW_LAYER_POOL:
        assert_int_equal(a->pool.pooling, b->pool.pooling);
        break;
    case MINNOW_LAYER_DENSE:
        same_linear(&a->dense.linear, &b->dense.linear);
        assert_int_equal(a->dense.activation, b->dense.activation);
        break;
    case MINNOW_LAYER_NORMALIZE:
        break;
    }
}

static void same_tokenizer(const struct minnow_tokenizer *a, const struct minnow_tokenizer *b) {
    assert_int_equal(a->vocabulary, b->vocabulary);
    assert_int_equal(a->text_bytes, b->text_bytes);
    assert_int_equal(a->slot_count, b->slot_count);
    assert_int_equal(a->added_count, b->added_count);
    same_bytes(a->text, b->text, a->text_bytes);
    same_bytes(a->offsets, b->offsets, 4 * (a->vocabulary + (size_t)1));
    same_bytes(a->slots, b->slots, 4 * (size_t)a->slot_count);
    assert_memory_equal(a->added, b->added, a->added_count * sizeof *a->added);
    assert_string_equal(a->continuation, b->continuation);
    const uint32_t left[] = {a->options, a->unknown_id,         a->cls_id, a->sep_id, a->pad_id,
                             a->mask_id, a->max_word_characters};
    const uint32_t right[] = {b->options, b->unknown_id,         b->cls_id, b->sep_id, b->pad_id,
                              b->mask_id, b->max_word_characters};
    assert_memory_equal(left, right, sizeof left);
}

static void same_golden(const struct minnow_golden *a, const struct minnow_golden *b) {
    assert_int_equal(a->text.size, b->text.size);
    assert_memory_equal(a->text.bytes, b->text.bytes, a->text.size);
    assert_int_equal(a->role, b->role);
    assert_int_equal(a->id_count, b->id_count);
    assert_memory_equal(a->ids, b->ids, 4 * (size_t)a->id_count);
    assert_memory_equal(a->vector, b->vector, 4 * DIMENSIONS);
}

static void same_description(const struct minnow_contents *a, const struct minnow_contents *b) {
    const char *const left[] = {a->inputs[0].prompt, a->inputs[1].prompt,    a->name,      a->license,
                                a->source,     a->source_sha256, a->converter, a->quantization};
    const char *const right[] = {b->inputs[0].prompt, b->inputs[1].prompt,    b->name,      b->license,
                                 b->source,     b->source_sha256, b->converter, b->quantization};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) assert_string_equal(left[i], right[i]);
    assert_int_equal(a->similarity, b->similarity);
    assert_int_equal(a->matryoshka_count, b->matryoshka_count);
    assert_memory_equal(a->matryoshka, b->matryoshka, 4 * a->matryoshka_count);
    assert_memory_equal(a->space, b->space, sizeof a->space);
    assert_memory_equal(a->route_of_role, b->route_of_role, sizeof a->route_of_role);
}

static void same_contents(const struct minnow_contents *a, const struct minnow_contents *b) {
    same_tokenizer(&a->tokenizers[0], &b->tokenizers[0]);
    same_description(a, b);
    assert_int_equal(a->route_count, b->route_count);
    for (uint32_t r = 0; r < a->route_count; r++) {
        assert_int_equal(a->routes[r].max_tokens, b->routes[r].max_tokens);
        assert_int_equal(a->routes[r].dimensions, b->routes[r].dimensions);
        assert_int_equal(a->routes[r].layer_count, b->routes[r].layer_count);
        for (uint32_t i = 0; i < a->routes[r].layer_count; i++)
            same_layer(&a->routes[r].layers[i], &b->routes[r].layers[i]);
    }
    assert_int_equal(a->golden_count, b->golden_count);
    for (uint32_t i = 0; i < a->golden_count; i++) same_golden(&a->golden[i], &b->golden[i]);
}

static void comes_back(enum minnow_weight_type type, uint32_t routes) {
    struct built built = build(type, routes);
    struct minnow_model *model = open_built(&built);
    struct minnow_error error = {0};
    same_contents(&built.model->contents, &model->contents);
    if (minnow_model_verify(model, &error) != MINNOW_OK) fail_msg("%s", error.message);

    uint8_t *again;
    size_t size;
    assert_int_equal(minnow_file_build(&model->contents, &again, &size, &error), MINNOW_OK);
    assert_int_equal(size, built.size);
    assert_memory_equal(again, built.bytes, size);
    free(again);
    minnow_model_close(model);
    release(&built);
}

static void round_trips(void **state) {
    (void)state;
    comes_back(MINNOW_WEIGHT_F32, 1);
    comes_back(MINNOW_WEIGHT_F32, 2);
    comes_back(MINNOW_WEIGHT_S8, 1);
    comes_back(MINNOW_WEIGHT_S8, 2);
    comes_back(MINNOW_WEIGHT_S4, 1);
    comes_back(MINNOW_WEIGHT_S4, 2);
}

static void shared_tensors_are_stored_once(void **state) {
    (void)state;
    struct built two = build(MINNOW_WEIGHT_F32, 2);
    struct minnow_model *model = open_built(&two);
    assert_ptr_equal(model->contents.routes[0].layers[0].embedding.words.data,
                     model->contents.routes[1].layers[0].embedding.words.data);
    assert_true((const uint8_t *)model->contents.tokenizers[0].slots == two.bytes + 16384);
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    /* attention 4 h (h + 1), feed-forward h i twice and its biases, two norms */
    size_t block = 4 * HIDDEN * (HIDDEN + 1) + 2 * HIDDEN * INTERMEDIATE + INTERMEDIATE + HIDDEN + 4 * HIDDEN;
    size_t embedding = (16 + MAX_TOKENS + 2) * HIDDEN + 2 * HIDDEN, dense = HIDDEN * DIMENSIONS + DIMENSIONS;
    assert_int_equal(info.parameters, embedding + 2 * block + 2 * dense);
    minnow_model_close(model);
    release(&two);
}

static void describes_itself(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 2);
    struct minnow_model *model = open_built(&built);
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    assert_string_equal(info.name, "small");
    assert_string_equal(info.weights, "s8");
    assert_string_equal(info.prompts[MINNOW_QUERY], "a: ");
    assert_int_equal(info.max_tokens[MINNOW_QUERY], MAX_TOKENS - 6);
    assert_int_equal(info.max_tokens[MINNOW_DOCUMENT], MAX_TOKENS);
    assert_int_equal(info.dimensions, DIMENSIONS);
    assert_int_equal(info.file_bytes, built.size);
    assert_int_equal(info.golden_count, 12);
    assert_int_equal(info.matryoshka_count, 3);
    assert_int_equal(info.similarity, MINNOW_DOT);
    assert_true(strlen(minnow_cpu_name()) > 0);
    minnow_model_close(model);
    release(&built);
}

/* ---- From memory, a path, a descriptor ---- */

static char folder[] = "/tmp/minnow-model-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder); /* fails where a test left something behind */
}

static void opens_a_path(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    const char *path = in_folder("model.mnw");
    uint64_t size = 0;
    assert_int_equal(minnow_file_write(&built.model->contents, path, &size, &error), MINNOW_OK);
    assert_int_equal(size, built.size);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_OK);
    assert_memory_equal(model->bytes, built.bytes, built.size);
    assert_int_equal(minnow_model_verify(model, &error), MINNOW_OK);
    minnow_model_close(model);
    assert_int_equal(truncate(path, (off_t)built.size - 1), 0);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_BAD_MODEL);
    assert_non_null(strstr(error.message, "model.mnw: file: "));
    assert_non_null(strstr(error.message, "; truncated or damaged"));
    unlink(path);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_IO);
    assert_non_null(strstr(error.message, "model.mnw: No such file"));
    assert_int_equal(minnow_model_open_path(folder, NULL, &model, &error), MINNOW_IO);
    assert_non_null(strstr(error.message, "not a regular file"));
    release(&built);
}

static int file_with_model_at(const char *path, const struct built *built, off_t offset) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, built->bytes, built->size, offset), built->size);
    assert_int_equal(pwrite(fd, "behind", 6, offset + (off_t)built->size), 6);
    return fd;
}

static void opens_a_descriptor(void **state) {
    (void)state;
    static const uint64_t offsets[] = {0, 64, 4096, 4096 + 192, 16384};
    struct built built = build(MINNOW_WEIGHT_F32, 2);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    const char *path = in_folder("archive");
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        int fd = file_with_model_at(path, &built, (off_t)offsets[i]);
        assert_int_equal(minnow_model_open_fd(fd, offsets[i], built.size, NULL, &model, &error), MINNOW_OK);
        close(fd);
        assert_int_equal(minnow_model_verify(model, &error), MINNOW_OK);
        minnow_model_close(model);
    }
    int fd = file_with_model_at(path, &built, 100);
    assert_int_equal(minnow_model_open_fd(fd, 100, built.size, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "offset 100 is not a multiple of 64"));
    assert_int_equal(minnow_model_open_fd(fd, 128, built.size, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_fd(fd, UINT64_MAX - 63, 128, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_fd(fd, 64, UINT64_MAX, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    close(fd);
    assert_int_equal(minnow_model_open_fd(fd, 0, built.size, NULL, &model, &error), MINNOW_IO);
    unlink(path);
    release(&built);
}

static void refuses_arguments(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    struct minnow_model_options options = {.size = sizeof options, .isa = "avx1024"};
    assert_int_equal(minnow_model_open_memory(built.bytes + 8, built.size - 8, NULL, &model, &error),
                     MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_memory(NULL, 0, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_path(NULL, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_memory(built.bytes, built.size, &options, &model, &error), MINNOW_UNSUPPORTED);
    assert_non_null(
        strstr(error.message, "isa: \"avx1024\" is not in this build; known are reference"));
    options.isa = "reference";
    assert_int_equal(minnow_model_open_memory(built.bytes, built.size, &options, &model, &error), MINNOW_OK);
    assert_string_equal(model->kernels.isa, "reference");
    assert_int_equal(minnow_model_verify(model, &error), MINNOW_OK);
    minnow_model_close(model);
    minnow_model_close(NULL);
    options.size = 4;
    assert_int_equal(minnow_model_open_memory(built.bytes, built.size, &options, &model, &error),
                     MINNOW_INVALID_ARGUMENT);
    release(&built);
}

/* ---- Writing: whole or not at all ---- */

static bool folder_is_empty(void) {
    if (rmdir(folder) != 0) return false;
    return mkdir(folder, 0700) == 0;
}

static void writing_fails_cleanly(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    const struct minnow_contents *contents = &built.model->contents;
    struct minnow_error error = {0};
    assert_int_equal(minnow_file_write(contents, "/nowhere/model.mnw", NULL, &error), MINNOW_IO);
    assert_string_equal(error.message, "/nowhere/model.mnw: No such file or directory");
    assert_int_equal(minnow_file_write(contents, "/dev/null", NULL, &error), MINNOW_IO);
    assert_string_equal(error.message, "/dev/null: exists and is not a regular file");

    struct rlimit before, small = {.rlim_cur = 20000, .rlim_max = RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN); /* the write then fails, as on a full disk */
    setrlimit(RLIMIT_FSIZE, &small);
    assert_int_equal(minnow_file_write(contents, in_folder("full.mnw"), NULL, &error), MINNOW_IO);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_non_null(strstr(error.message, "full.mnw: File too large"));
    assert_true(folder_is_empty());
    release(&built);
}

static void replaces_a_file(void **state) {
    (void)state;
    struct built one = build(MINNOW_WEIGHT_S8, 1), two = build(MINNOW_WEIGHT_F32, 1);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    const char *path = in_folder("model.mnw");
    assert_int_equal(minnow_file_write(&one.model->contents, path, NULL, &error), MINNOW_OK);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_OK);
    assert_int_equal(minnow_file_write(&two.model->contents, path, NULL, &error), MINNOW_OK);
    assert_memory_equal(model->bytes, one.bytes, one.size); /* the open model keeps the old file */
    minnow_model_close(model);
    struct stat information;
    assert_int_equal(stat(path, &information), 0);
    assert_int_equal(information.st_size, two.size);
    unlink(path);
    assert_true(folder_is_empty());
    release(&one);
    release(&two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),           cmocka_unit_test(shared_tensors_are_stored_once),
        cmocka_unit_test(describes_itself),      cmocka_unit_test(opens_a_path),
        cmocka_unit_test(opens_a_descriptor),    cmocka_unit_test(refuses_arguments),
        cmocka_unit_test(writing_fails_cleanly), cmocka_unit_test(replaces_a_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
