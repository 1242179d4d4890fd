#include "convert/distill/losses/score_scale.h"

void minnow_score_scale_apply(const struct minnow_score_scale *scale, const float *scores, size_t count,
                              float *scaled) {
    for (size_t i = 0; i < count; i++) scaled[i] = scale->scale * scores[i] + scale->bias;
}

void minnow_score_scale_backward(const struct minnow_score_scale *scale, const float *scores, size_t count,
                                 const float *scaled_gradient, float *gradient,
                                 struct minnow_score_scale *scale_gradient) {
    double by_scale = 0, by_bias = 0;
    for (size_t i = 0; i < count; i++) {
        if (gradient) gradient[i] += scale->scale * scaled_gradient[i];
        by_scale += (double)scores[i] * (double)scaled_gradient[i];
        by_bias += (double)scaled_gradient[i];
    }
    if (!scale_gradient) return;
    scale_gradient->scale += (float)by_scale;
    scale_gradient->bias += (float)by_bias;
}
