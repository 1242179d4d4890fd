/* Small checkpoints of students without a transformer, and of pairs, in their published layouts. */
#ifndef MINNOW_TESTS_MODULE_FOLDERS_H
#define MINNOW_TESTS_MODULE_FOLDERS_H

#include "tests/unit/checkpoint_folder.h"

enum { WORDS = 6, TABLE = 8, GATES = 4 * 3, LSTM_HIDDEN = 3, CHANNELS = 5 };

#define CLASS(name) "\"sentence_transformers.models." name "\""
#define WORD_CONFIG                                                                                                  \
    "{\"tokenizer_class\":\"sentence_transformers.models.tokenizer.WhitespaceTokenizer.WhitespaceTokenizer\","    \
    "\"update_embeddings\":false,\"max_seq_length\":1000000}"
#define WORD_VOCABULARY                                                                                              \
    "{\"vocab\":[\"PADDING_TOKEN\",\"fish\",\"river\",\"the\",\"Sea\",\"c++\"],\"stop_words\":[\"the\",\"of\","    \
    "\"the\"],\"do_lower_case\":false}"
#define LSTM_CONFIG                                                                                                  \
    "{\"word_embedding_dimension\":8,\"hidden_dim\":3,\"num_layers\":2,\"dropout\":0.1,\"bidirectional\":true}"
#define CNN_CONFIG                                                                                                   \
    "{\"in_word_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[1,3],\"stride_sizes\":[1,1]}"

static inline void write_pooling(const struct folder *folder, const char *name, unsigned width, const char *mode) {
    char text[128];
    snprintf(text, sizeof text, "{\"embedding_dimension\":%u,\"pooling_mode\":\"%s\"}", width, mode);
    folder_write(folder, name, text);
}

static inline void write_table(const struct folder *folder, const char *file, const char *tensor, unsigned rows) {
    struct plan plan = {0};
    plan_add(&plan, "", tensor, rows, TABLE);
    plan_write(&plan, folder, file, "F32");
}

/* WordEmbeddings in 0_WordEmbeddings and a mean of `width` in 2_Pooling; `layer` between them, unless it is NULL. */
static inline struct folder folder_words(const char *layer, unsigned width) {
    struct folder folder = folder_create();
    char modules[512];
    size_t used = (size_t)snprintf(modules, sizeof modules, "[{\"path\":\"0_WordEmbeddings\",\"type\":%s}",
                                   CLASS("WordEmbeddings"));
    if (layer)
        used += (size_t)snprintf(modules + used, sizeof modules - used,
                                 ",{\"path\":\"1_Layer\",\"type\":\"sentence_transformers.models.%s\"}", layer);
    snprintf(modules + used, sizeof modules - used, ",{\"path\":\"2_Pooling\",\"type\":%s}]", CLASS("Pooling"));
    folder_write(&folder, "modules.json", modules);
    folder_write(&folder, "0_WordEmbeddings/wordembedding_config.json", WORD_CONFIG);
    folder_write(&folder, "0_WordEmbeddings/whitespacetokenizer_config.json", WORD_VOCABULARY);
    write_table(&folder, "0_WordEmbeddings/model.safetensors", "emb_layer.weight", WORDS);
    write_pooling(&folder, "2_Pooling/config.json", width, "mean");
    return folder;
}

/* Two layers, both ways. */
static inline struct plan plan_lstm(void) {
    static const char *const suffixes[] = {"_l0", "_l0_reverse", "_l1", "_l1_reverse"};
    struct plan plan = {0};
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "weight_ih%s", suffixes[i]);
        plan_add(&plan, "encoder.", name, GATES, i < 2 ? TABLE : 2 * LSTM_HIDDEN);
        snprintf(name, sizeof name, "weight_hh%s", suffixes[i]);
        plan_add(&plan, "encoder.", name, GATES, LSTM_HIDDEN);
        snprintf(name, sizeof name, "bias_ih%s", suffixes[i]);
        plan_add(&plan, "encoder.", name, 0, GATES);
        snprintf(name, sizeof name, "bias_hh%s", suffixes[i]);
        plan_add(&plan, "encoder.", name, 0, GATES);
    }
    return plan;
}

static inline struct folder folder_lstm(void) {
    struct folder folder = folder_words("LSTM", 2 * LSTM_HIDDEN);
    struct plan plan = plan_lstm();
    folder_write(&folder, "1_Layer/lstm_config.json", LSTM_CONFIG);
    plan_write(&plan, &folder, "1_Layer/model.safetensors", "F32");
    return folder;
}

static inline struct plan plan_cnn(void) {
    struct plan plan = {0};
    for (unsigned i = 0; i < 2; i++) {
        char name[64];
        unsigned taps = 2 * i + 1;
        snprintf(name, sizeof name, "convs.%u.weight", i);
        plan_add(&plan, "", name, CHANNELS, TABLE * taps);
        snprintf(plan.tensors[plan.count - 1].shape, sizeof plan.tensors[0].shape, "[%d,%d,%u]", CHANNELS, TABLE, taps);
        snprintf(name, sizeof name, "convs.%u.bias", i);
        plan_add(&plan, "", name, 0, CHANNELS);
    }
    return plan;
}

