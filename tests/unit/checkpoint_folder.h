/* Tiny checkpoint folders for tests, written file by file into the temporary folder.
 *
 * Values are multiples of 1/64 below 2 in eight bits, so f32, f16 and bf16 hold the same numbers. */
#ifndef MINNOW_TESTS_CHECKPOINT_FOLDER_H
#define MINNOW_TESTS_CHECKPOINT_FOLDER_H

#include <ftw.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_PATH = 512, MOST_TENSORS = 128 };

struct folder {
    char path[FOLDER_PATH];
};

static inline void require(bool fine, const char *what) {
    if (fine) return;
    perror(what);
    abort();
}

/* In $TMPDIR, or else in memory where that can be: thousands of small files are written. */
static inline struct folder folder_create(void) {
    const char *parent = getenv("TMPDIR");
    struct folder folder;
    if (!parent || !*parent) parent = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
    snprintf(folder.path, sizeof folder.path, "%.400s/minnow-checkpoint-XXXXXX", parent);
    require(mkdtemp(folder.path) != NULL, folder.path);
    return folder;
}

static inline int remove_entry(const char *path, const struct stat *information, int type, struct FTW *place) {
    (void)information, (void)type, (void)place;
    return remove(path);
}

static inline void folder_remove(const struct folder *folder) {
    nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* name may be "SUBFOLDER/FILE"; the subfolder is made. */
static inline void folder_write_bytes(const struct folder *folder, const char *name, const void *bytes, size_t size) {
    char path[2 * FOLDER_PATH];
    const char *slash = strchr(name, '/');
    if (slash) {
        snprintf(path, sizeof path, "%s/%.*s", folder->path, (int)(slash - name), name);
        mkdir(path, 0700);
    }
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    unlink(path); /* a new file: some file systems flush one that was written over */
    FILE *file = fopen(path, "wb");
    require(file != NULL, path);
    require(fwrite(bytes, 1, size, file) == size, path);
    require(fclose(file) == 0, path);
}

static inline void folder_write(const struct folder *folder, const char *name, const char *text) {
    folder_write_bytes(folder, name, text, strlen(text));
}

static inline void folder_delete(const struct folder *folder, const char *name) {
    char path[2 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    require(unlink(path) == 0, path);
}

/* ---- Tensors ------------------------------------------------------------------------------ */

struct planned_tensor {
    char name[128];
    char shape[32]; /* as JSON */
    size_t count;
    uint32_t seed;
    const float *values; /* NULL: those of the seed */
    bool left_out;
};

struct plan {
    struct planned_tensor tensors[MOST_TENSORS];
    size_t count;
};

/* rows 0: a vector. */
static inline void plan_add(struct plan *plan, const char *prefix, const char *name, unsigned rows, unsigned columns) {
    require(plan->count < MOST_TENSORS, "too many tensors");
    struct planned_tensor *tensor = &plan->tensors[plan->count];
    snprintf(tensor->name, sizeof tensor->name, "%.60s%.60s", prefix, name);
    if (rows)
        snprintf(tensor->shape, sizeof tensor->shape, "[%u,%u]", rows, columns);
    else
        snprintf(tensor->shape, sizeof tensor->shape, "[%u]", columns);
    tensor->count = (size_t)(rows ? rows : 1) * columns;
    tensor->seed = (uint32_t)plan->count++;
}

static inline struct planned_tensor *plan_find(struct plan *plan, const char *name) {
    for (size_t i = 0; i < plan->count; i++)
        if (!strcmp(plan->tensors[i].name, name)) return &plan->tensors[i];
    require(false, name);
    return NULL;
}

/* Value i of a tensor. */
static inline float planned_value(uint32_t seed, size_t i) {
    uint32_t mixed = ((uint32_t)i + seed * 977u) * 2654435761u;
    return (float)((int)(mixed >> 24) - 128) / 64.0f;
}

static inline float value_of(const struct planned_tensor *tensor, size_t i) {
    return tensor->values ? tensor->values[i] : planned_value(tensor->seed, i);
}

static inline uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Exact for the planned values. */
static inline uint16_t half_bits(float value) {
    uint32_t bits = float_bits(value);
    if (value == 0) return 0;
    return (uint16_t)((bits >> 16 & 0x8000u) | ((bits >> 23 & 255u) - 112) << 10 | (bits >> 13 & 1023u));
}

static inline size_t write_value(const char *type, float value, uint8_t *out) {
    uint32_t whole = float_bits(value);
    uint16_t half = !strcmp(type, "F16") ? half_bits(value) : (uint16_t)(whole >> 16);
    size_t size = !strcmp(type, "F32") ? sizeof whole : sizeof half;
    memcpy(out, size == sizeof whole ? (void *)&whole : (void *)&half, size);
    return size;
}

/* Write those tensors whose number gives `part` when divided by `parts`. */
static inline void plan_write_part(const struct plan *plan, const struct folder *folder, const char *name,
                                   const char *type, size_t part, size_t parts) {
    char *header = malloc(65536);
    uint8_t *data = malloc(1 << 20);
    require(header && data, "memory");
    size_t used = (size_t)snprintf(header, 65536, "{\"__metadata__\":{\"format\":\"pt\"}"), end = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct planned_tensor *tensor = &plan->tensors[i];
        if (i % parts != part || tensor->left_out) continue;
        size_t begin = end;
        for (size_t k = 0; k < tensor->count; k++) end += write_value(type, value_of(tensor, k), data + end);
        used += (size_t)snprintf(header + used, 65536 - used,
                                 ",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}", tensor->name,
                                 type, tensor->shape, begin, end);
    }
    header[used++] = '}';
    uint8_t *file = malloc(8 + used + end);
    require(file != NULL, "memory");
    uint64_t header_size = used;
    memcpy(file, &header_size, 8);
    memcpy(file + 8, header, used);
    memcpy(file + 8 + used, data, end);
    folder_write_bytes(folder, name, file, 8 + used + end);
    free(file);
    free(data);
    free(header);
}

static inline void plan_write(const struct plan *plan, const struct folder *folder, const char *name,
                              const char *type) {
    plan_write_part(plan, folder, name, type, 0, 1);
}

/* Two shards and their index. */
static inline void plan_write_shards(const struct plan *plan, const struct folder *folder) {
    static const char *const shards[2] = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"};
    char index[16384];
    size_t used = (size_t)snprintf(index, sizeof index, "{\"metadata\":{},\"weight_map\":{");
    for (size_t i = 0; i < plan->count; i++)
        used += (size_t)snprintf(index + used, sizeof index - used, "%s\"%s\":\"%s\"", i ? "," : "",
                                 plan->tensors[i].name, shards[i % 2]);
    snprintf(index + used, sizeof index - used, "}}");
    folder_write(folder, "model.safetensors.index.json", index);
    for (size_t part = 0; part < 2; part++) plan_write_part(plan, folder, shards[part], "F32", part, 2);
}

/* ---- Whole checkpoints -------------------------------------------------------------------- */

enum { HIDDEN = 8, HEADS = 2, INTERMEDIATE = 16, BLOCKS = 2, VOCABULARY = 12, POSITIONS = 16 };

#define BERT_CONFIG                                                                                                    \
    "{\"model_type\":\"bert\",\"architectures\":[\"BertModel\"],\"hidden_size\":8,\"num_hidden_layers\":2,"            \
    "\"num_attention_heads\":2,\"intermediate_size\":16,\"hidden_act\":\"gelu\",\"vocab_size\":12,"                    \
    "\"max_position_embeddings\":16,\"type_vocab_size\":2,\"layer_norm_eps\":1e-12,"                                   \
    "\"position_embedding_type\":\"absolute\"}"
#define DISTILBERT_CONFIG                                                                                              \
    "{\"model_type\":\"distilbert\",\"dim\":8,\"n_layers\":2,\"n_heads\":2,\"hidden_dim\":16,"                         \
    "\"activation\":\"gelu\",\"vocab_size\":12,\"max_position_embeddings\":16,\"sinusoidal_pos_embds\":false}"

static inline void plan_linear(struct plan *plan, const char *prefix, const char *name, unsigned outputs,
                               unsigned inputs) {
    char full[128];
    snprintf(full, sizeof full, "%s.weight", name);
    plan_add(plan, prefix, full, outputs, inputs);
    snprintf(full, sizeof full, "%s.bias", name);
    plan_add(plan, prefix, full, 0, outputs);
}

static inline void plan_norm(struct plan *plan, const char *prefix, const char *name) {
    char full[128];
    snprintf(full, sizeof full, "%s.weight", name);
    plan_add(plan, prefix, full, 0, HIDDEN);
    snprintf(full, sizeof full, "%s.bias", name);
    plan_add(plan, prefix, full, 0, HIDDEN);
}

static inline void plan_block(struct plan *plan, const char *prefix, const char *const *names) {
    for (int i = 0; i < 4; i++) plan_linear(plan, prefix, names[i], HIDDEN, HIDDEN);
    plan_norm(plan, prefix, names[4]);
    plan_linear(plan, prefix, names[5], INTERMEDIATE, HIDDEN);
    plan_linear(plan, prefix, names[6], HIDDEN, INTERMEDIATE);
    plan_norm(plan, prefix, names[7]);
}

static inline struct plan plan_bert(const char *prefix) {
    static const char *const names[8] = {
        "attention.self.query",       "attention.self.key", "attention.self.value", "attention.output.dense",
        "attention.output.LayerNorm", "intermediate.dense", "output.dense",         "output.LayerNorm"};
    struct plan plan = {0};
    plan_add(&plan, prefix, "embeddings.word_embeddings.weight", VOCABULARY, HIDDEN);
    plan_add(&plan, prefix, "embeddings.position_embeddings.weight", POSITIONS, HIDDEN);
    plan_add(&plan, prefix, "embeddings.token_type_embeddings.weight", 2, HIDDEN);
    plan_norm(&plan, prefix, "embeddings.LayerNorm");
    for (int i = 0; i < BLOCKS; i++) {
        char block[128];
        snprintf(block, sizeof block, "%sencoder.layer.%d.", prefix, i);
        plan_block(&plan, block, names);
    }
    return plan;
}

static inline struct plan plan_distilbert(const char *prefix) {
    static const char *const names[8] = {"attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
                                         "sa_layer_norm",   "ffn.lin1",        "ffn.lin2",        "output_layer_norm"};
    struct plan plan = {0};
    plan_add(&plan, prefix, "embeddings.word_embeddings.weight", VOCABULARY, HIDDEN);
    plan_add(&plan, prefix, "embeddings.position_embeddings.weight", POSITIONS, HIDDEN);
    plan_norm(&plan, prefix, "embeddings.LayerNorm");
    for (int i = 0; i < BLOCKS; i++) {
        char block[128];
        snprintf(block, sizeof block, "%stransformer.layer.%d.", prefix, i);
        plan_block(&plan, block, names);
    }
    return plan;
}

static inline void write_tokenizer(const struct folder *folder) {
    folder_write(folder, "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\nd\ne\n.\n,\n");
    folder_write(folder, "tokenizer_config.json",
                 "{\"do_lower_case\":true,\"tokenizer_class\":\"BertTokenizer\",\"model_max_length\":1e30}");
}

/* One of two heads of the last block. */
static inline void plan_prune_head(struct plan *plan) {
    static const char *const inner[] = {"query", "key", "value"};
    char name[128];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "encoder.layer.1.attention.self.%s.weight", inner[i]);
        struct planned_tensor *weight = plan_find(plan, name);
        snprintf(name, sizeof name, "encoder.layer.1.attention.self.%s.bias", inner[i]);
        struct planned_tensor *bias = plan_find(plan, name);
        strcpy(weight->shape, "[4,8]");
        strcpy(bias->shape, "[4]");
        weight->count /= 2;
        bias->count /= 2;
    }
    struct planned_tensor *output = plan_find(plan, "encoder.layer.1.attention.output.dense.weight");
    strcpy(output->shape, "[8,4]");
    output->count /= 2;
}

