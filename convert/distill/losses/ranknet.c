#include "convert/distill/losses/ranknet.h"

#include "convert/distill/losses/logistic.h"

double minnow_loss_ranknet(const struct minnow_pair_scores *teacher, const struct minnow_pair_scores *student,
                           size_t count, double weight, const struct minnow_pair_gradients *gradients) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double margin = minnow_pair_margin(student, i);
        double importance = teacher ? minnow_pair_margin(teacher, i) : 1;
        minnow_pair_add(gradients, i, -weight / (double)count * importance * minnow_sigmoid(-margin));
        sum += importance * minnow_softplus(-margin);
    }
    return count ? sum / (double)count : 0;
}
