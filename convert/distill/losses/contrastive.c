#include "convert/distill/losses/contrastive.h"

#include <math.h>

static void add_gradient(const float *scores, size_t length, size_t positive, double temperature, double log_sum,
                         double weight, float *gradient) {
    for (size_t i = 0; i < length; i++) {
        double probability = exp((double)scores[i] / temperature - log_sum);
        gradient[i] += (float)(weight / temperature * (probability - (i == positive ? 1 : 0)));
    }
}

double minnow_loss_contrastive(const struct minnow_score_lists *lists, const uint32_t *positives, const float *scores,
                               double temperature, double weight, float *gradient) {
    double sum = 0, share = weight / (double)lists->count;
    for (size_t list = 0, first = 0; list < lists->count; first += lists->lengths[list++]) {
        size_t length = lists->lengths[list], positive = positives[list];
        if (!length) continue;
        double log_sum = minnow_log_sum_exp(scores + first, length, temperature);
        sum += log_sum - (double)scores[first + positive] / temperature;
        if (gradient)
            add_gradient(scores + first, length, positive, temperature, log_sum, share, gradient + first);
    }
    return lists->count ? sum / (double)lists->count : 0;
}