/* A BERT checkpoint without modules.json. */
static inline struct folder folder_bert(void) {
    struct folder folder = folder_create();
    struct plan plan = plan_bert("");
    folder_write(&folder, "config.json", BERT_CONFIG);
    plan_write(&plan, &folder, "model.safetensors", "F32");
    write_tokenizer(&folder);
    return folder;
}

#define OLD_MODULES                                                                                                    \
    "[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":\"sentence_transformers.models.Transformer\"},"                 \
    "{\"idx\":1,\"name\":\"1\",\"path\":\"1_Pooling\",\"type\":\"sentence_transformers.models.Pooling\"},"             \
    "{\"idx\":2,\"name\":\"2\",\"path\":\"2_Dense\",\"type\":\"sentence_transformers.models.Dense\"},"                 \
    "{\"idx\":3,\"name\":\"3\",\"path\":\"3_Normalize\",\"type\":\"sentence_transformers.models.Normalize\"}]"
#define NEW_MODULES                                                                                                    \
    "[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":\"sentence_transformers.base.modules.transformer."              \
    "Transformer\"},"                                                                                                  \
    "{\"idx\":1,\"name\":\"1\",\"path\":\"1_Pooling\","                                                                \
    "\"type\":\"sentence_transformers.sentence_transformer.modules.pooling.Pooling\"},"                                \
    "{\"idx\":2,\"name\":\"2\",\"path\":\"2_Dense\",\"type\":\"sentence_transformers.base.modules.dense.Dense\"},"     \
    "{\"idx\":3,\"name\":\"3\",\"path\":\"3_Normalize\","                                                              \
    "\"type\":\"sentence_transformers.base.modules.normalize.Normalize\"}]"
