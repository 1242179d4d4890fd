/* WordEmbeddings of sentence-transformers: a table of word vectors, by words between white space or by pieces. */
#include "convert/checkpoint/chain.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/tokenizer_files.h"
#include "convert/checkpoint/weights.h"

#include <string.h>

struct words_config {
    const char *file;
    bool whitespace;
    uint32_t longest;
};

/* Classes are told by the last part of their path, as modules are. */
static enum minnow_status read_config(const struct minnow_json_file *file, struct words_config *config,
                                      struct minnow_error *error) {
    const char *class_path = "";
    *config = (struct words_config){.file = file->name};
    enum minnow_status status = minnow_json_text(file, file->root, "tokenizer_class", &class_path, error);
    if (!status) status = minnow_json_u32(file, file->root, "max_seq_length", 1, UINT32_MAX, &config->longest, error);
    if (status) return status;
    const char *last = strrchr(class_path, '.');
    config->whitespace = last && !strcmp(last, ".WhitespaceTokenizer");
    if (config->whitespace || (last && !strcmp(last, ".TransformersTokenizerWrapper"))) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: tokenizer_class is \"%.100s\", expected WhitespaceTokenizer or "
                       "TransformersTokenizerWrapper of sentence_transformers",
                       file->name, class_path);
}

/* As many rows as there are, each as wide as they are. */
static enum minnow_status read_table(struct minnow_chain *chain, const char *subfolder, struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_reading_open_tensors(chain->reading, subfolder, &source, error);
    if (status) return status;
    struct minnow_weights weights = {&source, chain->reading->memory, ""};
    const float *rows = NULL;
    uint32_t count = 0, width = 0;
    status = minnow_weights_take_table(&weights, "emb_layer.weight", &rows, &count, &width, error);
    if (!status) status = minnow_chain_add_words(chain, rows, count, width, error);
    minnow_tensor_source_close(&source);
    return status;
}

static enum minnow_status add_tokenizer(struct minnow_chain *chain, const char *subfolder, bool whitespace,
                                        struct minnow_error *error) {
    struct minnow_reading *reading = chain->reading;
    uint32_t *index = &chain->beginning.tokenizer;
    enum minnow_status status;
    if (whitespace)
        status = minnow_reading_add_tokenizer_by(reading, minnow_tokenizer_read_whitespace, reading->folder, subfolder,
                                                 index, error);
    else
        status = minnow_reading_add_tokenizer(reading, reading->folder, subfolder, index, error);
    if (status) return status;
    return minnow_reading_check_vocabulary(&reading->contents->tokenizers[*index],
                                           chain->list.layers[0].embedding.words.rows, chain->beginning.file, error);
}

static enum minnow_status read_module(struct minnow_chain *chain, const char *subfolder,
                                      const struct words_config *config, struct minnow_error *error) {
    enum minnow_status status = read_table(chain, subfolder, error);
    if (status) return status;
    chain->beginning = (struct minnow_beginning){.bare = config->whitespace,
                                                 .cuts_trailing = !config->whitespace,
                                                 .told = config->longest,
                                                 .positions = UINT32_MAX,
                                                 .file = config->file};
    return add_tokenizer(chain, subfolder, config->whitespace, error);
}

enum minnow_status minnow_words_module_read(struct minnow_chain *chain, const char *subfolder,
                                            struct minnow_error *error) {
    const struct minnow_reading *reading = chain->reading;
    struct minnow_json_file file;
    struct words_config config;
    enum minnow_status status = minnow_module_config_open(reading->folder, subfolder, "wordembedding_config.json",
                                                          reading->memory, &file, error);
    if (!status) status = read_config(&file, &config, error);
    if (!status) status = read_module(chain, subfolder, &config, error);
    minnow_json_close(&file);
    return status;
}
