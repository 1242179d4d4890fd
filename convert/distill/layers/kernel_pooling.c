/* A pair's token rows to its score: Gaussian kernels over the cosines of query and document tokens (model.h). */
#include <math.h>
#include <string.h>

#include "convert/blas.h"
#include "convert/distill/layers/lanes.h"
#include "convert/distill/layers/layers.h"

static const float log2_e = 0x1.715476p+0f, floor_of_sums = 1e-10f;

/* One pair. */
struct pair {
    const struct minnow_kernel_pooling *pooling;
    const float *query, *document; /* rows of `width` */
    size_t query_count, document_count, width;
    float *cosines; /* [query tokens][document tokens] */
    float *sums;    /* [query tokens][kernels]: over document tokens */
    float *logs;    /* [query tokens][kernels]: of alpha times the sums, or of the floor */
};

/* Saved: of each pair its cosines, sums and logs, one behind the other. */
static size_t pair_floats(const struct minnow_kernel_pooling *pooling, struct minnow_span span) {
    return MINNOW_PADDED((size_t)span.query * (span.count - span.query)) +
           2 * MINNOW_PADDED((size_t)span.query * pooling->count);
}

static struct pair pair_of(const struct minnow_kernel_pooling *pooling, const struct minnow_step *step,
                           struct minnow_span span, float *saved) {
    struct pair pair = {.pooling = pooling,
                        .query = step->rows + span.first * step->width,
                        .query_count = span.query,
                        .document_count = span.count - span.query,
                        .width = step->width,
                        .cosines = saved};
    pair.document = pair.query + pair.query_count * pair.width;
    pair.sums = pair.cosines + MINNOW_PADDED(pair.query_count * pair.document_count);
    pair.logs = pair.sums + MINNOW_PADDED(pair.query_count * pooling->count);
    return pair;
}

static void compare_tokens(const struct pair *pair) {
    int width = (int)pair->width, columns = (int)pair->document_count;
    if (pair->query_count == 0 || pair->document_count == 0) return;
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)pair->query_count, columns, width, 1,
                         pair->query, width, pair->document, width, 0, pair->cosines, columns);
}

static void sum_kernels(const struct pair *pair, const struct minnow_kernels *kernels) {
    const struct minnow_kernel_pooling *pooling = pair->pooling;
    size_t count = pooling->count, all = pair->query_count * count;
    float factor[MINNOW_MAX_KERNELS];
    for (size_t k = 0; k < count; k++) factor[k] = log2_e * pooling->factor[k];
    kernels->gaussian_sums(pair->cosines, pair->document_count, pair->query_count, pair->document_count, pooling->mu,
                           factor, count, pair->sums, count);
    for (size_t i = 0; i < all; i++) {
        float sum = pooling->alpha[i % count] * pair->sums[i];
        pair->logs[i] = sum > floor_of_sums ? sum : floor_of_sums;
    }
    for (size_t i = all; i < MINNOW_PADDED(all); i++) pair->logs[i] = 1;
    if (all) kernels->log_rows(pair->logs, MINNOW_PADDED(all), 1, MINNOW_PADDED(all));
}

/* A kernel's logarithms, summed over query tokens. */
static float total(const struct pair *pair, size_t kernel) {
    float sum = 0;
    for (size_t i = 0; i < pair->query_count; i++) sum += pair->logs[i * pair->pooling->count + kernel];
    return sum;
}

static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    const struct minnow_kernel_pooling *pooling = &layer->kernel_pooling;
    size_t floats = 0;
    for (size_t i = 0; i < trace->batch.text_count; i++) floats += pair_floats(pooling, trace->batch.spans[i]);
    float *saved = step->saved = minnow_tape_floats(&trace->tape, floats);
    float *out = minnow_trace_put_rows(trace, trace->batch.text_count, 1);
    if (!saved || !out) return false;
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        struct pair pair = pair_of(pooling, step, trace->batch.spans[i], saved);
        compare_tokens(&pair);
        sum_kernels(&pair, trace->kernels);
        out[i] = pooling->bias;
        for (size_t k = 0; k < pooling->count; k++) out[i] += pooling->weight[k] * total(&pair, k);
        saved += pair_floats(pooling, trace->batch.spans[i]);
    }
    return true;
}

/* What a query token's logarithm of kernel k gives to its cosines, of which g is the score's gradient:
 * g weight / sum * d exp(factor d^2) / d cosine. Nothing where the floor held. */
static void kernel_back(const struct pair *pair, size_t token, size_t k, float g, float *alpha_gradient,
                        float *cosine_gradient) {
    const struct minnow_kernel_pooling *pooling = pair->pooling;
    float sum = pair->sums[token * pooling->count + k], factor = pooling->factor[k];
    if (!(pooling->alpha[k] * sum > floor_of_sums)) return;
    *alpha_gradient += g * pooling->weight[k] / pooling->alpha[k];
    const float *cosines = pair->cosines + token * pair->document_count;
    float slope = 2 * factor * g * pooling->weight[k] / sum;
    for (size_t j = 0; j < pair->document_count; j++) {
        float distance = cosines[j] - pooling->mu[k];
        cosine_gradient[j] += slope * distance * expf(factor * distance * distance);
    }
}

static void weights_back(const struct pair *pair, float g, struct minnow_kernel_pooling *gradient,
                         float *cosine_gradient) {
    const struct minnow_kernel_pooling *pooling = pair->pooling;
    float *alpha = minnow_writable(gradient->alpha), *weight = minnow_writable(gradient->weight);
    memset(cosine_gradient, 0, pair->query_count * pair->document_count * sizeof *cosine_gradient);
    gradient->bias += g;
    for (size_t k = 0; k < pooling->count; k++) {
        weight[k] += g * total(pair, k);
        for (size_t i = 0; i < pair->query_count; i++)
            kernel_back(pair, i, k, g, &alpha[k], cosine_gradient + i * pair->document_count);
    }
}

static void rows_back(const struct pair *pair, const float *cosine_gradient, float *query_gradient) {
    int width = (int)pair->width, rows = (int)pair->query_count, columns = (int)pair->document_count;
    float *document_gradient = query_gradient + pair->query_count * pair->width;
    memset(query_gradient, 0, (pair->query_count + pair->document_count) * pair->width * sizeof *query_gradient);
    if (rows == 0 || columns == 0) return;
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, width, columns, 1, cosine_gradient, columns,
                         pair->document, width, 0, query_gradient, width);
    minnow_blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, columns, width, rows, 1, cosine_gradient, columns,
                         pair->query, width, 0, document_gradient, width);
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    const struct minnow_kernel_pooling *pooling = &layer->kernel_pooling;
    float *saved = step->saved, *next = minnow_trace_next_gradient(trace, step->row_count * step->width);
    size_t most = 0;
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        size_t floats = pair_floats(pooling, trace->batch.spans[i]);
        most = floats > most ? floats : most;
    }
    float *cosine_gradient = minnow_tape_floats(&trace->tape, most);
    if (!next || !cosine_gradient) return false;
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        struct pair pair = pair_of(pooling, step, trace->batch.spans[i], saved);
        weights_back(&pair, trace->gradient[i], &gradient->kernel_pooling, cosine_gradient);
        rows_back(&pair, cosine_gradient, next + trace->batch.spans[i].first * step->width);
        saved += pair_floats(pooling, trace->batch.spans[i]);
    }
    minnow_trace_pass_back(trace);
    return true;
}

const struct minnow_layer_training minnow_kernel_pooling_training = {forward, backward};
