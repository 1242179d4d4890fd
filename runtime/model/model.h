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
#define MINNOW_MAX_ROUTES 3u       /* query, document, joint */
#define MINNOW_MAX_TOKENIZERS 2u
#define MINNOW_MAX_BRANCHES 8u     /* of a convolution */
#define MINNOW_MAX_TAPS 255u
#define MINNOW_MAX_KERNELS 64u     /* of kernel pooling */
#define MINNOW_MAX_SKIPPED 65536u
#define MINNOW_NO_ROUTE UINT32_MAX
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

enum minnow_activation {
    MINNOW_IDENTITY = 0,
    MINNOW_GELU = 1,
    MINNOW_RELU = 2,
    MINNOW_TANH = 3,
    MINNOW_SIGMOID = 4,
};
enum minnow_pooling { MINNOW_POOL_CLS = 0, MINNOW_POOL_MEAN = 1, MINNOW_POOL_MAX = 2 };

/* x[t] = norm(words[id[t]] + positions[position[t]] + types[type[t]]); rows == 0 where a table is absent,
 * norm.width == 0 where there is none. */
struct minnow_embedding {
    struct minnow_table words, positions, types;
    struct minnow_layer_norm norm;
};

/* Post-norm transformer block: x = norm(x + attention(x)); x = norm(x + down(act(up(x)))).
 * query_key_value gives the three side by side, each as wide as attention_output's inputs, `hidden` or less, heads side
 * by side in each. */
struct minnow_encoder_block {
    uint32_t hidden, heads, intermediate;
    enum minnow_activation activation;
    struct minnow_linear query_key_value, attention_output, ffn_up, ffn_down;
    struct minnow_layer_norm attention_norm, output_norm;
};

/* Of queries, of keys, of values: all heads together. */
static inline uint32_t minnow_attention_width(const struct minnow_encoder_block *block) {
    return block->attention_output.inputs;
}

struct minnow_pool {
    enum minnow_pooling pooling;
};

struct minnow_dense {
    struct minnow_linear linear;
    enum minnow_activation activation;
};

/* x[t] += table[position[t]]. */
struct minnow_positions {
    struct minnow_table table;
};

/* x = alpha * kept + (1 - alpha) * x, with the rows that the last keep layer saw. */
struct minnow_mix {
    float alpha;
};

/* One layer of an LSTM as PyTorch computes it: gates i, f, g, o side by side in 4 * hidden outputs; input carries the
 * sum of both biases, recurrent none (in 8 bits, what corrects its rounding), and it is not asked at the first step.
 * The second direction begins at a text's last token. Out: hidden wide each. */
struct minnow_lstm {
    uint32_t hidden, direction_count; /* 1 or 2 */
    struct minnow_lstm_direction {
        struct minnow_linear input, recurrent;
    } directions[2];
};

/* Parallel 1-D convolutions over a text's tokens, zeros around it, their outputs side by side: branch b at token t is
 * activation(W [x[t - taps / 2]; ..; x[t + taps / 2]] + bias). taps is odd; inputs is taps * MINNOW_PADDED(width), the
 * weights of the padding are 0. In 8 bits a text is quantized as one row, since windows overlap; its tokens pass
 * rotate_rows before that unless input_multiplier [MINNOW_PADDED(width)] is NULL, and linears have none of their own. */
struct minnow_convolution {
    uint32_t width, branch_count;
    enum minnow_activation activation;
    uint32_t input_rotation; /* as of a linear, dividing MINNOW_PADDED(width) */
    const float *input_multiplier;
    struct minnow_convolution_branch {
        uint32_t taps;
        struct minnow_linear linear;
    } branches[MINNOW_MAX_BRANCHES];
};

/* Joint: query and document tokens, unit vectors, to one number (TK; arXiv 2010.02666, 2002.01854):
 * bias + sum over k of weight[k] * sum over query tokens i of log(max(alpha[k] * sum over document tokens j of
 * exp(factor[k] * (q_i d_j - mu[k])^2 ), 1e-10)), with factor = -1 / (2 sigma^2). */
struct minnow_kernel_pooling {
    uint32_t count;
    const float *mu, *factor, *alpha, *weight; /* [count] */
    float bias;
};

