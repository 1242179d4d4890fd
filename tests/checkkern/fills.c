#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/checkkern/check.h"

const char *const fill_names[FILL_COUNT] = {"random", "extremes", "alternating", "spikes",   "denormals",
                                            "equal",  "zeros",    "wide",        "specials", "bits"};

/* splitmix64 */
uint64_t random_next(struct random *random) {
    uint64_t z = (random->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

size_t random_below(struct random *random, size_t limit) { return (size_t)(random_next(random) % limit); }

float random_unit(struct random *random) { return (float)(int32_t)(random_next(random) >> 32) * 0x1p-31f; }

/* Of NaNs only the quiet ones: arithmetic gives no others, and compilers may take them for numbers or not. */
static float random_bits(struct random *random) {
    uint32_t bits = (uint32_t)random_next(random);
    if ((bits & 0x7F800000u) == 0x7F800000u) bits |= 0x00400000u;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static float random_finite(struct random *random) {
    float x = random_bits(random);
    return isfinite(x) ? x : 1.0f;
}

static float random_special(struct random *random) {
    static const float specials[] = {NAN,    -NAN, INFINITY, -INFINITY, 0.0f,    -0.0f,  FLT_MAX, -FLT_MAX,
                                     1e-45f, 0.5f, 1.5f,     -126.5f,   -127.0f, 127.0f, 88.0f,   -87.0f};
    size_t i = random_below(random, 3 * sizeof specials / sizeof *specials);
    return i < sizeof specials / sizeof *specials ? specials[i] : random_unit(random);
}

static float sign_of(struct random *random) { return random_next(random) & 1 ? 1.0f : -1.0f; }

static float one_float(struct random *random, enum fill fill, size_t i) {
    switch (fill) {
    case FILL_EXTREMES:
        return 127.0f * sign_of(random);
    case FILL_ALTERNATING:
        return i % 2 ? -127.0f : 127.0f;
    case FILL_SPIKES:
        return random_unit(random) * (random_below(random, 16) ? 0.01f : 1000.0f);
    case FILL_DENORMALS:
        return random_unit(random) * 0x1p-128f;
    case FILL_ZEROS:
        return 0.0f;
    case FILL_WIDE:
        return random_finite(random);
    case FILL_SPECIALS:
        return random_special(random);
    case FILL_BITS:
        return random_bits(random);
    case FILL_RANDOM:
    case FILL_EQUAL:
    case FILL_COUNT:
        break;
    }
    return 4.0f * random_unit(random);
}

void fill_floats(struct random *random, enum fill fill, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = i && fill == FILL_EQUAL ? out[0] : one_float(random, fill, i);
}

static int any_byte(struct random *random, int lowest) {
    return lowest + (int)random_below(random, (size_t)(128 - lowest));
}

static int one_byte(struct random *random, enum fill fill, int lowest, size_t i) {
    switch (fill) {
    case FILL_EXTREMES:
        return random_next(random) & 1 ? 127 : -127;
    case FILL_ALTERNATING:
        return i % 2 ? -127 : 127;
    case FILL_SPIKES:
        return random_below(random, 16) ? (int)random_below(random, 3) - 1 : any_byte(random, lowest);
    case FILL_DENORMALS:
        return (int)random_below(random, 3) - 1;
    case FILL_ZEROS:
        return 0;
    case FILL_SPECIALS:
        return random_below(random, 3) ? lowest : 127;
    case FILL_RANDOM:
    case FILL_EQUAL:
    case FILL_WIDE:
    case FILL_BITS:
    case FILL_COUNT:
        break;
    }
    return any_byte(random, lowest);
}

void fill_bytes(struct random *random, enum fill fill, int lowest, int8_t *out, size_t count) {
    for (size_t i = 0; i < count; i++)
        out[i] = i && fill == FILL_EQUAL ? out[0] : (int8_t)one_byte(random, fill, lowest, i);
}
