/* Reading tokenizer.json and vocab.txt: what is taken, what is refused and how the error names it. */
#include "convert/checkpoint/tokenizer_files.h"
#include "tests/unit/checkpoint_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ADDED_MASK                                                                                            \
    "{\"id\":4,\"content\":\"[MASK]\",\"single_word\":false,\"lstrip\":true,\"rstrip\":false,\"normalized\":false," \
    "\"special\":true}"
#define NORMALIZER                                                                                \
    "{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,\"strip_accents\":null," \
    "\"lowercase\":true}"
#define TEMPLATE                                                                                                   \
    "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}},"            \
    "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},{\"SpecialToken\":{\"id\":\"[SEP]\",\"type_id\":0}}],"            \
    "\"special_tokens\":{\"[CLS]\":{\"ids\":[2]},\"[SEP]\":{\"ids\":[3]}}}"
#define VOCABULARY "\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"[MASK]\":4,\"hello\":5,\"##s\":6"
#define MODEL                                                                                            \
    "{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","              \
    "\"max_input_chars_per_word\":100,\"vocab\":{" VOCABULARY "}}"
#define GOOD                                                                                                        \
    "{\"version\":\"1.0\",\"truncation\":{\"max_length\":128},\"padding\":{\"pad_id\":0},"                 \
    "\"added_tokens\":[" ADDED_MASK                                                                                  \
    "],\"normalizer\":" NORMALIZER ",\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"post_processor\":" TEMPLATE   \
    ",\"decoder\":{\"type\":\"WordPiece\"},\"model\":" MODEL "}"
#define LINES "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##s\n"

struct opened {
    struct folder folder;
    struct minnow_memory *memory;
    struct minnow_tokenizer tokenizer;
    struct minnow_error error;
    enum minnow_status status;
};

static void begin(struct opened *opened) {
    memset(opened, 0, sizeof *opened);
    opened->folder = folder_create();
    opened->memory = minnow_memory_create();
    assert_non_null(opened->memory);
}

static void finish(struct opened *opened) {
    folder_remove(&opened->folder);
    minnow_memory_free(opened->memory);
}

static void read_all(struct opened *opened) {
    opened->status = minnow_tokenizer_read(opened->folder.path, opened->memory, &opened->tokenizer, &opened->error);
}

static void expect_ids(const struct opened *opened, const char *bytes, const uint32_t *expected, size_t count) {
    uint32_t ids[16];
    struct minnow_text none = {"", 0}, text = {bytes, strlen(bytes)};
    assert_int_equal(minnow_tokenizer_encode(&opened->tokenizer, none, text, ids, 16, SIZE_MAX), count);
    assert_memory_equal(ids, expected, count * sizeof *ids);
}

static void expect_good(const struct opened *opened) {
    const struct minnow_tokenizer *t = &opened->tokenizer;
    if (opened->status != MINNOW_OK) print_message("%s\n", opened->error.message);
    assert_int_equal(opened->status, MINNOW_OK);
    assert_int_equal(t->vocabulary, 7);
    assert_int_equal(t->options, 15);
    assert_int_equal(t->max_word_characters, 100);
    const uint32_t ids[] = {t->pad_id, t->unknown_id, t->cls_id, t->sep_id, t->mask_id}, expected[] = {0, 1, 2, 3, 4};
    assert_memory_equal(ids, expected, sizeof ids);
    expect_ids(opened, "Hellos [MASK]?", (const uint32_t[]){5, 6, 4, 1}, 4);
}

static void tokenizer_json(void **state) {
    (void)state;
    struct opened opened;
    begin(&opened);
    folder_write(&opened.folder, "tokenizer.json", GOOD);
    read_all(&opened);
    expect_good(&opened);
    assert_int_equal(opened.tokenizer.added_count, 1);
    assert_int_equal(opened.tokenizer.added[0].left_strip, 1);
    finish(&opened);
}

static void vocab_txt(void **state) {
    (void)state;
    static const char *const vocabularies[] = {LINES, "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nhello\r\n##s"};
    for (size_t i = 0; i < 2; ++i) {
        struct opened opened;
        begin(&opened);
        folder_write(&opened.folder, "vocab.txt", vocabularies[i]);
        read_all(&opened);
        expect_good(&opened);
        assert_int_equal(opened.tokenizer.added_count, 5);
        finish(&opened);
    }
}

