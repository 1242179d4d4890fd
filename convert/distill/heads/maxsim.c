/* MaxSim: the sum over the query's rows of the largest dot with a row of the document; 0 for a document of none. */
#include "convert/blas.h"
#include "convert/distill/heads/scoring.h"
#include "convert/distill/layers/lanes.h"

enum { QUERY_ROWS = 8, DOCUMENT_ROWS = 256 }; /* compared at once */

/* Query rows from `first` on with document rows from `begin` on: better dots replace those found so far. */
static void compare(const struct minnow_scoring *scoring, size_t pair, size_t first, size_t rows, size_t begin,
                    size_t columns, float *largest) {
    struct minnow_text_pair texts = scoring->pairs[pair];
    size_t width = scoring->queries->width;
    float dots[QUERY_ROWS * DOCUMENT_ROWS];
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)columns, (int)width, 1,
                         minnow_vectors_rows(scoring->queries, texts.query) + first * width, (int)width,
                         minnow_vectors_rows(scoring->documents, texts.document) + begin * width, (int)width, 0, dots,
                         DOCUMENT_ROWS);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < columns; i++)
            if (begin + i == 0 || dots[r * DOCUMENT_ROWS + i] > largest[r]) {
                largest[r] = dots[r * DOCUMENT_ROWS + i];
                scoring->best[pair][first + r] = (uint32_t)(begin + i);
            }
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static float maxsim(const struct minnow_scoring *scoring, size_t pair) {
    size_t query = minnow_vectors_count(scoring->queries, scoring->pairs[pair].query);
    size_t document = minnow_vectors_count(scoring->documents, scoring->pairs[pair].document);
    float sum = 0;
    for (size_t first = 0; document && first < query; first += QUERY_ROWS) {
        size_t rows = smaller(QUERY_ROWS, query - first);
        float largest[QUERY_ROWS] = {0};
        for (size_t begin = 0; begin < document; begin += DOCUMENT_ROWS)
            compare(scoring, pair, first, rows, begin, smaller(DOCUMENT_ROWS, document - begin), largest);
        for (size_t r = 0; r < rows; r++) sum += largest[r];
    }
    return sum;
}

static void maxsim_back(const struct minnow_scoring *scoring, size_t pair, enum minnow_role role, float g) {
    struct minnow_text_pair texts = scoring->pairs[pair];
    const struct minnow_vectors *queries = scoring->queries, *documents = scoring->documents;
    size_t width = queries->width;
    if (minnow_vectors_count(documents, texts.document) == 0) return;
    for (size_t r = 0; r < minnow_vectors_count(queries, texts.query); r++) {
        size_t own = r * width, found = scoring->best[pair][r] * width;
        if (role == MINNOW_QUERY)
            minnow_row_add(g, minnow_vectors_rows(documents, texts.document) + found, width,
                           minnow_vectors_gradient(queries, texts.query) + own);
        else
            minnow_row_add(g, minnow_vectors_rows(queries, texts.query) + own, width,
                           minnow_vectors_gradient(documents, texts.document) + found);
    }
}

const struct minnow_head minnow_maxsim_head = {maxsim, maxsim_back};
