/* Scores that teachers gave to a query's relevant document and to another one, from files in the published form
 * (arXiv 2010.02666): five columns parted by tabs,
 *     pos_score  neg_score  query  relevant document  other document
 * where the last three are ids, or the texts themselves: either is taken as the bytes it is. */
#ifndef MINNOW_TEACHER_SCORES_H
#define MINNOW_TEACHER_SCORES_H

#include "convert/distill/data/text_set.h"

struct minnow_teacher_triple {
    float positive_score, negative_score;
    uint32_t query, positive, negative; /* numbers in the sets below */
};

struct minnow_teacher_scores {
    struct minnow_text_set queries, documents;
    struct minnow_teacher_triple *triples; /* in the order of the first file */
    size_t count, capacity;
};

/* Several files are an ensemble: the triples are those of the first, and a pair's score is the mean of its scores in
 * all files, in each of which its first one counts; a file that lacks a pair is an error, and what it has besides is
 * not read. Errors name file, line and column. On failure nothing is left to free. */
enum minnow_status minnow_teacher_scores_read(const char *const *paths, size_t path_count,
                                              struct minnow_teacher_scores *scores, struct minnow_error *error);
void minnow_teacher_scores_free(struct minnow_teacher_scores *scores); /* and zeroes it */

#endif