static void vocab_txt_settings(void **state) {
    (void)state;
    struct opened opened;
    begin(&opened);
    folder_write(&opened.folder, "vocab.txt", LINES);
    folder_write(&opened.folder, "tokenizer_config.json",
                 "{\"do_lower_case\":false,\"strip_accents\":null,\"tokenize_chinese_chars\":false,"
                 "\"mask_token\":{\"content\":\"hello\",\"lstrip\":true},\"tokenizer_class\":\"BertTokenizer\","
                 "\"added_tokens_decoder\":{\"0\":{\"content\":\"[PAD]\"},\"7\":{\"content\":\"[NEW]\"}}}");
    folder_write(&opened.folder, "special_tokens_map.json", "{\"cls_token\":\"[PAD]\"}");
    read_all(&opened);
    assert_int_equal(opened.status, MINNOW_OK);
    assert_int_equal(opened.tokenizer.options, MINNOW_TOKENIZER_CLEAN_TEXT);
    assert_int_equal(opened.tokenizer.mask_id, 5);
    assert_int_equal(opened.tokenizer.cls_id, 0);
    expect_ids(&opened, "s[NEW]", (const uint32_t[]){1, 7}, 2);
    finish(&opened);
}

static void nothing_around_texts(void **state) {
    (void)state;
    static const char *const processors[] = {
        "null", "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],"
                "\"special_tokens\":{}}"};
    for (size_t i = 0; i < 2; ++i) {
        struct opened opened;
        char text[4096];
        const char *place = strstr(GOOD, TEMPLATE);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(place - GOOD), GOOD, processors[i], place + strlen(TEMPLATE));
        begin(&opened);
        folder_write(&opened.folder, "tokenizer.json", text);
        read_all(&opened);
        assert_int_equal(opened.status, MINNOW_OK);
        assert_int_equal(opened.tokenizer.cls_id, MINNOW_NO_TOKEN);
        assert_int_equal(opened.tokenizer.sep_id, MINNOW_NO_TOKEN);
        finish(&opened);
    }
}

/* An added token behind the model's is no piece of a word, even where it reads like one. */
static void added_behind(void **state) {
    (void)state;
    static const char added[] = "{\"id\":7,\"content\":\"solo\",\"single_word\":true,\"lstrip\":false,\"rstrip\":false,"
                                "\"normalized\":false,\"special\":false}";
    struct opened opened;
    char json[4096];
    begin(&opened);
    const char *at = strstr(GOOD, ADDED_MASK);
    snprintf(json, sizeof json, "%.*s%s,%s", (int)(at - GOOD), GOOD, added, at);
    folder_write(&opened.folder, "tokenizer.json", json);
    read_all(&opened);
    assert_int_equal(opened.status, MINNOW_OK);
    assert_int_equal(opened.tokenizer.vocabulary, 8);
    expect_ids(&opened, "solo solos hello", (const uint32_t[]){7, 1, 5}, 3);
    finish(&opened);
}

/* GOOD with one part replaced. */
static void expect_refused(const char *part, const char *other, enum minnow_status status, const char *place) {
    struct opened opened;
    char json[4096];
    const char *at = strstr(GOOD, part);
    assert_non_null(at);
    begin(&opened);
    snprintf(json, sizeof json, "%.*s%s%s", (int)(at - GOOD), GOOD, other, at + strlen(part));
    folder_write(&opened.folder, "tokenizer.json", json);
    read_all(&opened);
    if (opened.status != status || !strstr(opened.error.message, place))
        fail_msg("%s -> %s: %s", part, other, opened.error.message);
    assert_non_null(strstr(opened.error.message, "tokenizer.json"));
    finish(&opened);
}

static void unsupported(void **state) {
    (void)state;
    expect_refused("\"version\":\"1.0\"", "\"version\":\"2.0\"", MINNOW_UNSUPPORTED, "version");
    expect_refused("BertNormalizer", "NFKC", MINNOW_UNSUPPORTED, "normalizer.type: found \"NFKC\"");
    expect_refused(NORMALIZER, "null", MINNOW_UNSUPPORTED, "normalizer.type: found missing");
    expect_refused("BertPreTokenizer", "Metaspace", MINNOW_UNSUPPORTED, "pre_tokenizer.type");
    expect_refused("TemplateProcessing", "ByteLevel", MINNOW_UNSUPPORTED, "post_processor.type");
    expect_refused("{\"type\":\"WordPiece\"}", "{\"type\":\"BPE\"}", MINNOW_UNSUPPORTED, "decoder.type");
    expect_refused("\"type\":\"WordPiece\",\"unk", "\"type\":\"BPE\",\"unk", MINNOW_UNSUPPORTED, "model.type");
    expect_refused("\"id\":\"A\"", "\"id\":\"B\"", MINNOW_UNSUPPORTED, "post_processor.single");
    expect_refused("[2]", "[2,2]", MINNOW_UNSUPPORTED, "special_tokens");
    expect_refused("\"normalized\":false", "\"normalized\":true", MINNOW_UNSUPPORTED, "normalized");
    expect_refused("hello", "a\\u0000b", MINNOW_UNSUPPORTED, "NUL");
}

