/* A student's scores on the teacher's scale: scaled = scale * score + bias. Cosines lie in [-1, 1] where a
 * cross-encoder's logits lie in [-10, 10]; losses that compare scores themselves (pointwise, Margin-MSE) need one scale
 * for both. Both numbers may be learned. */
#ifndef MINNOW_SCORE_SCALE_H
#define MINNOW_SCORE_SCALE_H

#include <stddef.h>

struct minnow_score_scale {
    float scale, bias;
};

void minnow_score_scale_apply(const struct minnow_score_scale *scale, const float *scores, size_t count, float *scaled);
/* From the gradient by `scaled`: adds that by the scores and that by scale and bias; each may be NULL. */
void minnow_score_scale_backward(const struct minnow_score_scale *scale, const float *scores, size_t count,
                                 const float *scaled_gradient, float *gradient,
                                 struct minnow_score_scale *scale_gradient);

#endif