enum minnow_layer_kind {
    MINNOW_LAYER_EMBEDDING = 1, /* ids -> token rows; first, and only there */
    MINNOW_LAYER_ENCODER_BLOCK, /* token rows -> token rows */
    MINNOW_LAYER_POOL,          /* token rows -> one row a text */
    MINNOW_LAYER_DENSE,         /* rows -> rows */
    MINNOW_LAYER_NORMALIZE,     /* rows -> rows */
    MINNOW_LAYER_POSITIONS,     /* token rows -> token rows */
    MINNOW_LAYER_KEEP,          /* rows -> the same rows, of which mix takes a copy */
    MINNOW_LAYER_MIX,           /* rows -> rows */
    MINNOW_LAYER_LSTM,          /* token rows -> token rows */
    MINNOW_LAYER_CONVOLUTION,   /* token rows -> token rows */
    MINNOW_LAYER_KERNEL_POOLING, /* joint: token rows of query and document -> one number a pair */
    MINNOW_LAYER_COMPARE,        /* joint: u of the query, v of the document -> [u; v; |u - v|; u * v] */
    MINNOW_LAYER_NORM,           /* rows -> rows: a layer norm by itself */
};

struct minnow_layer {
    enum minnow_layer_kind kind;
    union {
        struct minnow_embedding embedding;
        struct minnow_encoder_block encoder_block;
        struct minnow_pool pool;
        struct minnow_dense dense;
        struct minnow_positions positions;
        struct minnow_mix mix;
        struct minnow_lstm lstm;
        struct minnow_convolution convolution;
        struct minnow_kernel_pooling kernel_pooling;
        struct minnow_layer_norm norm;
    };
};

/* A list of layers. One route may serve both roles. A text comes out as one row, or, where nothing pools, as a row a
 * token. The joint route scores a pair: it begins with an embedding of both texts' tokens, one behind the other, or with
 * what their own routes made of them, the query's rows before the document's. */
struct minnow_route {
    const struct minnow_layer *layers;
    uint32_t layer_count;
    uint32_t max_tokens; /* at once, special tokens included */
    uint32_t dimensions; /* of what comes out */
};

/* What a text of a role becomes before its route sees it: leading tokens, those of prompt and text, [MASK] tokens,
 * the trailing token. */
struct minnow_input {
    uint32_t tokenizer;      /* index */
    const char *prompt;      /* "" for none */
    uint32_t max_tokens;     /* all of them; what is longer is cut at its end */
    uint32_t leading[2];     /* [CLS], a marker, both */
    uint32_t leading_count;
    uint32_t trailing;       /* [SEP], or MINNOW_NO_TOKEN */
    uint32_t mask_count;     /* so many [MASK] are added, */
    uint32_t fill_to;        /* or so many that there are this many tokens in all; 0: none */
    bool masks_before_trailing;
    bool cuts_trailing;      /* what is longer loses the trailing token first */
    bool masks_unseen;       /* no other token attends to them; they stand at the end */
    uint32_t first_position;
    uint32_t type;           /* of token, for the embedding */
    const uint32_t *skipped; /* ascending; tokens whose rows a model of many vectors leaves out, as punctuation */
    uint32_t skipped_count;
    uint32_t max_characters; /* of prompt and text, cut before there are tokens; 0: not so */
    bool drops_unknown;      /* the unknown token is left out, after it has counted for max_tokens */
};

/* A text, its tokens and what came of it at conversion, for `minnow verify`: its vector, its tokens' vectors, or, where
 * only pairs have a result, the score of text (a query) and document. */
struct minnow_golden {
    struct minnow_text text, document;
    enum minnow_role role;
    const uint32_t *ids;
    uint32_t id_count;
    const float *vector; /* [vector_size] */
    uint32_t vector_size;
};

struct minnow_contents {
    struct minnow_tokenizer tokenizers[MINNOW_MAX_TOKENIZERS];
    uint32_t tokenizer_count;
    const struct minnow_route *routes;
    uint32_t route_count;
    uint32_t route_of_role[2]; /* MINNOW_NO_ROUTE: for both where the joint route takes tokens */
    uint32_t joint_route;      /* MINNOW_NO_ROUTE unless similarity is MINNOW_JOINT */
    struct minnow_input inputs[2]; /* by role */
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

/* The route of a role; NULL: it has none. */
const struct minnow_route *minnow_route_of(const struct minnow_contents *contents, enum minnow_role role);
/* NULL where there is none. */
const struct minnow_route *minnow_joint_route(const struct minnow_contents *contents);
const struct minnow_tokenizer *minnow_tokenizer_of(const struct minnow_contents *contents, enum minnow_role role);
/* One row a text comes out, not one a token. */
bool minnow_route_pools(const struct minnow_route *route);
/* The joint route begins with the tokens of both texts. */
bool minnow_joint_takes_tokens(const struct minnow_contents *contents);

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