static void damaged(void **state) {
    (void)state;
    const enum minnow_status bad = MINNOW_BAD_CHECKPOINT;
    expect_refused("\"##s\":6", "\"##s\":5", bad, "model.vocab[\"##s\"]: found 5");
    expect_refused("\"##s\":6", "\"##s\":7", bad, "model.vocab");
    expect_refused("\"##s\":6", "\"##s\":-1", bad, "model.vocab");
    expect_refused("\"##s\":6", "\"##s\":1.5", bad, "model.vocab");
    expect_refused("\"##s\":6", "\"hello\":6", bad, "both \"hello\"");
    expect_refused("hello", "\xFF", bad, "UTF-8");
    expect_refused("hello", "\\ud800", bad, "JSON");
    expect_refused(VOCABULARY, "", bad, "0 tokens");
    expect_refused("\"unk_token\":\"[UNK]\"", "\"unk_token\":\"none\"", bad, "model.unk_token: found \"none\"");
    expect_refused("\"clean_text\":true", "\"clean_text\":1", bad, "clean_text: found 1");
    expect_refused("\"strip_accents\":null", "\"strip_accents\":\"yes\"", bad, "strip_accents");
    expect_refused("word\":100", "word\":1000", bad, "max_word_characters");
    expect_refused("\"id\":4", "\"id\":5", bad, "added_tokens: id 5 of \"[MASK]\"");
    expect_refused(ADDED_MASK, ADDED_MASK "," ADDED_MASK, bad, "is there twice");
    expect_refused("[3]", "[300]", bad, "sep_id");
}

static void bert_processing(void **state) {
    (void)state;
    struct opened opened;
    char json[4096];
    const char *at = strstr(GOOD, TEMPLATE);
    begin(&opened);
    snprintf(json, sizeof json, "%.*s%s%s", (int)(at - GOOD), GOOD,
             "{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}", at + strlen(TEMPLATE));
    folder_write(&opened.folder, "tokenizer.json", json);
    read_all(&opened);
    expect_good(&opened);
    finish(&opened);
}

/* Cut anywhere, it is an error and never a crash. */
static void cut_short(void **state) {
    (void)state;
    struct opened opened;
    begin(&opened);
    for (size_t size = 0; size < strlen(GOOD); size += 7) {
        folder_write_bytes(&opened.folder, "tokenizer.json", GOOD, size);
        read_all(&opened);
        assert_int_equal(opened.status, MINNOW_BAD_CHECKPOINT);
    }
    finish(&opened);
}

static void vocab_txt_defects(void **state) {
    (void)state;
    static const struct {
        const char *lines, *config, *place;
    } defects[] = {
        {LINES "hello\n", "{}", "both \"hello\""},
        {"[PAD]\n[UNK]\n[CLS]\n", "{}", "sep_token"},
        {"", "{}", "0 tokens"},
        {LINES "\xFF\n", "{}", "vocab.txt: byte"},
        {LINES, "{\"tokenizer_class\":\"T5Tokenizer\"}", "tokenizer_class"},
        {LINES, "{\"do_lower_case\":3}", "do_lower_case"},
        {LINES, "{\"added_tokens_decoder\":{\"9\":{\"content\":\"x\"}}}", "added_tokens_decoder[\"9\"]"},
        {LINES, "{\"added_tokens_decoder\":{\"5\":{\"content\":\"x\"}}}", "expected vocab.txt's \"hello\""},
        {LINES, "[]", "expected an object"},
    };
    for (size_t i = 0; i < sizeof defects / sizeof defects[0]; ++i) {
        struct opened opened;
        begin(&opened);
        folder_write(&opened.folder, "vocab.txt", defects[i].lines);
        folder_write(&opened.folder, "tokenizer_config.json", defects[i].config);
        read_all(&opened);
        if (opened.status == MINNOW_OK || !strstr(opened.error.message, defects[i].place))
            fail_msg("defect %zu: %s", i, opened.error.message);
        finish(&opened);
    }
}

static void nothing_there(void **state) {
    (void)state;
    struct opened opened;
    begin(&opened);
    read_all(&opened);
    assert_int_equal(opened.status, MINNOW_BAD_CHECKPOINT);
    assert_non_null(strstr(opened.error.message, "neither tokenizer.json nor vocab.txt"));
    finish(&opened);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokenizer_json),     cmocka_unit_test(vocab_txt),       cmocka_unit_test(vocab_txt_settings),
        cmocka_unit_test(nothing_around_texts),
        cmocka_unit_test(added_behind),       cmocka_unit_test(unsupported),     cmocka_unit_test(damaged),
        cmocka_unit_test(bert_processing),    cmocka_unit_test(cut_short),       cmocka_unit_test(vocab_txt_defects),
        cmocka_unit_test(nothing_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
