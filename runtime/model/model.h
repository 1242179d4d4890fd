/* A model in memory: plain C structs, a list of layers and a head for each role.
 *
 * The same structs describe a checkpoint that was just read (f32 weights in the converter's memory)
 * and a mapped model file (s8 weights in kernel order): runtime/ runs both, convert/ turns one into
 * the other. Nothing past convert/ asks for an architecture by name. */
#ifndef MINNOW_MODEL_H
#define MINNOW_MODEL_H

#include "kernels/kernels.h"
#include "minnow.h"
#include "runtime/tokenizer/tokenizer.h"

#define MINNOW_MAX_WIDTH 65536u    /* of any row */
#define MINNOW_MAX_INPUTS 32768u   /* of an s8 product: int32 sums cannot overflow */
#define MINNOW_MAX_TOKENS 32768u
#define MINNOW_MAX_LAYERS 1024u    /* of a route */
#define MINNOW_MAX_ROUTES 2u
#define MINNOW_MAX_GOLDEN 1024u
#define MINNOW_MAX_MATRYOSHKA 64u

enum minnow_weight_type { MINNOW_WEIGHT_F32 = 0, MINNOW_WEIGHT_S8 = 1, MINNOW_WEIGHT_S4 = 2 };

/* y = W x + b. f32: weight is [outputs][inputs], bias [outputs] or NULL.
 * s8: weight is packed (kernels.h); scale, column_sum and bias hold MINNOW_PADDED(outputs), never
 * NULL; x passes rotate_rows (kernels.h) with input_multiplier and input_rotation before it is
 * quantized, unless input_multiplier [inputs] is NULL. s4: as s8, but weight and steps hold codes (kernels.h) that
 * are unpacked to s8 where they are used; any bytes will do. */
struct minnow_linear {
    uint32_t inputs, outputs;
    enum minnow_weight_type type;
    const void *weight;
    const uint8_t *steps; /* s4 */
    const float *scale;
    const int32_t *column_sum;
    const float *bias;
    const float *input_multiplier;
    uint32_t input_rotation; /* 0, 16, 32, 64 or 128, dividing inputs */
};

/* Rows of an embedding: f32 [rows][width], or s8 [rows][width] or s4 codes and steps (gather_s4) with a scale a row. */
struct minnow_table {
    uint32_t rows, width;
    enum minnow_weight_type type;
    const void *data;
    const uint8_t *steps; /* s4 */
    const float *scale;
};

struct minnow_layer_norm {
    uint32_t width;
    const float *gamma, *beta; /* [width] */
    float epsilon;
};

enum minnow_activation { MINNOW_IDENTITY = 0, MINNOW_GELU = 1, MINNOW_RELU = 2, MINNOW_TANH = 3 };
enum minnow_pooling { MINNOW_POOL_CLS = 0, MINNOW_POOL_MEAN = 1, MINNOW_POOL_MAX = 2 };

/* x[t] = norm(words[id[t]] + positions[t] + types[0]); rows == 0 where a table is absent,
 * norm.width == 0 where there is none. */
struct minnow_embedding {
    struct minnow_table words, positions, types;
    struct minnow_layer_norm norm;
};

/* Post-norm transformer block: x = norm(x + attention(x)); x = norm(x + down(act(up(x)))).
 * query_key_value gives the three side by side, each `hidden` wide, heads side by side in each. */
struct minnow_encoder_block {
    uint32_t hidden, heads, intermediate;
    enum minnow_activation activation;
    struct minnow_linear query_key_value, attention_output, ffn_up, ffn_down;
    struct minnow_layer_norm attention_norm, output_norm;
};

struct minnow_pool {
    enum minnow_pooling pooling;
};

struct minnow_dense {
    struct minnow_linear linear;
    enum minnow_activation activation;
};

enum minnow_layer_kind {
    MINNOW_LAYER_EMBEDDING = 1, /* ids -> token rows; first, and only there */
    MINNOW_LAYER_ENCODER_BLOCK, /* token rows -> token rows */
    MINNOW_LAYER_POOL,          /* token rows -> one row a text */
    MINNOW_LAYER_DENSE,         /* rows -> rows */
    MINNOW_LAYER_NORMALIZE,     /* rows -> rows */
};

struct minnow_layer {
    enum minnow_layer_kind kind;
    union {
        struct minnow_embedding embedding;
        struct minnow_encoder_block encoder_block;
        struct minnow_pool pool;
        struct minnow_dense dense;
    };
};

/* One encoder. A symmetric model has one route that serves both roles. */
struct minnow_route {
    const struct minnow_layer *layers;
    uint32_t layer_count;
    uint32_t max_tokens; /* special tokens included */
    uint32_t dimensions; /* of what comes out */
};

/* A text, its tokens and its vector at conversion, for `minnow verify`. */
struct minnow_golden {
    struct minnow_text text;
    enum minnow_role role;
    const uint32_t *ids;
    uint32_t id_count;
    const float *vector; /* [dimensions] */
};

struct minnow_contents {
    struct minnow_tokenizer tokenizer;
    const struct minnow_route *routes;
    uint32_t route_count;
    uint32_t route_of_role[2];
    const char *prompts[2]; /* by role; "" for none */
    enum minnow_similarity similarity;
    const uint32_t *matryoshka;
    uint32_t matryoshka_count;
    const struct minnow_golden *golden;
    uint32_t golden_count;
    const char *name, *license, *source, *source_sha256, *converter, *quantization;
    uint8_t space[32];
};

/* Meaning of every struct: widths agree from layer to layer, ranges hold, small tables are finite,
 * the tokenizer's ids fit the word table. Names the place: "routes.0.layers.3.ffn_up: scale[17] is
 * NaN". Everything the rest of runtime/ takes for granted is checked here, and only here. */
enum minnow_status minnow_contents_check(const struct minnow_contents *contents, struct minnow_error *error);

/* What minnow_model_open_* return: contents over mapped or borrowed bytes. */
struct minnow_model {
    struct minnow_contents contents;
    struct minnow_kernels kernels;
    const uint8_t *bytes; /* the file; NULL for contents that never were one */
    size_t size;
    void *mapping;        /* to unmap, or NULL */
    size_t mapping_size;
    void *structs;        /* one block that holds layers, routes and golden, or NULL */
};

/* A model over contents that live in the caller's memory (the converter's f32 reference). Checks
 * them. The contents' pointers must outlive the model. */
enum minnow_status minnow_model_open_contents(const struct minnow_contents *contents,
                                              const struct minnow_model_options *options,
                                              struct minnow_model **model, struct minnow_error *error);

/* ---- The file (file.cc is all that knows FlatBuffers) ------------------------------------- */

/* Verify the structure of a model file and read it into contents whose pointers lead into `bytes`
 * (64-byte aligned) and into one malloc'ed block, *structs, which the caller frees. Meaning is
 * minnow_contents_check's. */
enum minnow_status minnow_file_read(const uint8_t *bytes, size_t size, struct minnow_contents *contents,
                                    void **structs, struct minnow_error *error);
/* SHA-256 over the file with its own digest field as zeros, compared. */
enum minnow_status minnow_file_check_digest(const uint8_t *bytes, size_t size, struct minnow_error *error);

#endif
