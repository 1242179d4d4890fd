/* A small valid checkpoint folder whose files are damaged one at a time. */
#ifndef MINNOW_TESTS_SEED_FOLDER_H
#define MINNOW_TESTS_SEED_FOLDER_H

#include "tests/unit/layout_folders.h"
#include "tests/unit/module_folders.h"
#include "tests/unit/torch_folder.h"

enum { MOST_FILES = 16 };

struct seed_file {
    const char *name;
    char *bytes;
    size_t size;
};

struct seed_folder {
    struct folder folder; /* a copy that may be spoiled */
    struct seed_file files[MOST_FILES];
    size_t count;
};

#define SEED_TOKENIZER                                                                                                 \
    "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":["                                     \
    "{\"id\":0,\"content\":\"[PAD]\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"                         \
    "\"normalized\":false,\"special\":true},"                                                                          \
    "{\"id\":4,\"content\":\"[MASK]\",\"single_word\":false,\"lstrip\":true,\"rstrip\":false,"                         \
    "\"normalized\":false,\"special\":true}],"                                                                         \
    "\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,"                   \
    "\"strip_accents\":null,\"lowercase\":true},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"                    \
    "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\","             \
    "\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},{\"SpecialToken\":{\"id\":\"[SEP]\","                 \
    "\"type_id\":0}}],\"pair\":[],\"special_tokens\":{\"[CLS]\":{\"id\":\"[CLS]\",\"ids\":[2],"                        \
    "\"tokens\":[\"[CLS]\"]},\"[SEP]\":{\"id\":\"[SEP]\",\"ids\":[3],\"tokens\":[\"[SEP]\"]}}},"                       \
    "\"decoder\":{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true},"                                         \
    "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","                  \
    "\"max_input_chars_per_word\":100,\"vocab\":{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"[MASK]\":4,"        \
    "\"a\":5,\"b\":6,\"##c\":7,\"d\":8,\"e\":9,\".\":10,\",\":11}}}"

static const char *const checkpoint_files[] = {"model.safetensors",
                                               "model-00001-of-00002.safetensors",
                                               "model-00002-of-00002.safetensors",
                                               "config.json",
                                               "modules.json",
                                               "1_Pooling/config.json",
                                               "2_Dense/config.json",
                                               "2_Dense/model.safetensors",
                                               "3_Normalize/config.json",
                                               "config_sentence_transformers.json",
                                               "sentence_bert_config.json",
                                               "model.safetensors.index.json",
                                               "README.md",
                                               NULL};
static const char *const tokenizer_files[] = {"tokenizer.json", "vocab.txt", "tokenizer_config.json",
                                              "special_tokens_map.json", NULL};

static const char *const torch_files[] = {"pytorch_model.bin", "2_Dense/pytorch_model.bin", NULL};

/* Students and pairs, of which every file is damaged. */
static const char *const student_files[] = {"modules.json",
                                            "artifact.metadata",
                                            "config_sentence_transformers.json",
                                            "vocab.txt",
                                            "tokenizer_config.json",
                                            "0_WordEmbeddings/wordembedding_config.json",
                                            "0_WordEmbeddings/whitespacetokenizer_config.json",
                                            "0_WordEmbeddings/model.safetensors",
                                            "1_Layer/lstm_config.json",
                                            "1_Layer/cnn_config.json",
                                            "1_Layer/model.safetensors",
                                            "2_Pooling/config.json",
                                            "router_config.json",
                                            "query_0_StaticEmbedding/tokenizer.json",
                                            "query_0_StaticEmbedding/model.safetensors",
                                            "document_0_Transformer/config.json",
                                            "document_0_Transformer/model.safetensors",
                                            "document_0_Transformer/vocab.txt",
                                            "document_1_Pooling/config.json",
                                            "minnow_head/config.json",
                                            "minnow_head/model.safetensors",
                                            "config.json",
                                            "tokenizer.json",
                                            "config.yaml",
                                            "vocabulary/tokens.txt",
                                            "model.safetensors",
                                            "minnow_factors.safetensors",
                                            "minnow_checkpoint.json",
                                            NULL};

/* The transformer's weights in shards, the dense layer's in one file. */
static inline void write_built_in(const struct folder *folder) {
    struct folder sentence = folder_sentence(true);
    struct plan plan = plan_bert("");
    folder_delete(&sentence, "model.safetensors");
    plan_write_shards(&plan, &sentence);
    folder_remove(folder);
    require(rename(sentence.path, folder->path) == 0, folder->path);
    folder_write(folder, "tokenizer.json", SEED_TOKENIZER);
    folder_write(folder, "special_tokens_map.json", "{\"unk_token\":\"[UNK]\",\"cls_token\":{\"content\":\"[CLS]\"}}");
    folder_write(folder, "README.md", "---\nlicense: mit\n---\n# seed\n");
    folder_write(folder, "3_Normalize/config.json", "{\"module_input_name\":\"sentence_embedding\"}");
    folder_write(folder, "sentence_bert_config.json", "{\"max_seq_length\":9,\"do_lower_case\":false}");
    folder_write(folder, "config_sentence_transformers.json",
                 "{\"prompts\":{\"query\":\"a\",\"document\":\"b\"},\"default_prompt_name\":null,"
                 "\"similarity_fn_name\":\"cosine\"}");
}

/* The same weights in a zip archive and in a stream of pickles. */
static inline void write_torch(const struct folder *folder) {
    struct plan plan = plan_bert(""), dense = {0};
    plan_linear(&dense, "", "linear", 4, HIDDEN);
    folder_delete(folder, "model.safetensors.index.json");
    folder_delete(folder, "model-00001-of-00002.safetensors");
    folder_delete(folder, "model-00002-of-00002.safetensors");
    folder_delete(folder, "2_Dense/model.safetensors");
    plan_write_torch(&plan, folder, "pytorch_model.bin", false, 0, 1);
    plan_write_torch(&dense, folder, "2_Dense/pytorch_model.bin", true, 0, 1);
}

/* Bytes of a file, or NULL where there is none. */
static inline char *read_seed(const char *folder, const char *name, size_t *size) {
    char path[2 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    require(fseek(file, 0, SEEK_END) == 0, path);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    require(bytes && fread(bytes, 1, *size, file) == *size, path);
    fclose(file);
    return bytes;
}

static inline void seed_folder_restore(const struct seed_folder *seeds, size_t i) {
    folder_write_bytes(&seeds->folder, seeds->files[i].name, seeds->files[i].bytes, seeds->files[i].size);
}

/* Copy what is there of `names` from `source`; those of them that `damage` is set for are damaged later. */
static inline void add_files(struct seed_folder *seeds, const char *source, const char *const *names, bool damage) {
    for (; *names; names++) {
        size_t size;
        char *bytes = read_seed(source, *names, &size);
        if (!bytes) continue;
        folder_write_bytes(&seeds->folder, *names, bytes, size);
        require(seeds->count < MOST_FILES, "too many files");
        if (damage)
            seeds->files[seeds->count++] = (struct seed_file){*names, bytes, size};
        else
            free(bytes);
    }
}

/* Which files are damaged; from SEED_LSTM on, whose. */
enum seed_mode {
    SEED_CHECKPOINT,
    SEED_TOKENIZER_FILES,
    SEED_TORCH,
    SEED_LSTM,
    SEED_CNN,
    SEED_MODEL2VEC,
    SEED_ROUTER,
    SEED_TK,
    SEED_COLBERT,
    SEED_CROSS_ENCODER,
    SEED_WRITTEN,
    SEED_MODES
};

static inline struct folder folder_settled_cross_encoder(void) {
    struct folder folder = folder_cross_encoder(false, 2);
    folder_write(&folder, "modules.json",
                 "[{\"path\":\"\",\"type\":\"sentence_transformers.base.modules.transformer.Transformer\"}]");
    folder_write(&folder, "config_sentence_transformers.json",
                 "{\"model_type\":\"CrossEncoder\",\"activation_fn\":\"torch.nn.modules.linear.Identity\"}");
    return folder;
}

/* As Minnow writes one: words of two factors, both zeros, a block that lacks a head, and what is told beside it. */
static inline struct folder folder_written(void) {
    static const float zeros[VOCABULARY * HIDDEN] = {0};
    struct folder folder = folder_sentence(true);
    struct plan plan = plan_bert(""), factors = {0};
    char config[1024];
    snprintf(config, sizeof config, "{\"pruned_heads\":{\"1\":[0]},%s", &BERT_CONFIG[1]);
    folder_write(&folder, "config.json", config);
    plan_prune_head(&plan);
    plan_find(&plan, "embeddings.word_embeddings.weight")->values = zeros;
    plan_write(&plan, &folder, "model.safetensors", "F32");
    plan_add(&factors, "", "word_factors", VOCABULARY, 2);
    plan_add(&factors, "", "word_projection", HIDDEN, 2);
    factors.tensors[0].values = zeros;
    plan_write(&factors, &folder, "minnow_factors.safetensors", "F32");
    folder_write(&folder, "minnow_checkpoint.json",
                 "{\"written_by\":\"minnow\",\"query_prompt\":\"a \",\"document_prompt\":\"b\","
                 "\"query_length\":5,\"document_length\":9}");
    return folder;
}

/* The LSTM has a head that compares. */
static inline void write_student(const struct folder *folder, enum seed_mode mode) {
    static struct folder (*const makers[])(void) = {[SEED_LSTM] = folder_lstm,
                                                    [SEED_CNN] = folder_cnn,
                                                    [SEED_MODEL2VEC] = folder_model2vec,
                                                    [SEED_ROUTER] = folder_router,
                                                    [SEED_TK] = folder_tk,
                                                    [SEED_COLBERT] = folder_stanford_colbert,
                                                    [SEED_CROSS_ENCODER] = folder_settled_cross_encoder,
                                                    [SEED_WRITTEN] = folder_written};
    struct folder made = makers[mode]();
    if (mode == SEED_LSTM) write_head(&made, 2 * LSTM_HIDDEN);
    folder_remove(folder);
    require(rename(made.path, folder->path) == 0, folder->path);
}

/* source "": the built-in folder. */
static inline struct seed_folder seed_folder_create(const char *source, enum seed_mode mode) {
    struct seed_folder seeds = {.folder = folder_create()};
    if (!*source) {
        if (mode < SEED_LSTM)
            write_built_in(&seeds.folder);
        else
            write_student(&seeds.folder, mode);
        if (mode == SEED_TORCH) write_torch(&seeds.folder);
        source = seeds.folder.path;
    }
    if (mode >= SEED_LSTM) {
        add_files(&seeds, source, student_files, true);
        return seeds;
    }
    add_files(&seeds, source, checkpoint_files, mode == SEED_CHECKPOINT);
    add_files(&seeds, source, tokenizer_files, mode == SEED_TOKENIZER_FILES);
    add_files(&seeds, source, torch_files, mode == SEED_TORCH);
    return seeds;
}

static inline void seed_folder_remove(const struct seed_folder *seeds) {
    for (size_t i = 0; i < seeds->count; i++) free(seeds->files[i].bytes);
    folder_remove(&seeds->folder);
}

#endif
