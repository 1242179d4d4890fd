/* The tokenizer's semantics on a small vocabulary: limits, odd texts, hostile tables. Equality with
 * Hugging Face's on everything else is tests/parity/tokenizer_parity.py's. */
#include "tests/unit/tokenizer_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 64 };

static size_t encode(const struct tables *t, const char *bytes, size_t size, uint32_t ids[MOST]) {
    struct minnow_text none = {NULL, 0}, text = {bytes, size};
    return minnow_tokenizer_encode(&t->tokenizer, none, text, ids, MOST, SIZE_MAX);
}

/* Every way to cut the text into prefix and text must give the same. */
static void expect_bytes(uint32_t options, const char *bytes, size_t size, const uint32_t *expected, size_t count) {
    struct tables t;
    tables_fill(&t);
    t.tokenizer.options = options;
    for (size_t cut = 0; cut <= size; ++cut) {
        uint32_t ids[MOST];
        struct minnow_text prefix = {bytes, cut}, rest = {bytes + cut, size - cut};
        assert_int_equal(minnow_tokenizer_encode(&t.tokenizer, prefix, rest, ids, MOST, SIZE_MAX), count);
        if (count) assert_memory_equal(ids, expected, count * sizeof *ids);
    }
}

#define IDS(...) (const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t)
#define EXPECT(text, ...) expect_bytes(15, text, sizeof text - 1, IDS(__VA_ARGS__))
#define EXPECT_WITH(options, text, ...) expect_bytes(options, text, sizeof text - 1, IDS(__VA_ARGS__))
#define EXPECT_NOTHING(text) expect_bytes(15, text, sizeof text - 1, NULL, 0)

static void words_and_pieces(void **state) {
    (void)state;
    EXPECT("Hello, WORLD!", HELLO, COMMA, WORLD, BANG);
    EXPECT("unaffable", UN, AFF, ABLE);
    EXPECT("unaffables hello", UNK, HELLO);
    EXPECT("hello world\thello\nworld", HELLO, WORLD, HELLO, WORLD);
    EXPECT("a$a", A, DOLLAR, A);
    EXPECT("##aff", UNK, UNK, UNK);
}

static void nothing_to_say(void **state) {
    (void)state;
    struct tables t;
    uint32_t ids[MOST];
    tables_fill(&t);
    assert_int_equal(encode(&t, NULL, 0, ids), 0);
    EXPECT_NOTHING("");
    EXPECT_NOTHING("   \t\r\n \xC2\xA0\xE3\x80\x80");
    EXPECT_NOTHING("\0\x01\x7F\xEF\xBF\xBD\xE2\x80\x8B");
}

static void accents_and_scripts(void **state) {
    (void)state;
    EXPECT("Café CAFE\u0301 c\u0327afe", CAFE, CAFE, CAFE);
    EXPECT("a中国a", A, ZHONG, GUO, A);
    EXPECT("\u1112\u1161\u11ab 한", UNK, UNK); /* both decompose to what the vocabulary does not have */
    EXPECT_WITH(0, "한", HAN);
    EXPECT_WITH(0, "Hello hello", UNK, HELLO);
    EXPECT_WITH(MINNOW_TOKENIZER_LOWERCASE, "cafe\u0301 HELLO", UNK, HELLO);
    EXPECT_WITH(MINNOW_TOKENIZER_STRIP_ACCENTS, "café Café", CAFE, UNK);
    EXPECT_WITH(MINNOW_TOKENIZER_LOWERCASE, "中国", UNK);
}

static void cleaning(void **state) {
    (void)state;
    EXPECT("hel\0lo\x01 wor\xE2\x80\x8Bld", HELLO, WORLD);
    EXPECT_WITH(MINNOW_TOKENIZER_LOWERCASE, "hel\0lo world", UNK, WORLD);
    EXPECT_WITH(MINNOW_TOKENIZER_LOWERCASE, "hello\vworld\xC2\x85hello", HELLO, WORLD, HELLO);
}

