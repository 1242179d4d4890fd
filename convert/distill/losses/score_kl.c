#include "convert/distill/losses/score_kl.h"

#include <math.h>

/* Scores of one list as log-probabilities. */
struct logs {
    const float *scores;
    double temperature, log_sum;
};

static struct logs logs_of(const struct minnow_scored *side, size_t first, size_t length) {
    const float *scores = side->scores + first;
    return (struct logs){scores, side->temperature, minnow_log_sum_exp(scores, length, side->temperature)};
}

static double log_probability(const struct logs *logs, size_t i) {
    return (double)logs->scores[i] / logs->temperature - logs->log_sum;
}

static double divergence(const struct logs *target, const struct logs *student, size_t length) {
    double sum = 0;
    for (size_t i = 0; i < length; i++) {
        double log_target = log_probability(target, i);
        sum += exp(log_target) * (log_target - log_probability(student, i));
    }
    return sum;
}

/* dKL / ds_i = (q_i - p_i) / T */
static void add_student_gradient(const struct logs *target, const struct logs *student, size_t length, double weight,
                                 float *gradient) {
    for (size_t i = 0; i < length; i++) {
        double difference = exp(log_probability(student, i)) - exp(log_probability(target, i));
        gradient[i] += (float)(weight / student->temperature * difference);
    }
}

/* dKL / dt_i = p_i (log p_i - log q_i - KL) / T */
static void add_target_gradient(const struct logs *target, const struct logs *student, size_t length, double loss,
                                double weight, float *gradient) {
    for (size_t i = 0; i < length; i++) {
        double log_target = log_probability(target, i);
        double excess = log_target - log_probability(student, i) - loss;
        gradient[i] += (float)(weight / target->temperature * exp(log_target) * excess);
    }
}

double minnow_loss_score_kl(const struct minnow_score_lists *lists, const struct minnow_scored *target,
                            const struct minnow_scored *student, double weight) {
    double sum = 0, share = weight / (double)lists->count;
    for (size_t list = 0, first = 0; list < lists->count; first += lists->lengths[list++]) {
        size_t length = lists->lengths[list];
        if (!length) continue;
        struct logs p = logs_of(target, first, length), q = logs_of(student, first, length);
        double loss = divergence(&p, &q, length);
        if (student->gradient) add_student_gradient(&p, &q, length, share, student->gradient + first);
        if (target->gradient) add_target_gradient(&p, &q, length, loss, share, target->gradient + first);
        sum += loss;
    }
    return lists->count ? sum / (double)lists->count : 0;
}

double minnow_loss_score_kl_both(const struct minnow_score_lists *lists, const struct minnow_scored *teacher,
                                 const struct minnow_scored *student, double weight) {
    return minnow_loss_score_kl(lists, teacher, student, weight) +
           minnow_loss_score_kl(lists, student, teacher, weight);
}
