/* The public index with a small model: what is encoded, which sessions may use it, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/index_fixture.h"
#include "tests/unit/small_model.h"

enum { COUNT = 150 }; /* more than two batches */

struct setting {
    struct small_model *small;
    struct minnow_model *model;
    struct minnow_session *session;
    struct index_folder folder;
    struct minnow_index *index;
};

static struct minnow_error error;

#define must(call)                                                                                                     \
    do {                                                                                                               \
        if ((call) != MINNOW_OK) fail_msg("%s", error.message);                                                        \
    } while (0)

static int set_up(void **state) {
    struct setting *setting = calloc(1, sizeof *setting);
    *state = setting;
    setting->folder = index_folder_create(NULL);
    setting->small = small_model_make(MINNOW_WEIGHT_S8, 2);
    must(minnow_model_open_contents(&setting->small->contents, NULL, &setting->model, &error));
    must(minnow_session_create(setting->model, NULL, &setting->session, &error));
    must(minnow_index_open(setting->folder.index, setting->model, NULL, &setting->index, &error));
    return 0;
}

static int tear_down(void **state) {
    struct setting *setting = *state;
    minnow_index_close(setting->index);
    minnow_session_close(setting->session);
    minnow_model_close(setting->model);
    small_model_free(setting->small);
    index_folder_remove(&setting->folder);
    free(setting);
    return 0;
}

/* Texts of the model's few words, each third with a title. */
static struct minnow_document *make_documents(void) {
    static const char *const words[] = {"fish", "river", "rivers", "water", "a", "of", "the", "fishing", "?"};
    static struct minnow_document documents[COUNT];
    static char ids[COUNT][16], texts[COUNT][80];
    struct random_state random = {5};
    for (size_t i = 0; i < COUNT; i++) {
        int size = 0;
        snprintf(ids[i], sizeof ids[i], "d%zu", i);
        for (size_t w = 1 + random_below(&random, 8); w; w--)
            size += snprintf(texts[i] + size, sizeof texts[i] - (size_t)size, "%s ", words[random_below(&random, 9)]);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of(i % 3 ? "" : "the water"), text_of(texts[i])};
    }
    return documents;
}

/* Title, a space and text are encoded as one text: the index holds the quantized vector of that. */
static void titles_are_encoded_before_texts(void **state) {
    struct setting *setting = *state;
    struct minnow_document *documents = make_documents();
    struct minnow_text_result results[COUNT], alone;
    must(minnow_index_add(setting->index, setting->session, documents, COUNT, results, &error));
    must(minnow_cache_complete(setting->index, &error));
    for (size_t i = 0; i < COUNT; i++) {
        char joined[200];
        float vector[DIMENSIONS], scale;
        int8_t q[DIMENSIONS], held[DIMENSIONS];
        const char *title = documents[i].title.bytes;
        snprintf(joined, sizeof joined, "%s%s%s", title, *title ? " " : "", documents[i].text.bytes);
        struct minnow_text text = text_of(joined);
        must(minnow_encode(setting->session, MINNOW_DOCUMENT, &text, 1, vector, &alone, &error));
        must(minnow_store_quantize(setting->index, vector, q, &scale, &error));
        const struct minnow_chunk *chunk = &setting->index->cache.chunks[i / MINNOW_CHUNK_SLOTS].memory;
        size_t row = chunk->first + i % MINNOW_CHUNK_SLOTS;
        minnow_block_get(chunk->block, row, held);
        assert_memory_equal(held, q, DIMENSIONS);
        assert_true(chunk->block->scales[row] == scale);
        assert_int_equal(results[i].tokens, alone.tokens);
        assert_int_equal(results[i].truncated, alone.truncated);
    }
}

static void queries_take_their_route(void **state) {
    struct setting *setting = *state;
    must(minnow_index_add(setting->index, setting->session, make_documents(), COUNT, NULL, &error));
    struct minnow_text query = text_of("rivers of fish");
    float vector[DIMENSIONS];
    struct minnow_hit hits[COUNT], expected[COUNT];
    size_t found, expected_found;
    must(minnow_encode(setting->session, MINNOW_QUERY, &query, 1, vector, NULL, &error));
    for (unsigned flags = 0; flags <= MINNOW_HYBRID; flags++) {
        must(minnow_index_search(setting->index, setting->session, query, 20, flags, hits, &found, &error));
        must(minnow_store_search(setting->index, vector, query, 20, flags, expected, &expected_found, &error));
        assert_int_equal(found, 20);
        assert_memory_equal(hits, expected, 20 * sizeof *hits);
    }
    must(minnow_index_search(setting->index, setting->session, query, COUNT, 0, hits, &found, &error));
    assert_int_equal(found, COUNT);
}