static void invalid_utf8(void **state) {
    (void)state;
    EXPECT("hel\xFFlo w\xE2\x82orld", HELLO, WORLD);
    EXPECT("hello\xF0\x9F\x98", HELLO);
    EXPECT("hello\xED\xA0\x80\xC0\xAF\xF5", HELLO);
    /* Not cleaned, a replacement is part of a word: one for each maximal subpart. */
    EXPECT_WITH(MINNOW_TOKENIZER_LOWERCASE, "\xE2\x82 hello", UNK, HELLO);
}

static void added_tokens(void **state) {
    (void)state;
    EXPECT("hello[MASK]world", HELLO, MASK, WORLD);
    EXPECT("[MASK][MASK]  [CLS]", MASK, MASK, CLS);
    EXPECT("[MASK]ed [MASK]e", MASKED, MASK, UNK);
    EXPECT("[mask]", UNK, UNK, UNK);
    EXPECT("[MASK", UNK, UNK);
    EXPECT("solo, (solo)", ALONE, COMMA, UNK, ALONE, UNK);
    EXPECT("soloa", UNK);
    EXPECT("a_solo solo\xC3\xA9 \xC3\xA9solo", A, UNK, UNK, UNK, UNK);
    EXPECT("\xFFsolo\xFF", ALONE);
    EXPECT("SOLO", UNK); /* matched in the raw text alone, and no word of the model */
}

static char *repeat(const char *part, size_t count) {
    size_t size = strlen(part);
    char *text = malloc(size * count + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; ++i) memcpy(text + i * size, part, size);
    text[size * count] = 0;
    return text;
}

static void expect_repeated(const char *part, size_t count, size_t expected, uint32_t first) {
    struct tables t;
    uint32_t ids[MOST] = {0};
    tables_fill(&t);
    char *text = repeat(part, count);
    assert_int_equal(encode(&t, text, strlen(text), ids), expected);
    assert_int_equal(ids[0], first);
    free(text);
}

static void long_words(void **state) {
    (void)state;
    expect_repeated("a", 100, 100, A);
    expect_repeated("a", 101, 1, UNK);
    expect_repeated("a", 100000, 1, UNK);
    expect_repeated("\xC3\x80", 100, 100, A); /* characters count, not bytes */
    expect_repeated("\xC3\x80", 101, 1, UNK);
    expect_repeated("a\xCC\x80", 100, 100, A); /* after marks are removed */
    expect_repeated("\xE3\x80\xAE", 100000, 1, UNK); /* marks that stay, all in one order */
    expect_repeated("a ", 100000, 100000, A);
    expect_repeated("[MASK]", 20000, 20000, MASK);
    expect_repeated("[MAS", 20000, 40000, UNK);
}

static void capacity_and_limit(void **state) {
    (void)state;
    struct tables t;
    tables_fill(&t);
    struct minnow_text prefix = {"hello ", 6}, text = {"world unaffable a", 17};
    const uint32_t all[] = {HELLO, WORLD, UN, AFF, ABLE, A};
    for (size_t capacity = 0; capacity <= 7; ++capacity) {
        for (size_t limit = 0; limit <= 7; ++limit) {
            uint32_t ids[8] = {99, 99, 99, 99, 99, 99, 99, 99};
            size_t count = minnow_tokenizer_encode(&t.tokenizer, prefix, text, ids, capacity, limit);
            assert_int_equal(count, limit < 6 ? limit + 1 : 6);
            size_t written = count < capacity ? count : capacity;
            if (written) assert_memory_equal(ids, all, written * sizeof *ids);
            for (size_t i = written; i < 8; ++i) assert_int_equal(ids[i], 99);
        }
    }
    assert_int_equal(minnow_tokenizer_encode(&t.tokenizer, prefix, text, NULL, 0, SIZE_MAX), 6);
}