static inline struct folder folder_cnn(void) {
    struct folder folder = folder_words("CNN", 2 * CHANNELS);
    struct plan plan = plan_cnn();
    folder_write(&folder, "1_Layer/cnn_config.json", CNN_CONFIG);
    plan_write(&plan, &folder, "1_Layer/model.safetensors", "F32");
    return folder;
}

/* ---- Static tables ------------------------------------------------------------------------ */

#define WORD_PIECES                                                                                                  \
    "{\"version\":\"1.0\",\"truncation\":{\"max_length\":7},\"padding\":null,\"added_tokens\":[],\"normalizer\":{"     \
    "\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,\"strip_accents\":null,"           \
    "\"lowercase\":true},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"post_processor\":null,"                  \
    "\"decoder\":{\"type\":\"WordPiece\"},\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\","                 \
    "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,\"vocab\":{\"[PAD]\":0,\"[UNK]\":1,"      \
    "\"fish\":2,\"r\\u00edver\":3,\"##s\":4,\"a\":5}}}"

static inline struct folder folder_static(void) {
    struct folder folder = folder_create();
    folder_write(&folder, "modules.json", "[{\"path\":\".\",\"type\":" CLASS("StaticEmbedding") "}]");
    folder_write(&folder, "tokenizer.json", WORD_PIECES);
    write_table(&folder, "model.safetensors", "embedding.weight", WORDS);
    return folder;
}

struct raw_tensor {
    const char *name, *type, *shape;
    const void *bytes;
    size_t size;
};

static inline void write_raw(const struct folder *folder, const char *file, const struct raw_tensor *tensors,
                             size_t count) {
    uint8_t bytes[8192] = {0};
    char *header = (char *)bytes + 8;
    size_t used = 0, end = 0;
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(header + used, 4096 - used,
                                 "%s\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}", i ? "," : "{",
                                 tensors[i].name, tensors[i].type, tensors[i].shape, end, end + tensors[i].size);
        end += tensors[i].size;
    }
    header[used++] = '}';
    uint64_t header_size = used;
    memcpy(bytes, &header_size, 8);
    used += 8;
    for (size_t i = 0; i < count; used += tensors[i++].size) memcpy(bytes + used, tensors[i].bytes, tensors[i].size);
    folder_write_bytes(folder, file, bytes, used);
}

/* Tokens share two rows of three numbers in eight bits, and have a factor each. */
static inline struct folder folder_model2vec(void) {
    static const int8_t rows[2][3] = {{1, -2, 127}, {-127, 4, 0}};
    static const int64_t mapping[WORDS] = {0, 0, 1, 0, 1, 1};
    static const float factors[WORDS] = {1, 0, 0.5f, 2, 3, 0.25f};
    const struct raw_tensor tensors[] = {{"embeddings", "I8", "[2,3]", rows, sizeof rows},
                                         {"mapping", "I64", "[6]", mapping, sizeof mapping},
                                         {"weights", "F32", "[6]", factors, sizeof factors}};
    struct folder folder = folder_create();
    folder_write(&folder, "config.json", "{\"model_type\":\"model2vec\",\"normalize\":true,\"max_length\":20}");
    folder_write(&folder, "modules.json", "[{\"path\":\".\",\"type\":" CLASS("StaticEmbedding") "},{\"path\":"
                                          "\"1_Normalize\",\"type\":" CLASS("Normalize") "}]");
    folder_write(&folder, "tokenizer.json", WORD_PIECES);
    write_raw(&folder, "model.safetensors", tensors, 3);
    return folder;
}

/* Compares vectors of `width` (compare_head.h). */
static inline void write_head(const struct folder *folder, unsigned width) {
    struct plan plan = {0};
    plan_linear(&plan, "", "hidden", 3, 4 * width);
    plan_linear(&plan, "", "output", 1, 3);
    folder_write(folder, "minnow_head/config.json", "{\"type\":\"compare\",\"hidden\":3}");
    plan_write(&plan, folder, "minnow_head/model.safetensors", "F32");
}

/* ---- Pairs -------------------------------------------------------------------------------- */

#define ROUTER                                                                                                       \
    "{\"types\":{\"query_0_StaticEmbedding\":" CLASS("StaticEmbedding") ",\"document_0_Transformer\":"               \
    CLASS("Transformer") ",\"document_1_Pooling\":" CLASS("Pooling") "},\"structure\":{\"query\":["                 \
    "\"query_0_StaticEmbedding\"],\"document\":[\"document_0_Transformer\",\"document_1_Pooling\"]},\"parameters\":"  \
    "{\"default_route\":\"document\",\"allow_empty_key\":true,\"route_mappings\":{}}}"

