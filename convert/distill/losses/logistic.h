/* What BCE and RankNet are made of, for any logit. Internal. */
#ifndef MINNOW_LOSS_LOGISTIC_H
#define MINNOW_LOSS_LOGISTIC_H

#include <math.h>

static inline double minnow_sigmoid(double logit) {
    double small = exp(-fabs(logit));
    return (logit >= 0 ? 1 : small) / (1 + small);
}

/* log(1 + exp(logit)) */
static inline double minnow_softplus(double logit) { return fmax(logit, 0) + log1p(exp(-fabs(logit))); }

/* -(target log sigmoid(logit) + (1 - target) log(1 - sigmoid(logit))); by the logit: sigmoid(logit) - target. */
static inline double minnow_cross_entropy(double logit, double target) {
    return minnow_softplus(logit) - logit * target;
}

#endif
