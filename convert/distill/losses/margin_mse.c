#include "convert/distill/losses/margin_mse.h"

#include "convert/distill/losses/pointwise.h"

double minnow_loss_margin_mse(const struct minnow_pair_scores *teacher, const struct minnow_pair_scores *student,
                              size_t count, double weight, const struct minnow_pair_gradients *gradients) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = minnow_pair_margin(student, i) - minnow_pair_margin(teacher, i);
        minnow_pair_add(gradients, i, 2 * weight / (double)count * difference);
        sum += difference * difference;
    }
    return count ? sum / (double)count : 0;
}

double minnow_loss_pair_mse(const struct minnow_pair_scores *teacher, const struct minnow_pair_scores *student,
                            size_t count, double weight, const struct minnow_pair_gradients *gradients) {
    double half = weight / 2;
    return (minnow_loss_pointwise_mse(teacher->positive, student->positive, count, half, gradients->positive) +
            minnow_loss_pointwise_mse(teacher->negative, student->negative, count, half, gradients->negative)) /
           2;
}