static inline void write_transformer(const struct folder *folder, const char *subfolder) {
    char name[128];
    struct plan plan = plan_bert("");
    snprintf(name, sizeof name, "%s/config.json", subfolder);
    folder_write(folder, name, BERT_CONFIG);
    snprintf(name, sizeof name, "%s/model.safetensors", subfolder);
    plan_write(&plan, folder, name, "F32");
    snprintf(name, sizeof name, "%s/vocab.txt", subfolder);
    folder_write(folder, name, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\nd\ne\n.\n,\n");
    snprintf(name, sizeof name, "%s/tokenizer_config.json", subfolder);
    folder_write(folder, name, "{\"do_lower_case\":true,\"tokenizer_class\":\"BertTokenizer\"}");
}

/* A static table for queries, a transformer for documents, both normalized. */
static inline struct folder folder_router(void) {
    struct folder folder = folder_create();
    folder_write(&folder, "modules.json", "[{\"path\":\"\",\"type\":" CLASS("Router") "},{\"path\":\"1_Normalize\","
                                          "\"type\":" CLASS("Normalize") "}]");
    folder_write(&folder, "router_config.json", ROUTER);
    folder_write(&folder, "query_0_StaticEmbedding/tokenizer.json", WORD_PIECES);
    write_table(&folder, "query_0_StaticEmbedding/model.safetensors", "embedding.weight", WORDS);
    write_transformer(&folder, "document_0_Transformer");
    write_pooling(&folder, "document_1_Pooling/config.json", HIDDEN, "mean");
    return folder;
}

/* The documents' model of folder_router alone. */
static inline struct folder folder_teacher(void) {
    struct folder folder = folder_create();
    folder_write(&folder, "modules.json", "[{\"path\":\"0_Transformer\",\"type\":" CLASS("Transformer") "},{\"path\":"
                                          "\"1_Pooling\",\"type\":" CLASS("Pooling") "},{\"path\":\"2_Normalize\","
                                          "\"type\":" CLASS("Normalize") "}]");
    write_transformer(&folder, "0_Transformer");
    write_pooling(&folder, "1_Pooling/config.json", HIDDEN, "mean");
    return folder;
}

/* ---- TK ----------------------------------------------------------------------------------- */

enum { TK_POSITIONS = 9, TK_KERNELS = 3, TK_INNER = 6 };

#define TK_CONFIG                                                                                                    \
    "model: TK\ntoken_embedder_type: embedding\ntk_att_heads: 2\ntk_att_layer: 1\ntk_mix_hybrid_context: true\n"   \
    "vocab_directory: /home/somebody/vocabulary\nmax_query_length: 4\nmax_doc_length: 200\n"                      \
    "tk_kernels_mu:\n- 1.0\n- 0.5\n- 0.0\nsecondary_output:\n  top_n: 100\n"
#define TK_PREFIX "neural_ir_model."
#define TK_BLOCK TK_PREFIX "contextualizer.layers.0."

static inline void set_shape(struct plan *plan, const char *shape) {
    snprintf(plan->tensors[plan->count - 1].shape, sizeof plan->tensors[0].shape, "%s", shape);
}

static inline struct plan plan_tk(void) {
    struct plan plan = {0};
    plan_add(&plan, "word_embeddings.token_embedder_tokens.", "weight", WORDS, TABLE);
    plan_add(&plan, TK_PREFIX, "positional_features_q", TK_POSITIONS, TABLE);
    set_shape(&plan, "[1,9,8]");
    plan_add(&plan, TK_PREFIX, "positional_features_d", TK_POSITIONS, TABLE);
    set_shape(&plan, "[1,9,8]");
    plan_add(&plan, TK_PREFIX, "mixer", 0, 1);
    static const char *const kernels[] = {"mu", "sigma", "kernel_alpha_scaler", "kernel_bin_weights.weight"};
    for (size_t i = 0; i < 4; i++) {
        plan_add(&plan, TK_PREFIX, kernels[i], 1, TK_KERNELS);
        if (i < 3) set_shape(&plan, i < 2 ? "[1,1,1,3]" : "[1,1,3]");
    }
    plan_add(&plan, TK_BLOCK, "self_attn.in_proj_weight", 3 * TABLE, TABLE);
    plan_add(&plan, TK_BLOCK, "self_attn.in_proj_bias", 0, 3 * TABLE);
    plan_linear(&plan, TK_BLOCK, "self_attn.out_proj", TABLE, TABLE);
    plan_linear(&plan, TK_BLOCK, "linear1", TK_INNER, TABLE);
    plan_linear(&plan, TK_BLOCK, "linear2", TABLE, TK_INNER);
    plan_norm(&plan, TK_BLOCK, "norm1");
    plan_norm(&plan, TK_BLOCK, "norm2");
    return plan;
}

static inline struct folder folder_tk(void) {
    struct folder folder = folder_create();
    struct plan plan = plan_tk();
    folder_write(&folder, "config.yaml", TK_CONFIG);
    folder_write(&folder, "vocabulary/tokens.txt", "@@UNKNOWN@@\nfish\nriver\n,\nthe\n");
    plan_write(&plan, &folder, "model.safetensors", "F32");
    return folder;
}

#endif
