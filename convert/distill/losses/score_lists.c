#include "convert/distill/losses/score_lists.h"

#include <math.h>

double minnow_log_sum_exp(const float *scores, size_t count, double temperature) {
    float largest = scores[0];
    double sum = 0;
    for (size_t i = 1; i < count; i++) largest = scores[i] > largest ? scores[i] : largest;
    double highest = (double)largest;
    for (size_t i = 0; i < count; i++) sum += exp(((double)scores[i] - highest) / temperature);
    return highest / temperature + log(sum);
}

void minnow_softmax(const float *scores, size_t count, double temperature, double *probabilities) {
    double log_sum = minnow_log_sum_exp(scores, count, temperature);
    for (size_t i = 0; i < count; i++) probabilities[i] = exp((double)scores[i] / temperature - log_sum);
}
