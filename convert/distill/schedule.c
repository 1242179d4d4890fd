#include "convert/distill/schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

float minnow_rate_at(const struct minnow_schedule *schedule, uint64_t step) {
    uint64_t warm_up = schedule->warm_up_steps, total = schedule->total_steps;
    if (step < warm_up) return schedule->rate * (float)((double)step / (double)warm_up);
    if (total <= warm_up) return schedule->rate;
    double done = step >= total ? 1 : (double)(step - warm_up) / (double)(total - warm_up);
    double left = schedule->decline == MINNOW_DECLINE_COSINE ? (1 + cos(pi * done)) / 2 : 1 - done;
    return schedule->rate * (float)(schedule->floor + (1 - schedule->floor) * left);
}
