#include "convert/distill/layers/activation.h"

#include <string.h>

void minnow_train_activation(const struct minnow_kernels *kernels, enum minnow_activation activation, const float *in,
                             size_t count, float *out) {
    size_t padded = MINNOW_PADDED(count);
    if (out != in) memcpy(out, in, count * sizeof *out);
    memset(out + count, 0, (padded - count) * sizeof *out);
    switch (activation) {
    case MINNOW_IDENTITY: break;
    case MINNOW_GELU: kernels->precise_gelu_rows(out, padded, 1, padded); break;
    case MINNOW_RELU: kernels->relu_rows(out, padded, 1, padded); break;
    case MINNOW_TANH: kernels->tanh_rows(out, padded, 1, padded); break;
    case MINNOW_SIGMOID: kernels->sigmoid_rows(out, padded, 1, padded); break;
    }
}

enum { AT_ONCE = 512 };

/* gelu(x) = x P(x), so that its slope is P(x) + x p(x), where P(x) is what came out divided by x, and the density p(x)
 * follows from e = exp(-x^2 / 2) = s / (1 - s) with s = sigmoid(-x^2 / 2), for which there is a fast kernel. */
static void gelu_back(const struct minnow_kernels *kernels, const float *in, const float *out, size_t count,
                      float *gradient) {
    const float density_at_0 = 0.3989422804f;
    float s[AT_ONCE];
    for (size_t i = 0; i < count; i++) s[i] = -0.5f * in[i] * in[i];
    memset(s + count, 0, (MINNOW_PADDED(count) - count) * sizeof *s);
    kernels->sigmoid_rows(s, MINNOW_PADDED(count), 1, MINNOW_PADDED(count));
    for (size_t i = 0; i < count; i++) {
        float probability = in[i] != 0 ? out[i] / in[i] : 0.5f;
        gradient[i] *= probability + density_at_0 * in[i] * s[i] / (1 - s[i]);
    }
}

static void some_back(const struct minnow_kernels *kernels, enum minnow_activation activation, const float *in,
                      const float *out, size_t count, float *gradient) {
    switch (activation) {
    case MINNOW_IDENTITY: break;
    case MINNOW_GELU: gelu_back(kernels, in, out, count, gradient); break;
    case MINNOW_RELU:
        for (size_t i = 0; i < count; i++) gradient[i] = out[i] > 0 ? gradient[i] : 0;
        break;
    case MINNOW_TANH:
        for (size_t i = 0; i < count; i++) gradient[i] *= 1 - out[i] * out[i];
        break;
    case MINNOW_SIGMOID:
        for (size_t i = 0; i < count; i++) gradient[i] *= out[i] * (1 - out[i]);
        break;
    }
}

void minnow_train_activation_back(const struct minnow_kernels *kernels, enum minnow_activation activation,
                                  const float *in, const float *out, size_t count, float *gradient) {
    for (size_t first = 0; first < count; first += AT_ONCE) {
        size_t some = count - first < AT_ONCE ? count - first : AT_ONCE;
        some_back(kernels, activation, in + first, out + first, some, gradient + first);
    }
}
