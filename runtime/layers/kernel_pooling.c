/* A pair's token rows to its score: Gaussian kernels over the cosines of query and document tokens (model.h). */
#include <math.h>
#include <string.h>

#include "runtime/layers/layer.h"

static const float log2_e = 0x1.715476p+0f, floor_of_sums = 1e-10f;

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    minnow_plan_raise(&plan->row_width, 1);
}

/* Kernels as the ops take them. */
struct kernels {
    const struct minnow_kernel_pooling *pooling;
    float factor[MINNOW_MAX_KERNELS]; /* of powers of 2 */
};

/* Add the logarithms of one query token's sums to the totals. */
static void add_token(const struct kernels *kernels, const struct minnow_pass *pass, const float *similarities,
                      size_t count, float *totals) {
    const struct minnow_kernel_pooling *pooling = kernels->pooling;
    float sums[MINNOW_MAX_KERNELS];
    pass->kernels->gaussian_sums(similarities, count, 1, count, pooling->mu, kernels->factor, pooling->count, sums,
                                 pooling->count);
    for (uint32_t k = 0; k < pooling->count; k++) {
        float sum = pooling->alpha[k] * sums[k];
        sums[k] = sum > floor_of_sums ? sum : floor_of_sums;
    }
    pass->kernels->log_rows(sums, MINNOW_MAX_KERNELS, 1, pooling->count);
    for (uint32_t k = 0; k < pooling->count; k++) totals[k] += sums[k];
}

static float score(const struct kernels *kernels, const struct minnow_pass *pass, struct minnow_span span) {
    const struct minnow_kernel_pooling *pooling = kernels->pooling;
    size_t stride = MINNOW_PADDED(pass->width), tokens = span.count - span.query;
    const float *query = pass->rows + span.first * stride, *document = query + span.query * stride;
    float *similarities = pass->own->similarities, totals[MINNOW_MAX_KERNELS] = {0}, sum = pooling->bias;
    for (size_t i = 0; i < span.query; i++) {
        pass->kernels->dots_f32(query + i * stride, document, stride, tokens, pass->width, similarities);
        add_token(kernels, pass, similarities, tokens, totals);
    }
    for (uint32_t k = 0; k < pooling->count; k++) sum = fmaf(pooling->weight[k], totals[k], sum);
    return sum;
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    struct kernels kernels = {.pooling = &layer->kernel_pooling};
    minnow_pass_go_alone(pass);
    if (pass->finished) return;
    for (uint32_t k = 0; k < kernels.pooling->count; k++) kernels.factor[k] = log2_e * kernels.pooling->factor[k];
    for (size_t i = 0; i < pass->text_count; i++)
        pass->other[i * MINNOW_PADDED(1)] = score(&kernels, pass, pass->shared->spans[i]);
    minnow_pass_swap(pass, pass->text_count, 1);
}

const struct minnow_layer_operations minnow_kernel_pooling_operations = {plan, run, NULL};
