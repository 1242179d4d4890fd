/* A small vocabulary for tests, as tables of their own that a test may damage. */
#ifndef MINNOW_TESTS_TOKENIZER_TABLES_H
#define MINNOW_TESTS_TOKENIZER_TABLES_H

#include "runtime/tokenizer/tokenizer.h"

#include <string.h>

enum { PAD, UNK, CLS, SEP, MASK, HELLO, WORLD, UN, AFF, ABLE, COMMA, BANG, CAFE, ZHONG, GUO, A, CONT_A, DOLLAR, HAN };
enum { ALONE = HAN + 1, MASKED, VOCABULARY }; /* behind the model's: known as added tokens alone */
enum { SLOTS = 64, TEXT_ROOM = 256 };

static const char *const token_texts[VOCABULARY] = {
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "un",  "##aff", "##able", ",",
    "!",     "cafe",  "中",    "国",    "a",      "##a",   "$",     "\xED\x95\x9C", "solo",  "[MASK]ed"};

struct tables {
    char text[TEXT_ROOM];
    uint32_t offsets[VOCABULARY + 1];
    uint32_t slots[SLOTS];
    struct minnow_added_token added[4];
    struct minnow_tokenizer tokenizer;
};

static inline void tables_fill(struct tables *t) {
    memset(t, 0, sizeof *t);
    uint32_t at = 0;
    for (uint32_t id = 0; id < VOCABULARY; ++id) {
        size_t size = strlen(token_texts[id]);
        memcpy(t->text + at, token_texts[id], size);
        at += (uint32_t)size;
        t->offsets[id + 1] = at;
    }
    t->added[0] = (struct minnow_added_token){CLS, 0, 0, 0};
    t->added[1] = (struct minnow_added_token){MASK, 0, 1, 0};
    t->added[2] = (struct minnow_added_token){MASKED, 0, 0, 0};
    t->added[3] = (struct minnow_added_token){ALONE, 1, 0, 1};
    t->tokenizer = (struct minnow_tokenizer){.text = t->text, .offsets = t->offsets, .vocabulary = ALONE,
        .text_bytes = at, .added = t->added, .added_count = 4, .options = 15, .unknown_id = UNK, .cls_id = CLS,
        .sep_id = SEP, .pad_id = PAD, .mask_id = MASK, .max_word_characters = 100, .continuation = "##"};
    minnow_tokenizer_fill_slots(&t->tokenizer, t->slots);
    t->tokenizer.vocabulary = VOCABULARY;
}

#endif
