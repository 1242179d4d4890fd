/* Random numbers that a seed decides: splitmix64. The same on every machine. */
#ifndef MINNOW_RANDOM_H
#define MINNOW_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct minnow_random {
    uint64_t state;
};

/* A sequence of its own for each seed and stream (an epoch, a step, a purpose), so that work resumes in the middle
 * without drawing what came before. */
struct minnow_random minnow_random_of(uint64_t seed, uint64_t stream);
uint64_t minnow_random_next(struct minnow_random *random);
/* In [0, bound), each as likely as any other; bound is not 0. */
uint64_t minnow_random_below(struct minnow_random *random, uint64_t bound);
/* In [0, 1), a multiple of 2^-53. */
double minnow_random_unit(struct minnow_random *random);
void minnow_random_shuffle(struct minnow_random *random, uint32_t *items, size_t count);

#endif
