#include "convert/distill/losses/pointwise.h"

#include "convert/distill/losses/logistic.h"

/* One score's loss; *slope: its derivative by the score. */
static double soft_loss(double temperature, double teacher, double student, double *slope) {
    double target = minnow_sigmoid(teacher / temperature), logit = student / temperature;
    *slope = temperature * (minnow_sigmoid(logit) - target);
    return temperature * temperature * minnow_cross_entropy(logit, target);
}

static double hard_loss(double label, double student, double *slope) {
    *slope = minnow_sigmoid(student) - label;
    return minnow_cross_entropy(student, label);
}

double minnow_loss_pointwise_bce(const struct minnow_soft_labels *soft, const float *teacher, const float *labels,
                                 const float *student, size_t count, double weight, float *gradient) {
    double sum = 0, alpha = soft->alpha;
    for (size_t i = 0; i < count; i++) {
        double soft_slope = 0, hard_slope = 0;
        if (alpha > 0) sum += alpha * soft_loss(soft->temperature, (double)teacher[i], (double)student[i], &soft_slope);
        if (alpha < 1) sum += (1 - alpha) * hard_loss((double)labels[i], (double)student[i], &hard_slope);
        double slope = alpha * soft_slope + (1 - alpha) * hard_slope;
        if (gradient) gradient[i] += (float)(weight / (double)count * slope);
    }
    return count ? sum / (double)count : 0;
}

double minnow_loss_pointwise_mse(const float *teacher, const float *student, size_t count, double weight,
                                 float *gradient) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)student[i] - (double)teacher[i];
        if (gradient) gradient[i] += (float)(2 * weight / (double)count * difference);
        sum += difference * difference;
    }
    return count ? sum / (double)count : 0;
}
