/* Small families as their layouts keep them: what no layout has is taken out of them. */
#ifndef MINNOW_TESTS_WRITTEN_FAMILIES_H
#define MINNOW_TESTS_WRITTEN_FAMILIES_H

#include "tests/unit/small_families.h"

/* Beside the small families. */
enum written_family {
    WRITTEN_UNNORMALIZED = SMALL_FAMILIES, /* Margin-MSE's ColBERT */
    WRITTEN_DISTILBERT,                    /* a cross-encoder without token types */
    WRITTEN_PIECES_OF_WORDS,               /* TK with word pieces */
    WRITTEN_FAMILIES
};

/* The tokens of the tokenizer, `stop_words` of them stop words behind the vocabulary. */
static inline void set_tokens(struct small_model *model, const char *const *tokens, uint32_t count,
                              uint32_t stop_words) {
    struct minnow_tokenizer *tokenizer = &model->contents.tokenizers[0];
    uint32_t *offsets = take(model, (count + 1) * sizeof *offsets);
    uint32_t *slots = take(model, minnow_tokenizer_slot_count(count) * sizeof *slots);
    char *text = take(model, 16 * count);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(text + offsets[i], tokens[i], strlen(tokens[i]));
        offsets[i + 1] = offsets[i] + (uint32_t)strlen(tokens[i]);
    }
    tokenizer->text = text;
    tokenizer->offsets = offsets;
    tokenizer->text_bytes = offsets[count];
    tokenizer->vocabulary = count - stop_words;
    tokenizer->stop_words = stop_words;
    minnow_tokenizer_fill_slots(tokenizer, slots);
}

/* As readers of whole words leave it: no special tokens, and a limit of its own. */
static inline void make_words(struct small_model *model, enum minnow_tokenizer_kind kind) {
    struct minnow_tokenizer *tokenizer = &model->contents.tokenizers[0];
    tokenizer->kind = kind;
    tokenizer->options = MINNOW_TOKENIZER_LOWERCASE;
    tokenizer->added = NULL;
    tokenizer->added_count = 0;
    tokenizer->cls_id = tokenizer->sep_id = tokenizer->pad_id = tokenizer->mask_id = MINNOW_NO_TOKEN;
    tokenizer->max_word_characters = 256;
    tokenizer->continuation = "";
}

/* [CLS] text [SEP], of which a longer text loses [SEP]: word embeddings over word pieces. */
static inline void surround(struct small_model *model) {
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        make_input(model, (enum minnow_role)role, "");
        model->contents.inputs[role].cuts_trailing = true;
    }
}

static inline void drop_recurrent_bias(struct minnow_lstm *lstm) {
    for (uint32_t i = 0; i < lstm->direction_count; i++) lstm->directions[i].recurrent.bias = NULL;
}

/* ---- Families ---- */

static inline void fit_stanford(struct small_model *model) {
    static const uint32_t punctuation[] = {1, 12}; /* "?", and the unknown token for all other symbols */
    model->contents.inputs[MINNOW_QUERY].fill_to = model->contents.inputs[MINNOW_QUERY].max_tokens;
    model->contents.inputs[MINNOW_DOCUMENT].skipped = punctuation;
    model->layers[0][3].dense.linear.bias = NULL;
}

static inline void make_unnormalized(struct small_model *model) {
    make_late_interaction(model);
    model->routes[0].layer_count--;
    make_input(model, MINNOW_QUERY, "");
    make_input(model, MINNOW_DOCUMENT, "the ");
    model->contents.inputs[MINNOW_QUERY].mask_count = 8;
}

static inline void make_distilbert(struct small_model *model) {
    make_cross_encoder(model);
    model->layers[0][0].embedding.types = (struct minnow_table){0};
    model->layers[0][4].dense.activation = MINNOW_RELU;
    model->layers[0][5].dense.activation = MINNOW_IDENTITY;
    model->contents.inputs[MINNOW_DOCUMENT].type = 0;
    model->contents.inputs[MINNOW_QUERY].max_tokens = 9;
    model->contents.inputs[MINNOW_DOCUMENT].max_tokens = 2 * MAX_TOKENS;
}