static void other_spaces_are_refused(void **state) {
    struct setting *setting = *state;
    struct small_model *other = small_model_make(MINNOW_WEIGHT_S8, 2);
    struct minnow_model *model;
    struct minnow_session *session;
    struct minnow_index *index;
    struct minnow_hit hit;
    size_t found;
    other->contents.space[0] ^= 1;
    must(minnow_model_open_contents(&other->contents, NULL, &model, &error));
    must(minnow_session_create(model, NULL, &session, &error));
    assert_int_equal(minnow_index_open(setting->folder.index, model, NULL, &index, &error), MINNOW_SPACE_MISMATCH);
    assert_int_equal(minnow_index_add(setting->index, session, make_documents(), 1, NULL, &error),
                     MINNOW_SPACE_MISMATCH);
    assert_int_equal(minnow_index_search(setting->index, session, text_of("fish"), 1, 0, &hit, &found, &error),
                     MINNOW_SPACE_MISMATCH);
    assert_int_equal(found, 0);
    assert_non_null(strstr(error.message, setting->folder.index));
    minnow_session_close(session);
    minnow_model_close(model);
    small_model_free(other);
}

static void works_after_its_model_is_closed(void **state) {
    struct setting *setting = *state;
    must(minnow_index_add(setting->index, setting->session, make_documents(), 10, NULL, &error));
    minnow_session_close(setting->session);
    minnow_model_close(setting->model);
    setting->session = NULL;
    setting->model = NULL;
    struct minnow_text id = text_of("d3");
    size_t removed;
    uint64_t count;
    struct minnow_document document;
    must(minnow_index_remove(setting->index, &id, 1, &removed, &error));
    must(minnow_index_count(setting->index, &count, &error));
    must(minnow_index_document(setting->index, 1, &document, &error));
    assert_int_equal(removed, 1);
    assert_int_equal(count, 9);
    assert_memory_equal(document.title.bytes, "the water", document.title.size);
}

static void arguments_are_checked(void **state) {
    struct setting *setting = *state;
    struct minnow_index_options small = {.size = 4};
    struct minnow_index *index = NULL;
    struct minnow_hit hit;
    size_t found;
    const char *path = setting->folder.index;
    assert_int_equal(minnow_index_open(NULL, setting->model, NULL, &index, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_open("", setting->model, NULL, &index, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_open(path, NULL, NULL, &index, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_open(path, setting->model, &small, &index, &error), MINNOW_INVALID_ARGUMENT);
    assert_null(index);
    assert_int_equal(minnow_index_search(setting->index, setting->session, text_of("fish"), 1, 4, &hit, &found, &error),
                     MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_search(setting->index, setting->session, text_of("fish"), 1, 0, NULL, &found, &error),
                     MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_add(setting->index, setting->session, NULL, 1, NULL, &error),
                     MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_remove(setting->index, NULL, 1, NULL, &error), MINNOW_INVALID_ARGUMENT);
    struct minnow_model_options small_model = {.size = 4};
    struct minnow_session_options small_session = {.size = 4};
    struct minnow_model *model = NULL;
    struct minnow_session *session = NULL;
    size_t count;
    assert_int_equal(minnow_model_open_contents(&setting->model->contents, &small_model, &model, &error),
                     MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_session_create(setting->model, &small_session, &session, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_tokenize(setting->model, MINNOW_QUERY, text_of("fish"), 2, NULL, 0, &count, &error),
                     MINNOW_INVALID_ARGUMENT);
    assert_true(!model && !session);
    must(minnow_index_add(setting->index, setting->session, NULL, 0, NULL, &error));
    must(minnow_index_search(setting->index, setting->session, text_of("fish"), 0, 0, NULL, &found, NULL));
    minnow_index_close(NULL);
}

int main(void) {
#define with_model(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_model(titles_are_encoded_before_texts), with_model(queries_take_their_route),
        with_model(other_spaces_are_refused),        with_model(works_after_its_model_is_closed),
        with_model(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
