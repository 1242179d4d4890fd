/* Tokenizers of whole words: between white space, and as WordPiece splits them. Equality with other implementations on
 * random texts is tests/parity/words_parity.py's. */
#include "runtime/tokenizer/tokenizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PAD, UNK, HELLO, WORLD, UPPER, CPP, SIGMA_END, SIGMA_INNER, DOTTED, WAS, DOT, E_ACUTE, VOCABULARY };
enum { THE = VOCABULARY, STOP_WAS, STOP_DASH, TEXTS };
enum { SLOTS = 32, MOST = 32, TEXT_ROOM = 256 };

/* "was" is both a token and a stop word, which counts. */
static const char *const token_texts[TEXTS] = {"[PAD]", "[UNK]", "hello", "world",    "Hello", "c++", "ως", "σω",
                                               "i\u0307x", "was", ".",     "é", "the", "was", "--"};

struct tables {
    char text[TEXT_ROOM];
    uint32_t offsets[TEXTS + 1];
    uint32_t slots[SLOTS];
    struct minnow_tokenizer tokenizer;
};

static void fill(struct tables *t, enum minnow_tokenizer_kind kind, uint32_t options) {
    bool whitespace = kind == MINNOW_TOKENIZER_WHITESPACE;
    uint32_t texts = whitespace ? TEXTS : VOCABULARY;
    memset(t, 0, sizeof *t);
    for (uint32_t id = 0; id < texts; ++id) {
        uint32_t at = t->offsets[id], size = (uint32_t)strlen(token_texts[id]);
        memcpy(t->text + at, token_texts[id], size);
        t->offsets[id + 1] = at + size;
    }
    t->tokenizer = (struct minnow_tokenizer){.kind = kind, .text = t->text, .offsets = t->offsets,
        .vocabulary = VOCABULARY, .stop_words = texts - VOCABULARY, .text_bytes = t->offsets[texts], .options = options,
        .unknown_id = whitespace ? MINNOW_NO_TOKEN : UNK, .cls_id = MINNOW_NO_TOKEN, .sep_id = MINNOW_NO_TOKEN,
        .pad_id = MINNOW_NO_TOKEN, .mask_id = MINNOW_NO_TOKEN, .max_word_characters = 256, .continuation = ""};
    assert_int_equal(minnow_tokenizer_slot_count(texts), SLOTS);
    minnow_tokenizer_fill_slots(&t->tokenizer, t->slots);
    struct minnow_error error = {0};
    if (minnow_tokenizer_check(&t->tokenizer, &error)) fail_msg("%s", error.message);
}

/* Every way to cut the text into prefix and text must give the same. */
static void expect_bytes(enum minnow_tokenizer_kind kind, uint32_t options, const char *bytes, size_t size,
                         const uint32_t *expected, size_t count) {
    struct tables t;
    fill(&t, kind, options);
    for (size_t cut = 0; cut <= size; ++cut) {
        uint32_t ids[MOST];
        struct minnow_text prefix = {bytes, cut}, rest = {bytes + cut, size - cut};
        size_t found = minnow_tokenizer_encode(&t.tokenizer, prefix, rest, ids, MOST, SIZE_MAX);
        if (found != count) fail_msg("\"%s\" cut at %zu: %zu tokens, expected %zu", bytes, cut, found, count);
        if (count) assert_memory_equal(ids, expected, count * sizeof *ids);
    }
}

#define IDS(...) (const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t)
#define SPLIT(text, ...) expect_bytes(MINNOW_TOKENIZER_WHITESPACE, 0, text, sizeof text - 1, IDS(__VA_ARGS__))
#define SPLIT_LOWER(text, ...)                                                                                  \
    expect_bytes(MINNOW_TOKENIZER_WHITESPACE, MINNOW_TOKENIZER_LOWERCASE, text, sizeof text - 1, IDS(__VA_ARGS__))
#define NOTHING(text) expect_bytes(MINNOW_TOKENIZER_WHITESPACE, 0, text, sizeof text - 1, NULL, 0)
#define WORDS(text, ...) expect_bytes(MINNOW_TOKENIZER_WORDS, 15, text, sizeof text - 1, IDS(__VA_ARGS__))

static void forms_are_looked_up_in_turn(void **state) {
    (void)state;
    SPLIT("hello Hello HELLO", HELLO, UPPER, HELLO);
    SPLIT("(hello), \"Hello\" ...WORLD!", HELLO, UPPER, WORLD);
    SPLIT("c++ C++ (c++)", CPP); /* without its marks it is another word */
    SPLIT(". hello.world", DOT);
    SPLIT("\u00e9 \u00c9 \u201ch\u00e9llo\u201d", E_ACUTE, E_ACUTE);
    SPLIT_LOWER("Hello HELLO (C++) C++", HELLO, HELLO, CPP);
}

