#include "convert/distill/random.h"

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

struct minnow_random minnow_random_of(uint64_t seed, uint64_t stream) {
    return (struct minnow_random){mix(mix(seed + 0x9E3779B97F4A7C15u) ^ (stream * 0xD1342543DE82EF95u + 1))};
}

uint64_t minnow_random_next(struct minnow_random *random) { return mix(random->state += 0x9E3779B97F4A7C15u); }

uint64_t minnow_random_below(struct minnow_random *random, uint64_t bound) {
    uint64_t rejected = -bound % bound, drawn; /* 2^64 mod bound: so many too many of the lowest remainders */
    do drawn = minnow_random_next(random);
    while (drawn < rejected);
    return drawn % bound;
}

double minnow_random_unit(struct minnow_random *random) { return (double)(minnow_random_next(random) >> 11) * 0x1p-53; }

void minnow_random_shuffle(struct minnow_random *random, uint32_t *items, size_t count) {
    for (size_t left = count; left > 1; left--) {
        size_t other = (size_t)minnow_random_below(random, left);
        uint32_t item = items[left - 1];
        items[left - 1] = items[other];
        items[other] = item;
    }
}
