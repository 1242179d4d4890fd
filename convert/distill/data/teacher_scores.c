#include "convert/distill/data/teacher_scores.h"

#include "convert/texts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 5, LONGEST_NUMBER = 63, LONGEST_SHOWN = 60 };

/* A line of a file, taken apart. */
struct line {
    const char *path;
    struct minnow_text number; /* of the line */
    struct minnow_text columns[COLUMNS];
    double scores[2];
};

static int shown(struct minnow_text text) { return text.size < LONGEST_SHOWN ? (int)text.size : LONGEST_SHOWN; }

static enum minnow_status fail_column(const struct line *line, size_t column, const char *expected,
                                      struct minnow_error *error) {
    static const char *const names[COLUMNS] = {"pos_score", "neg_score", "query", "relevant document",
                                               "other document"};
    struct minnow_text found = line->columns[column];
    return minnow_fail(error, MINNOW_BAD_INPUT, "%s:%.*s: column %zu (%s) is \"%.*s\", expected %s", line->path,
                       (int)line->number.size, line->number.bytes, column + 1, names[column], shown(found),
                       found.size ? found.bytes : "", expected);
}

static bool parse_number(struct minnow_text field, double *value) {
    char copy[LONGEST_NUMBER + 1], *end;
    if (!field.size || field.size > LONGEST_NUMBER) return false;
    memcpy(copy, field.bytes, field.size);
    copy[field.size] = 0;
    *value = strtod(copy, &end);
    return end == copy + field.size && isfinite((float)*value);
}

static enum minnow_status cut_columns(struct line *line, struct minnow_text rest, struct minnow_error *error) {
    size_t count = 1;
    line->columns[0] = rest;
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.bytes[i] != '\t') continue;
        if (count < COLUMNS) {
            line->columns[count - 1].size = (size_t)(rest.bytes + i - line->columns[count - 1].bytes);
            line->columns[count] = (struct minnow_text){rest.bytes + i + 1, rest.size - i - 1};
        }
        count++;
    }
    if (count == COLUMNS) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_INPUT,
                       "%s:%.*s: %zu columns parted by tabs, expected %d: pos_score, neg_score, query, relevant "
                       "document, other document",
                       line->path, (int)line->number.size, line->number.bytes, count, COLUMNS);
}

static enum minnow_status parse_line(struct line *line, struct minnow_text text, struct minnow_error *error) {
    enum minnow_status status = cut_columns(line, text, error);
    if (status) return status;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i >= 2 && !line->columns[i].size) return fail_column(line, i, "an id or a text", error);
        if (i < 2 && !parse_number(line->columns[i], &line->scores[i]))
            return fail_column(line, i, "a finite number", error);
    }
    return MINNOW_OK;
}

typedef enum minnow_status take_line_fn(void *context, const struct line *line, struct minnow_error *error);

static enum minnow_status read_file(const char *path, take_line_fn *take, void *context, struct minnow_error *error) {
    struct minnow_texts *texts;
    enum minnow_status status = minnow_texts_open(path, &texts, error);
    if (status) return status;
    for (bool end = false; !status;) {
        struct minnow_document record;
        struct line line = {.path = path};
        status = minnow_texts_next(texts, &record, &end, error);
        if (status || end) break;
        line.number = record.id;
        if (!record.text.size) continue;
        status = parse_line(&line, record.text, error);
        if (!status) status = take(context, &line, error);
    }
    minnow_texts_close(texts);
    return status;
}

/* ---- The first file's triples -------------------------------------------------------------- */

static enum minnow_status append(struct minnow_teacher_scores *scores, const struct minnow_teacher_triple *triple,
                                 struct minnow_error *error) {
    if (scores->count == scores->capacity) {
        size_t capacity = scores->capacity ? scores->capacity * 2 : 1024;
        struct minnow_teacher_triple *triples = realloc(scores->triples, capacity * sizeof *triples);
        if (!triples) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu triples", scores->count);
        scores->triples = triples;
        scores->capacity = capacity;
    }
    scores->triples[scores->count++] = *triple;
    return MINNOW_OK;
}

static enum minnow_status take_triple(void *context, const struct line *line, struct minnow_error *error) {
    struct minnow_teacher_scores *scores = context;
    struct minnow_teacher_triple triple = {.positive_score = (float)line->scores[0],
                                           .negative_score = (float)line->scores[1]};
    enum minnow_status status = minnow_text_set_add(&scores->queries, line->columns[2], &triple.query, error);
    if (!status) status = minnow_text_set_add(&scores->documents, line->columns[3], &triple.positive, error);
    if (!status) status = minnow_text_set_add(&scores->documents, line->columns[4], &triple.negative, error);
    return status ? status : append(scores, &triple, error);
}

/* ---- An ensemble: means by pair ------------------------------------------------------------ */

struct pair_score {
    double sum;
    size_t files; /* that score it, so far */
};

struct ensemble {
    const struct minnow_teacher_scores *scores;
    struct minnow_text_set pairs; /* the numbers of query and document, as eight bytes */
    struct pair_score *sums;
    size_t files; /* before the one that is being read */
};