#define OLD_POOLING                                                                                                    \
    "{\"word_embedding_dimension\":8,\"pooling_mode_cls_token\":true,\"pooling_mode_mean_tokens\":false,"              \
    "\"pooling_mode_max_tokens\":false,\"pooling_mode_mean_sqrt_len_tokens\":false}"
#define NEW_POOLING "{\"embedding_dimension\":8,\"pooling_mode\":\"cls\",\"include_prompt\":true}"
#define DENSE                                                                                                          \
    "{\"in_features\":8,\"out_features\":4,\"bias\":true,"                                                             \
    "\"activation_function\":\"torch.nn.modules.activation.Tanh\"}"

/* BERT, cls pooling, dense 8 to 4 with tanh, normalize. */
static inline struct folder folder_sentence(bool new_layout) {
    struct folder folder = folder_bert();
    struct plan plan = {0};
    plan_linear(&plan, "", "linear", 4, HIDDEN);
    folder_write(&folder, "modules.json", new_layout ? NEW_MODULES : OLD_MODULES);
    folder_write(&folder, "1_Pooling/config.json", new_layout ? NEW_POOLING : OLD_POOLING);
    folder_write(&folder, "2_Dense/config.json", DENSE);
    plan_write(&plan, &folder, "2_Dense/model.safetensors", "F32");
    return folder;
}

#endif
