/* Embedding matching: the student's vectors are drawn to the teacher's, of the same text and the same width (a student
 * of another width ends in a projection). EmbedDistill, arXiv 2301.12005, eq. 7 (queries) and 8 (documents), measures
 * the distance by its L2 norm; the square and the cosine are common variants.
 *     L2:     mean over texts of || e_t - e_s ||
 *     MSE:    mean over texts and dimensions of (e_t - e_s)^2
 *     cosine: mean over texts of 1 - cos(e_t, e_s)
 *
 * All losses of this folder: arrays of f32, sums in double; a mean over the batch is returned, unweighted; `weight`
 * times its gradient is added to `gradient`, which may be NULL where the loss alone is asked for. Nothing is allocated;
 * an empty batch has loss 0. Inputs are finite, or the loss is not: the caller looks at it. */
#ifndef MINNOW_LOSS_EMBEDDING_MATCHING_H
#define MINNOW_LOSS_EMBEDDING_MATCHING_H

#include <stddef.h>

enum minnow_embedding_metric { MINNOW_EMBEDDING_L2, MINNOW_EMBEDDING_MSE, MINNOW_EMBEDDING_COSINE };

/* teacher, student, gradient (by the student's vectors): [count][width]. Where the gradient does not exist (L2 of equal
 * vectors, the cosine of zeros) it counts as 0, and the cosine of zeros as 0. */
double minnow_loss_embedding_matching(enum minnow_embedding_metric metric, const float *teacher, const float *student,
                                      size_t count, size_t width, double weight, float *gradient);

#endif