static void stop_words_and_unknown_ones_are_dropped(void **state) {
    (void)state;
    SPLIT("the (The) THE hello was -- unknown !!! --hello--", HELLO, HELLO);
    NOTHING("the was WAS. -- ?!");
    NOTHING("");
    NOTHING(" \t\n");
    SPLIT("[PAD] [pad]", PAD);
}

static void words_end_where_python_splits(void **state) {
    (void)state;
    SPLIT("hello\x1Cworld\x1Fhello\x0Bworld\xC2\x85hello\xE3\x80\x80world", HELLO, WORLD, HELLO, WORLD, HELLO, WORLD);
    NOTHING("hello\0world hello\xE2\x80\x8Bworld hello\xEF\xBB\xBF");
    NOTHING("hello\xFF \xE2\x82 \xC0hello\xF0");
}

/* Sigma is the one letter whose lowercase depends on its neighbours, and i with a dot the one that becomes two. */
static void lowercase_is_pythons(void **state) {
    (void)state;
    SPLIT("\u03a9\u03a3 \u03a9\u03a3. \u03a9\u03a3\u2019. (\u03a9\u0301\u03a3)", SIGMA_END, SIGMA_END);
    SPLIT("\u03a3\u03a9 '\u03a3\u03a9 .\u03a3\u03a9.", SIGMA_INNER, SIGMA_INNER, SIGMA_INNER);
    SPLIT("\u0130X \u0130x ix", DOTTED, DOTTED);
    NOTHING("\x80\u03a9\u03a3 \u03a9\x80\u03a3 \u03a9\u03a3\u03a9");
    SPLIT_LOWER("\u03a9\u03a3 \u0130X", SIGMA_END, DOTTED);
}

static void long_words_cost_no_memory(void **state) {
    (void)state;
    enum { SIZE = 100000 };
    static char text[SIZE];
    struct tables t;
    uint32_t ids[MOST];
    fill(&t, MINNOW_TOKENIZER_WHITESPACE, 0);
    memset(text, '.', SIZE);
    memcpy(text + SIZE / 2, "WORLD", 5);
    struct minnow_text none = {"", 0}, whole = {text, SIZE};
    assert_int_equal(minnow_tokenizer_encode(&t.tokenizer, none, whole, ids, MOST, SIZE_MAX), 1);
    assert_int_equal(ids[0], WORLD);
    memset(text, 'A', SIZE);
    assert_int_equal(minnow_tokenizer_encode(&t.tokenizer, none, whole, ids, MOST, SIZE_MAX), 0);
}

static void counting_stops_at_the_limit(void **state) {
    (void)state;
    struct tables t;
    uint32_t ids[3] = {99, 99, 99};
    fill(&t, MINNOW_TOKENIZER_WHITESPACE, 0);
    struct minnow_text prefix = {"hello th", 8}, text = {"e world hello . world", 21};
    assert_int_equal(minnow_tokenizer_encode(&t.tokenizer, prefix, text, ids, 2, 3), 4);
    assert_memory_equal(ids, ((uint32_t[]){HELLO, WORLD, 99}), sizeof ids);
    assert_int_equal(minnow_tokenizer_encode(&t.tokenizer, prefix, text, NULL, 0, SIZE_MAX), 5);
}

static void whole_words(void **state) {
    (void)state;
    WORDS("Hello, world.", HELLO, UNK, WORLD, DOT);
    WORDS("HELLO.WORLD hellos", HELLO, DOT, WORLD, UNK);
    WORDS("c++ was", UNK, UNK, UNK, WAS);
    WORDS("caf\u00e9 \u00e9", UNK, UNK); /* accents are stripped before the look-up */
}

static void stop_words_are_checked(void **state) {
    (void)state;
    struct tables t;
    struct minnow_error error = {0};
    fill(&t, MINNOW_TOKENIZER_WHITESPACE, 0);
    assert_int_equal(minnow_tokenizer_find(&t.tokenizer, "was", 3), STOP_WAS);
    assert_int_equal(minnow_tokenizer_find(&t.tokenizer, "hello", 5), HELLO);
    t.tokenizer.stop_words--;
    assert_int_equal(minnow_tokenizer_check(&t.tokenizer, &error), MINNOW_BAD_MODEL);
    assert_non_null(strstr(error.message, "offsets"));
    t.tokenizer.stop_words = UINT32_MAX;
    assert_int_equal(minnow_tokenizer_check(&t.tokenizer, &error), MINNOW_BAD_MODEL);
    assert_non_null(strstr(error.message, "stop_words"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_looked_up_in_turn),
        cmocka_unit_test(stop_words_and_unknown_ones_are_dropped),
        cmocka_unit_test(words_end_where_python_splits),
        cmocka_unit_test(lowercase_is_pythons),
        cmocka_unit_test(long_words_cost_no_memory),
        cmocka_unit_test(counting_stops_at_the_limit),
        cmocka_unit_test(whole_words),
        cmocka_unit_test(stop_words_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
