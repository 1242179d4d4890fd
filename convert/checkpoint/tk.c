/* A run folder of matchmaker, Margin-MSE's trainer, with a TK model: config.yaml, best-model.pytorch-state-dict, and
 * AllenNLP's vocabulary in the folder that config.yaml names, or else tokenizer.json. The sinusoids are stored with the
 * weights, those of documents from position 500 on: they are read, not computed. */
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/tk_weights.h"
#include "convert/checkpoint/tokenizer_files.h"
#include "convert/checkpoint/yaml_file.h"

#include <string.h>

#define CONFIG "config.yaml"

bool minnow_tk_recognizes(const struct minnow_reading *reading) {
    return minnow_reading_has_file(reading, CONFIG) && !reading->config.root &&
           !minnow_reading_has_file(reading, "modules.json");
}

struct tk {
    struct minnow_reading *reading;
    struct minnow_yaml_file yaml;
    struct minnow_tk_shape shape;
    uint32_t told[2]; /* longest text of a role; 0: no limit */
    uint32_t tokenizer;
};

/* ---- config.yaml -------------------------------------------------------------------------- */

static enum minnow_status expect_text(const struct minnow_yaml_file *yaml, const char *key, const char *expected,
                                      const char *otherwise, struct minnow_error *error) {
    const char *found = minnow_yaml_text(yaml, key);
    if (found && !strcmp(found, expected)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is %.80s, expected %s%s", yaml->name, key,
                       found ? found : "missing", expected, otherwise);
}

static enum minnow_status require(const struct minnow_yaml_file *yaml, const char *key, uint32_t most, uint32_t *out,
                                  struct minnow_error *error) {
    int32_t value = 0;
    enum minnow_status status = minnow_yaml_i32(yaml, key, 1, (int32_t)most, &value, error);
    *out = (uint32_t)value;
    if (status || value) return status;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: %s is missing, expected a whole number: nothing else in the folder says it", yaml->name,
                       key);
}

/* -1 says that nothing is cut. */
static enum minnow_status read_length(const struct minnow_yaml_file *yaml, const char *key, int32_t otherwise,
                                      uint32_t *told, struct minnow_error *error) {
    enum minnow_status status = minnow_yaml_i32(yaml, key, -1, INT32_MAX, &otherwise, error);
    *told = otherwise > 0 ? (uint32_t)otherwise : 0;
    return status;
}

/* What is not said is as in the trainer's defaults. */
static enum minnow_status read_config(struct tk *tk, struct minnow_error *error) {
    const struct minnow_yaml_file *yaml = &tk->yaml;
    enum minnow_status status =
        expect_text(yaml, "model", "TK", ", the one model that is read from a run folder", error);
    if (!status) status = expect_text(yaml, "token_embedder_type", "embedding", ", a table of words", error);
    if (!status) status = require(yaml, "tk_att_heads", MINNOW_MAX_WIDTH, &tk->shape.heads, error);
    if (!status) status = require(yaml, "tk_att_layer", MINNOW_MAX_LAYERS - 64, &tk->shape.blocks, error);
    if (!status) status = minnow_yaml_bool(yaml, "tk_mix_hybrid_context", &tk->shape.mixes, error);
    if (!status) status = read_length(yaml, "max_query_length", 30, &tk->told[MINNOW_QUERY], error);
    return status ? status : read_length(yaml, "max_doc_length", 200, &tk->told[MINNOW_DOCUMENT], error);
}

/* ---- Words -------------------------------------------------------------------------------- */

/* Where config.yaml says, if that is a folder within: a path of the machine that trained leads nowhere. */
static const char *find_vocabulary(const struct tk *tk) {
    const char *named = minnow_yaml_text(&tk->yaml, "vocab_directory");
    char path[MINNOW_PATH_BYTES];
    bool inside = named && *named != '/' && !strstr(named, "..") && strlen(named) < 256;
    if (inside && !minnow_join_path(named, "tokens.txt", path, NULL) && minnow_reading_has_file(tk->reading, path))
        return named;
    return "vocabulary";
}

