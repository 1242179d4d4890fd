/* Attention relations (MiniLM, arXiv 2002.10957; MiniLMv2, arXiv 2012.15828): how much a text's tokens have to do with
 * each other, by their queries, their keys or their values. Rows are cut into relation heads, as many on both sides,
 * whatever the width,
 *     mean over heads and tokens i of KL(softmax_j(t_i . t_j / sqrt(d_t)) || softmax_j(s_i . s_j / sqrt(d_s))),
 * d the width of a head, so that sides of different widths meet. Both have the same tokens. Conventions:
 * embedding_matching.h. */
#ifndef MINNOW_LOSS_MINILM_RELATION_H
#define MINNOW_LOSS_MINILM_RELATION_H

#include <stddef.h>
#include <stdint.h>

struct minnow_relations {
    uint32_t tokens, heads;
    uint32_t teacher_width, student_width; /* of a row; multiples of heads */
};

/* One text. teacher, student: [tokens][width]; gradient: by the student's rows, or NULL; scratch: [2 * tokens]. */
double minnow_loss_minilm_relation(const struct minnow_relations *relations, const float *teacher, const float *student,
                                   double weight, float *gradient, double *scratch);

#endif