static void lookup(void **state) {
    (void)state;
    struct tables t;
    tables_fill(&t);
    for (uint32_t id = 0; id < VOCABULARY; ++id)
        assert_int_equal(minnow_tokenizer_find(&t.tokenizer, token_texts[id], strlen(token_texts[id])),
                         id < ALONE ? id : MINNOW_NO_TOKEN);
    assert_int_equal(minnow_tokenizer_find(&t.tokenizer, "", 0), MINNOW_NO_TOKEN);
    assert_int_equal(minnow_tokenizer_slot_count(1), 4);
    assert_int_equal(minnow_tokenizer_slot_count(32768), 65536);
    assert_int_equal(minnow_tokenizer_slot_count(32769), 131072);
}

/* ---- Hostile tables ----------------------------------------------------------------------- */

static void expect_refused(const struct tables *t, const char *place) {
    struct minnow_error error = {0};
    assert_int_equal(minnow_tokenizer_check(&t->tokenizer, &error), MINNOW_BAD_MODEL);
    assert_non_null(strstr(error.message, place));
    assert_int_equal(minnow_tokenizer_check(&t->tokenizer, NULL), MINNOW_BAD_MODEL);
}

#define REFUSED(place, damage)  \
    do {                        \
        struct tables t;        \
        tables_fill(&t);        \
        damage;                 \
        expect_refused(&t, place); \
    } while (0)

static void good_tables_pass(void **state) {
    (void)state;
    struct tables t;
    struct minnow_error error = {0};
    tables_fill(&t);
    assert_int_equal(minnow_tokenizer_check(&t.tokenizer, &error), MINNOW_OK);
    t.tokenizer.pad_id = t.tokenizer.mask_id = MINNOW_NO_TOKEN;
    t.tokenizer.added_count = 0;
    t.tokenizer.added = NULL;
    assert_int_equal(minnow_tokenizer_check(&t.tokenizer, &error), MINNOW_OK);
}

static void bad_scalars(void **state) {
    (void)state;
    REFUSED("missing", t.tokenizer.text = NULL);
    REFUSED("missing", t.tokenizer.offsets = NULL);
    REFUSED("missing", t.tokenizer.slots = NULL);
    REFUSED("missing", t.tokenizer.continuation = NULL);
    REFUSED("missing", t.tokenizer.added = NULL);
    REFUSED("vocabulary", t.tokenizer.vocabulary = 0);
    REFUSED("vocabulary", t.tokenizer.vocabulary = UINT32_MAX);
    REFUSED("unknown_id", t.tokenizer.unknown_id = VOCABULARY);
    REFUSED("unknown_id", t.tokenizer.unknown_id = MINNOW_NO_TOKEN);
    REFUSED("cls_id", t.tokenizer.cls_id = VOCABULARY);
    REFUSED("sep_id", t.tokenizer.sep_id = VOCABULARY);
    REFUSED("pad_id", t.tokenizer.pad_id = VOCABULARY);
    REFUSED("mask_id", t.tokenizer.mask_id = UINT32_MAX - 1);
    REFUSED("options", t.tokenizer.options = 16);
    REFUSED("kind", t.tokenizer.kind = (enum minnow_tokenizer_kind)3);
    REFUSED("stop_words", t.tokenizer.stop_words = 1);
    REFUSED("added: 4 of them, expected at most 0", t.tokenizer.kind = MINNOW_TOKENIZER_WHITESPACE);
    REFUSED("max_word_characters", t.tokenizer.max_word_characters = 0);
    REFUSED("max_word_characters", t.tokenizer.max_word_characters = 257);
    REFUSED("continuation", t.tokenizer.continuation = "\xFF");
    REFUSED("continuation", t.tokenizer.continuation = "#################################");
}