/* Kernels and blocks as matchmaker's. */
static inline void fit_tk(struct small_model *model) {
    static const float sigmas[KERNELS] = {0.1f, 0.1f, 0.3f, 0.35f, 1};
    struct minnow_kernel_pooling *pooling = &model->layers[1][0].kernel_pooling;
    struct minnow_encoder_block *block = &model->layers[0][3].encoder_block;
    float *factors = random_floats(model, KERNELS, 0, 0);
    for (int i = 0; i < KERNELS; i++) factors[i] = -1 / (2 * sigmas[i] * sigmas[i]);
    pooling->factor = factors;
    pooling->bias = 0;
    block->activation = MINNOW_RELU;
    block->attention_norm.epsilon = block->output_norm.epsilon = 1e-5f;
    model->contents.inputs[MINNOW_DOCUMENT].first_position = MAX_TOKENS;
}

static inline void fit_tk_words(struct small_model *model) {
    static const char *const tokens[] = {"@@PADDING@@", "@@UNKNOWN@@", "fish", "river", "water", "a", "of",  "the",
                                         "?",           "fishs",       "東",   "é",     "x",     "y", "ing", "of2"};
    fit_tk(model);
    make_words(model, MINNOW_TOKENIZER_WORDS);
    set_tokens(model, tokens, 16, 0);
    model->contents.tokenizers[0].unknown_id = 1;
}

/* Equally many outputs of each branch, and zeros in the padding. */
static inline void make_equal_convolution(struct small_model *model) {
    struct minnow_convolution *convolution;
    model->routes[0].layer_count = 1;
    add_convolution(model, 0, HIDDEN);
    convolution = &model->layers[0][1].convolution;
    for (uint32_t b = 0; b < BRANCHES; b++) {
        struct minnow_linear *linear = &convolution->branches[b].linear;
        float *weights = random_floats(model, (size_t)linear->inputs * 9, 0, 0.3f);
        for (size_t i = 0; i < (size_t)linear->inputs * 9; i++)
            if (i % MINNOW_PADDED(HIDDEN) >= HIDDEN) weights[i] = 0;
        linear->outputs = 9;
        linear->weight = weights;
    }
    add_pool(model, 0, MINNOW_POOL_MAX);
    end_route(model, 0, MAX_TOKENS, 9 * BRANCHES);
}

static inline void fit_convolution(struct small_model *model) {
    static const char *const tokens[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fish", "river", "fishs",
                                         "water", "a",     "东",    "é",     "x",      "?",    "of",    "the"};
    make_equal_convolution(model);
    make_words(model, MINNOW_TOKENIZER_WHITESPACE);
    set_tokens(model, tokens, 16, 3);
    model->contents.tokenizers[0].unknown_id = MINNOW_NO_TOKEN;
}

static inline void fit_compared(struct small_model *model) {
    surround(model);
    drop_recurrent_bias(&model->layers[0][1].lstm);
}

static inline void fit_recurrent(struct small_model *model) {
    surround(model);
    drop_recurrent_bias(&model->layers[0][1].lstm);
    drop_recurrent_bias(&model->layers[0][2].lstm);
}

static inline void fit(struct small_model *model, int family) {
    switch (family) {
    case SMALL_BI_ENCODER: model->contents.inputs[MINNOW_QUERY].cuts_trailing = true; break;
    case SMALL_LATE_INTERACTION: fit_stanford(model); break;
    case SMALL_JOINED_LATE: model->contents.inputs[MINNOW_QUERY].mask_count = 8; break;
    case SMALL_KERNEL_POOLING: fit_tk_words(model); break;
    case SMALL_LSTM: fit_recurrent(model); break;
    case SMALL_CONVOLUTION: fit_convolution(model); break;
    case SMALL_COMPARED: fit_compared(model); break;
    default: break;
    }
}

/* Free with small_model_free. */
static inline struct small_model *written_family_make(int family) {
    struct small_model *model;
    if (family < SMALL_FAMILIES) {
        model = small_family_make((enum small_family)family, MINNOW_WEIGHT_F32);
        fit(model, family);
        return model;
    }
    model = family == WRITTEN_PIECES_OF_WORDS ? small_family_make(SMALL_KERNEL_POOLING, MINNOW_WEIGHT_F32)
                                              : small_model_begin(MINNOW_WEIGHT_F32);
    if (family == WRITTEN_UNNORMALIZED) make_unnormalized(model);
    if (family == WRITTEN_DISTILBERT) make_distilbert(model);
    if (family != WRITTEN_PIECES_OF_WORDS) return model;
    model->contents.tokenizers[0].kind = MINNOW_TOKENIZER_WORDPIECE;
    fit_tk(model);
    return model;
}

#endif
