/* Everything that a model makes of some texts, in one row of numbers. */
#ifndef MINNOW_TESTS_FAMILY_RESULTS_H
#define MINNOW_TESTS_FAMILY_RESULTS_H

#include <math.h>
#include <stdio.h>

#include "tests/unit/small_families.h"

#define SMALL_TEXT(text) {text, sizeof text - 1}

/* Of many lengths: none, one token, more than any limit. */
static const struct minnow_text small_texts[] = {
    SMALL_TEXT("the river of fishing water ?"),
    SMALL_TEXT(""),
    SMALL_TEXT("fish"),
    SMALL_TEXT("a river of the fishs water \xe6\x9d\xb1 a a \xc3\xa9 ? the the river of water of fishing fishs of the "
               "water"),
    SMALL_TEXT("water a river a"),
    SMALL_TEXT("of the fishs of the river of the \xe6\x9d\xb1"),
    SMALL_TEXT("? river"),
};

enum {
    SMALL_TEXTS = sizeof small_texts / sizeof *small_texts,
    SMALL_ROW = MAX_TOKENS * 32,                         /* room for what comes of one text */
    SMALL_SCORES = 2 * SMALL_TEXTS * SMALL_ROW,          /* scores begin behind the vectors, */
    SMALL_COUNTS = SMALL_SCORES + SMALL_TEXTS * SMALL_TEXTS, /* counts behind the scores */
    SMALL_NUMBERS = SMALL_COUNTS + 6 * SMALL_TEXTS
};

/* So many words, each a token. */
static inline struct minnow_text random_text(struct small_model *model, size_t tokens) {
    static const char *const words[] = {"fish ", "river ", "water ", "a ", "of ", "the ", "? "};
    char *bytes = take(model, 8 * tokens);
    struct minnow_text text = {bytes, 0};
    for (size_t i = 0; i < tokens; i++) {
        const char *word = words[small_random(model) % 7];
        memcpy(bytes + text.size, word, strlen(word));
        text.size += strlen(word);
    }
    return text;
}

struct small_results {
    float numbers[SMALL_NUMBERS]; /* what is not used is 0 */
};

static inline void must(enum minnow_status status, const struct minnow_error *error) {
    if (status == MINNOW_OK) return;
    fprintf(stderr, "%s: %s\n", minnow_status_name(status), error->message);
    exit(1);
}

/* Texts `first` to first + count of a role, whose rows do not lie as the results do. */
static inline void encode_some(struct minnow_session *session, const struct minnow_contents *contents, int role,
                               size_t first, size_t count, struct small_results *results) {
    static float vectors[SMALL_TEXTS * SMALL_ROW];
    uint32_t counts[SMALL_TEXTS];
    struct minnow_text_result found[SMALL_TEXTS];
    struct minnow_error error = {0};
    const struct minnow_text *texts = small_texts + first;
    uint32_t width = minnow_route_of(contents, (enum minnow_role)role)->dimensions;
    bool many = contents->similarity == MINNOW_MAXSIM;
    size_t room = width * (many ? contents->inputs[role].max_tokens : 1);
    if (many)
        must(minnow_encode_tokens(session, (enum minnow_role)role, texts, count, vectors, counts, found, &error),
             &error);
    else
        must(minnow_encode(session, (enum minnow_role)role, texts, count, vectors, found, &error), &error);
    for (size_t i = 0; i < count; i++) {
        size_t text = (size_t)role * SMALL_TEXTS + first + i, rows = many ? counts[i] : 1;
        memcpy(results->numbers + text * SMALL_ROW, vectors + i * room, rows * width * sizeof *vectors);
        results->numbers[SMALL_COUNTS + 3 * text] = (float)rows;
        results->numbers[SMALL_COUNTS + 3 * text + 1] = (float)found[i].tokens;
        results->numbers[SMALL_COUNTS + 3 * text + 2] = (float)found[i].truncated;
    }
}

static inline void score_some(struct minnow_session *session, size_t query, size_t first, size_t count,
                              struct small_results *results) {
    struct minnow_error error = {0};
    must(minnow_score(session, small_texts[query], small_texts + first, count,
                      results->numbers + SMALL_SCORES + query * SMALL_TEXTS + first, NULL, NULL, &error),
         &error);
}

/* `at_once`: texts in a call. */
static inline void collect_results(struct minnow_session *session, const struct minnow_contents *contents,
                                   size_t at_once, struct small_results *results) {
    memset(results, 0, sizeof *results);
    for (size_t first = 0; first < SMALL_TEXTS; first += at_once) {
        size_t count = SMALL_TEXTS - first < at_once ? SMALL_TEXTS - first : at_once;
        for (int role = MINNOW_QUERY; contents->similarity != MINNOW_JOINT && role <= MINNOW_DOCUMENT; role++)
            encode_some(session, contents, role, first, count, results);
        for (size_t query = 0; query < SMALL_TEXTS; query++) score_some(session, query, first, count, results);
    }
}

/* |a - b| / |a| of `count` numbers. */
static inline double difference(const float *a, const float *b, size_t count) {
    double square = 0, differing = 0;
    for (size_t i = 0; i < count; i++) {
        square += (double)a[i] * (double)a[i];
        differing += pow((double)a[i] - (double)b[i], 2);
    }
    return sqrt(differing) / fmax(sqrt(square), 1e-30);
}

struct small_way {
    const char *isa;   /* NULL: the best */
    uint32_t threads, batch_tokens;
    size_t at_once;
};

/* The same through a session of its own; false: this CPU lacks the tier. */
static inline bool results_of(const struct minnow_contents *contents, const struct small_way *way,
                              struct small_results *results) {
    struct minnow_model_options options = {.size = sizeof options, .isa = way->isa};
    struct minnow_session_options session_options = {
        .size = sizeof session_options, .threads = way->threads, .max_batch_tokens = way->batch_tokens};
    struct minnow_model *model = NULL;
    struct minnow_session *session = NULL;
    struct minnow_error error = {0};
    enum minnow_status status = minnow_model_open_contents(contents, &options, &model, &error);
    if (status == MINNOW_UNSUPPORTED && way->isa) return false;
    must(status, &error);
    must(minnow_session_create(model, &session_options, &session, &error), &error);
    collect_results(session, contents, way->at_once, results);
    minnow_session_close(session);
    minnow_model_close(model);
    return true;
}

#endif