static enum minnow_status add_tokenizer(struct tk *tk, struct minnow_error *error) {
    struct minnow_reading *reading = tk->reading;
    if (minnow_reading_has_file(reading, "tokenizer.json"))
        return minnow_reading_add_tokenizer(reading, reading->folder, "", &tk->tokenizer, error);
    return minnow_reading_add_tokenizer_by(reading, minnow_tokenizer_read_allennlp, reading->folder,
                                           find_vocabulary(tk), &tk->tokenizer, error);
}

static enum minnow_status check_words(const struct tk *tk, const struct minnow_tk_parts *parts,
                                      struct minnow_error *error) {
    uint32_t expected = tk->reading->contents->tokenizers[tk->tokenizer].vocabulary;
    uint32_t rows = parts->words.rows;
    if (rows >= expected) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "word_embeddings.token_embedder_tokens.weight: has %u rows, expected %u, one for each word and "
                       "one for padding",
                       rows, expected);
}

/* ---- Routes ------------------------------------------------------------------------------- */

/* Positions of documents follow those of queries in the one table. */
static enum minnow_status set_inputs(const struct tk *tk, const struct minnow_tk_parts *parts, uint32_t lengths[2],
                                     struct minnow_error *error) {
    struct minnow_reading *reading = tk->reading;
    enum minnow_status status = MINNOW_OK;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++) {
        status = minnow_reading_choose_length(reading, role, tk->told[role], parts->positions[role].rows, CONFIG,
                                              &lengths[role], error);
        if (!status) status = minnow_reading_set_bare_input(reading, role, tk->tokenizer, "", lengths[role], error);
    }
    reading->contents->inputs[MINNOW_DOCUMENT].first_position = lengths[MINNOW_QUERY];
    return status;
}

static enum minnow_status add_joint_route(const struct tk *tk, const struct minnow_tk_parts *parts,
                                          struct minnow_error *error) {
    struct minnow_reading *reading = tk->reading;
    struct minnow_layer_list list = {.width = 1};
    struct minnow_layer *layer;
    enum minnow_status status = minnow_reading_add_layer(reading, &list, MINNOW_LAYER_KERNEL_POOLING, &layer, error);
    if (status) return status;
    layer->kernel_pooling = parts->kernels;
    return minnow_reading_add_route(reading, &list, 2 * reading->routes[0].max_tokens, &reading->contents->joint_route,
                                    error);
}

static enum minnow_status add_routes(struct tk *tk, struct minnow_tk_parts *parts, struct minnow_error *error) {
    struct minnow_layer_list list = {.width = 0};
    uint32_t lengths[2] = {0, 0};
    enum minnow_status status = set_inputs(tk, parts, lengths, error);
    if (!status) status = minnow_tk_add_layers(tk->reading, &tk->shape, parts, lengths, &list, error);
    if (!status) status = minnow_reading_share_route(tk->reading, &list, error);
    return status ? status : add_joint_route(tk, parts, error);
}

static enum minnow_status read_all(struct tk *tk, struct minnow_error *error) {
    struct minnow_tk_parts parts = {.block_count = 0};
    enum minnow_status status = read_config(tk, error);
    if (!status) status = minnow_tk_read(tk->reading, &tk->shape, &parts, error);
    if (!status) status = add_tokenizer(tk, error);
    if (!status) status = check_words(tk, &parts, error);
    return status ? status : add_routes(tk, &parts, error);
}

enum minnow_status minnow_tk_read_folder(struct minnow_reading *reading, struct minnow_error *error) {
    struct tk tk = {.reading = reading};
    reading->contents->similarity = MINNOW_JOINT;
    enum minnow_status status = minnow_yaml_open(reading->folder, CONFIG, &tk.yaml, error);
    if (!status) status = read_all(&tk, error);
    minnow_yaml_close(&tk.yaml);
    return status;
}