static void bad_offsets(void **state) {
    (void)state;
    REFUSED("offsets[0]", t.offsets[0] = 1);
    REFUSED("offsets[3]", t.offsets[3] = t.offsets[2] - 1);
    REFUSED("offsets[3]", t.offsets[3] = UINT32_MAX);
    REFUSED("offsets", t.tokenizer.text_bytes += 1);
    REFUSED("offsets", t.tokenizer.text_bytes -= 1);
    REFUSED("UTF-8", t.text[1] = (char)0xFF);
    REFUSED("UTF-8", t.offsets[ZHONG + 1] -= 1);
}

static uint32_t slot_of(const struct tables *t, uint32_t id) {
    for (uint32_t slot = 0; slot < t->tokenizer.slot_count; ++slot)
        if (t->slots[slot] == id) return slot;
    fail();
    return 0;
}

static void move_slot(struct tables *t, uint32_t id) {
    uint32_t from = slot_of(t, id), to = (from + t->tokenizer.slot_count - 1) % t->tokenizer.slot_count;
    t->slots[from] = t->slots[to];
    t->slots[to] = id;
}

static void bad_slots(void **state) {
    (void)state;
    REFUSED("slots", t.tokenizer.slot_count = 0);
    REFUSED("slots", t.tokenizer.slot_count = 48);
    REFUSED("slots", t.slots[5] = VOCABULARY);
    REFUSED("slots", for (int i = 0; i < SLOTS; ++i) t.slots[i] = HELLO);
    REFUSED("slots", for (int i = 0; i < SLOTS; ++i) if (t.slots[i] == MINNOW_NO_TOKEN) t.slots[i] = HELLO);
    REFUSED("slots", t.slots[slot_of(&t, HELLO)] = WORLD);
    REFUSED("slots", move_slot(&t, HELLO); move_slot(&t, WORLD); move_slot(&t, CAFE));
}

static void bad_added(void **state) {
    (void)state;
    REFUSED("added", t.tokenizer.added_count = UINT32_MAX);
    REFUSED("added[1].id", t.added[1].id = VOCABULARY);
    REFUSED("added[1]", t.added[1].single_word = 2);
    REFUSED("added[1]", t.added[1].id = CLS);
    REFUSED("added[1]", t.added[0] = t.added[2]);
    REFUSED("0 bytes", t.offsets[MASK] = t.offsets[MASK + 1]; t.slots[slot_of(&t, MASK)] = MINNOW_NO_TOKEN;
            t.slots[slot_of(&t, SEP)] = MINNOW_NO_TOKEN);
}

/* Runs of taken slots that no good hash makes would make every lookup slow. */
static void long_probes(void **state) {
    (void)state;
    enum { TOKENS = 2000, COUNT = 4096 };
    struct tables t;
    tables_fill(&t);
    uint32_t *slots = malloc(COUNT * sizeof *slots), *offsets = calloc(TOKENS + 1, sizeof *offsets);
    assert_non_null(slots);
    assert_non_null(offsets);
    for (uint32_t i = 0; i < COUNT; ++i) slots[i] = i < TOKENS ? i : MINNOW_NO_TOKEN;
    t.tokenizer.slots = slots;
    t.tokenizer.slot_count = COUNT;
    t.tokenizer.offsets = offsets;
    t.tokenizer.vocabulary = TOKENS;
    t.tokenizer.text_bytes = 0;
    expect_refused(&t, "run");
    free(slots);
    free(offsets);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_pieces), cmocka_unit_test(nothing_to_say), cmocka_unit_test(accents_and_scripts),
        cmocka_unit_test(cleaning),         cmocka_unit_test(invalid_utf8),   cmocka_unit_test(added_tokens),
        cmocka_unit_test(long_words),       cmocka_unit_test(capacity_and_limit), cmocka_unit_test(lookup),
        cmocka_unit_test(good_tables_pass), cmocka_unit_test(bad_scalars),    cmocka_unit_test(bad_offsets),
        cmocka_unit_test(bad_slots),        cmocka_unit_test(bad_added),      cmocka_unit_test(long_probes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
