/* Values that are levels of 4 bits already: which scale and steps made them. */
#include <math.h>

#include "convert/quantize/rounding.h"
#include "kernels/kernels.h"

enum { MOST = 15 };

/* Of a level: more than values lose on their way through a rotation and back, far less than chance would grant. */
static const float TOLERANCE = 1.0f / 256;

static bool is_whole(float value, float tolerance) { return fabsf(value - rintf(value)) <= tolerance; }

static bool are_levels(const float *values, size_t count, float size, float lowest) {
    for (size_t i = 0; i < count; i++) {
        float level = values[i] / size;
        if (!is_whole(level, TOLERANCE) || rintf(level) < lowest || rintf(level) > lowest + 15) return false;
    }
    return true;
}

/* A step of which all the group's values are levels; 0: there is none. */
static uint8_t step_of(const float *values, size_t count, float scale) {
    for (uint8_t times = 1; times <= MOST; times++)
        for (uint8_t side = 0; side <= 16; side += 16)
            if (are_levels(values, count, scale * (float)times, side ? -8 : -7)) return (uint8_t)(side | times);
    return 0;
}

static bool are_multiples(const float *values, size_t count, float scale) {
    for (size_t i = 0; i < count; i++)
        if (!is_whole(values[i] / scale, TOLERANCE * MOST)) return false;
    return true;
}

static bool fits(const float *values, size_t count, float scale, uint8_t *steps) {
    if (!are_multiples(values, count, scale)) return false;
    for (size_t first = 0; first < count; first += MINNOW_GROUP) {
        size_t some = count - first < MINNOW_GROUP ? count - first : MINNOW_GROUP;
        uint8_t *step = &steps[first / MINNOW_GROUP];
        *step = step_of(values + first, some, scale);
        if (!*step) return false;
    }
    return true;
}

bool minnow_exact_steps(const float *values, size_t count, uint8_t *steps, float *scale) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(values[i]));
    for (size_t g = 0; g < MINNOW_GROUPS(count); g++) steps[g] = 1;
    *scale = 0;
    if (largest == 0) return true;
    for (int times = MOST; times > 0; times--)
        for (int level = 8; level > 0; level--) { /* of the largest value */
            *scale = largest / (float)(times * level);
            if (fits(values, count, *scale, steps)) return true;
        }
    return false;
}