static struct minnow_text pair_text(uint32_t pair[2]) {
    return (struct minnow_text){(const char *)pair, 2 * sizeof *pair};
}

static void add_score(struct ensemble *ensemble, uint32_t query, uint32_t document, double score) {
    uint32_t pair[2] = {query, document}, number = minnow_text_set_find(&ensemble->pairs, pair_text(pair));
    if (number == MINNOW_NO_TEXT || ensemble->sums[number].files != ensemble->files) return;
    ensemble->sums[number].sum += score;
    ensemble->sums[number].files++;
}

static enum minnow_status take_scores(void *context, const struct line *line, struct minnow_error *error) {
    struct ensemble *ensemble = context;
    (void)error;
    uint32_t query = minnow_text_set_find(&ensemble->scores->queries, line->columns[2]);
    for (size_t i = 0; i < 2 && query != MINNOW_NO_TEXT; i++) {
        uint32_t document = minnow_text_set_find(&ensemble->scores->documents, line->columns[3 + i]);
        if (document != MINNOW_NO_TEXT) add_score(ensemble, query, document, line->scores[i]);
    }
    return MINNOW_OK;
}

static enum minnow_status list_pairs(struct ensemble *ensemble, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    const struct minnow_teacher_scores *scores = ensemble->scores;
    for (size_t i = 0; !status && i < scores->count; i++) {
        const struct minnow_teacher_triple *triple = &scores->triples[i];
        uint32_t pairs[2][2] = {{triple->query, triple->positive}, {triple->query, triple->negative}}, number;
        for (size_t j = 0; !status && j < 2; j++)
            status = minnow_text_set_add(&ensemble->pairs, pair_text(pairs[j]), &number, error);
    }
    if (status) return status;
    ensemble->sums = calloc((size_t)ensemble->pairs.count + 1, sizeof *ensemble->sums);
    return ensemble->sums ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u scores", ensemble->pairs.count);
}

static enum minnow_status check_complete(const struct ensemble *ensemble, const char *path, const char *first,
                                         struct minnow_error *error) {
    for (uint32_t i = 0; i < ensemble->pairs.count; i++) {
        uint32_t pair[2];
        if (ensemble->sums[i].files == ensemble->files) continue;
        memcpy(pair, minnow_text_set_get(&ensemble->pairs, i).bytes, sizeof pair);
        struct minnow_text query = minnow_text_set_get(&ensemble->scores->queries, pair[0]);
        struct minnow_text document = minnow_text_set_get(&ensemble->scores->documents, pair[1]);
        return minnow_fail(error, MINNOW_BAD_INPUT,
                           "%s: no score of document \"%.*s\" for query \"%.*s\", which %s has; files of an ensemble "
                           "score the same pairs",
                           path, shown(document), document.bytes, shown(query), query.bytes, first);
    }
    return MINNOW_OK;
}

static double mean_of(const struct ensemble *ensemble, uint32_t query, uint32_t document) {
    uint32_t pair[2] = {query, document};
    return ensemble->sums[minnow_text_set_find(&ensemble->pairs, pair_text(pair))].sum / (double)ensemble->files;
}

static enum minnow_status average(const char *const *paths, size_t path_count, struct minnow_teacher_scores *scores,
                                  struct minnow_error *error) {
    struct ensemble ensemble = {.scores = scores};
    enum minnow_status status = list_pairs(&ensemble, error);
    for (size_t i = 0; !status && i < path_count; i++) {
        status = read_file(paths[i], take_scores, &ensemble, error);
        ensemble.files++;
        if (!status) status = check_complete(&ensemble, paths[i], paths[0], error);
    }
    for (size_t i = 0; !status && i < scores->count; i++) {
        struct minnow_teacher_triple *triple = &scores->triples[i];
        triple->positive_score = (float)mean_of(&ensemble, triple->query, triple->positive);
        triple->negative_score = (float)mean_of(&ensemble, triple->query, triple->negative);
    }
    minnow_text_set_free(&ensemble.pairs);
    free(ensemble.sums);
    return status;
}

enum minnow_status minnow_teacher_scores_read(const char *const *paths, size_t path_count,
                                              struct minnow_teacher_scores *scores, struct minnow_error *error) {
    *scores = (struct minnow_teacher_scores){0};
    if (!path_count) return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "no file of scores, expected one or more");
    enum minnow_status status = read_file(paths[0], take_triple, scores, error);
    if (!status && !scores->count)
        status = minnow_fail(error, MINNOW_BAD_INPUT, "%s: holds no scores, expected lines of five columns", paths[0]);
    if (!status && path_count > 1) status = average(paths, path_count, scores, error);
    if (status) minnow_teacher_scores_free(scores);
    return status;
}

void minnow_teacher_scores_free(struct minnow_teacher_scores *scores) {
    minnow_text_set_free(&scores->queries);
    minnow_text_set_free(&scores->documents);
    free(scores->triples);
    *scores = (struct minnow_teacher_scores){0};
}
