/* Layers in plain loops over doubles: what each of them means, without any of the runtime's kernels. Weights of 8 bits
 * are taken as the numbers they stand for, activations are never rounded. */
#ifndef MINNOW_TESTS_PLAIN_LAYERS_H
#define MINNOW_TESTS_PLAIN_LAYERS_H

#include <math.h>

#include "tests/unit/small_model.h"

/* Rows of one text, or of a pair: the query's `query` rows first. */
struct plain {
    struct small_model *memory;
    const uint32_t *ids, *positions, *types;
    size_t count, seen, query, width;
    double *rows, *kept; /* [count][width] */
};

static inline double *plain_room(const struct plain *plain, size_t rows, size_t width) {
    return take(plain->memory, (rows * width + 1) * sizeof(double));
}

/* ---- Weights ---- */

static inline double plain_weight(const struct minnow_linear *linear, size_t output, size_t input) {
    const float *exact = linear->weight;
    const int8_t *packed = linear->weight;
    if (linear->type == MINNOW_WEIGHT_F32) return (double)exact[output * linear->inputs + input];
    return (double)linear->scale[output] * packed[minnow_packed_s8_index(output, input, linear->inputs)];
}

/* Multiplied, and each run of `rotation` columns mixed by the Hadamard matrix over columns 8 apart (kernels.h). */
static inline void plain_rotate(const float *multiplier, size_t block, size_t count, const double *in, double *out) {
    for (size_t i = 0; i < count; i++) out[i] = in[i] * (multiplier ? (double)multiplier[i] : 1);
    for (size_t distance = 8; distance < block; distance *= 2)
        for (size_t i = 0; i < count; i++)
            if (i / distance % 2 == 0) {
                double a = out[i], b = out[i + distance];
                out[i] = a + b;
                out[i + distance] = a - b;
            }
}

static inline void plain_linear(const struct plain *plain, const struct minnow_linear *linear, const double *in,
                                double *out) {
    double *rotated = plain_room(plain, 1, linear->inputs);
    plain_rotate(linear->input_multiplier, linear->input_rotation, linear->inputs, in, rotated);
    for (size_t o = 0; o < linear->outputs; o++) {
        out[o] = linear->bias ? (double)linear->bias[o] : 0;
        for (size_t i = 0; i < linear->inputs; i++) out[o] += plain_weight(linear, o, i) * rotated[i];
    }
}

static inline double *plain_linear_rows(const struct plain *plain, const struct minnow_linear *linear, const double *in,
                                        size_t rows) {
    double *out = plain_room(plain, rows, linear->outputs);
    for (size_t r = 0; r < rows; r++) plain_linear(plain, linear, in + r * linear->inputs, out + r * linear->outputs);
    return out;
}

static inline double plain_table(const struct minnow_table *table, size_t row, size_t column) {
    size_t at = row * table->width + column;
    if (table->type == MINNOW_WEIGHT_F32) return (double)((const float *)table->data)[at];
    return (double)table->scale[row] * ((const int8_t *)table->data)[at];
}

static inline double plain_sigmoid(double x) { return 1 / (1 + exp(-x)); }

static inline void plain_activate(enum minnow_activation activation, double *x, size_t count) {
    for (size_t i = 0; i < count; i++) switch (activation) {
        case MINNOW_GELU: x[i] = x[i] * 0.5 * (1 + erf(x[i] / sqrt(2))); break;
        case MINNOW_RELU: x[i] = x[i] > 0 ? x[i] : 0; break;
        case MINNOW_TANH: x[i] = tanh(x[i]); break;
        case MINNOW_SIGMOID: x[i] = plain_sigmoid(x[i]); break;
        case MINNOW_IDENTITY: break;
        }
}

static inline void plain_norm(const struct minnow_layer_norm *norm, double *x) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < norm->width; i++) mean += x[i] / norm->width;
    for (size_t i = 0; i < norm->width; i++) variance += (x[i] - mean) * (x[i] - mean) / norm->width;
    for (size_t i = 0; i < norm->width; i++)
        x[i] = (x[i] - mean) / sqrt(variance + (double)norm->epsilon) * (double)norm->gamma[i] + (double)norm->beta[i];
}

/* ---- Layers ---- */

static inline void plain_embedding(struct plain *plain, const struct minnow_embedding *embedding) {
    plain->width = embedding->words.width;
    plain->rows = plain_room(plain, plain->count, plain->width);
    for (size_t t = 0; t < plain->count; t++) {
        double *row = plain->rows + t * plain->width;
        for (size_t i = 0; i < plain->width; i++) {
            row[i] = plain_table(&embedding->words, plain->ids[t], i);
            if (embedding->positions.rows) row[i] += plain_table(&embedding->positions, plain->positions[t], i);
            if (embedding->types.rows) row[i] += plain_table(&embedding->types, plain->types[t], i);
        }
        if (embedding->norm.width) plain_norm(&embedding->norm, row);
    }
}

/* One head of one token's query: what it takes from the tokens that are seen. */
static inline void plain_attend(const struct plain *plain, const double *projected, size_t token, size_t first,
                                size_t width, size_t all, double *out) {
    size_t stride = 3 * all;
    double sum = 0, *weights = plain_room(plain, plain->seen, 1);
    for (size_t k = 0; k < plain->seen; k++) {
        double dot = 0;
        for (size_t i = first; i < first + width; i++)
            dot += projected[token * stride + i] * projected[k * stride + all + i];
        sum += weights[k] = exp(dot / sqrt((double)width));
    }
    for (size_t i = first; i < first + width; i++)
        for (size_t k = 0; k < plain->seen; k++)
            out[i] += weights[k] / sum * projected[k * stride + 2 * all + i];
}

/* x = norm(x + y), row by row. */
static inline void plain_add_norm(struct plain *plain, const double *y, const struct minnow_layer_norm *norm) {
    for (size_t t = 0; t < plain->count; t++) {
        double *row = plain->rows + t * plain->width;
        for (size_t i = 0; i < plain->width; i++) row[i] += y[t * plain->width + i];
        plain_norm(norm, row);
    }
}

static inline void plain_block(struct plain *plain, const struct minnow_encoder_block *block) {
    size_t all = minnow_attention_width(block), width = all / block->heads;
    double *projected = plain_linear_rows(plain, &block->query_key_value, plain->rows, plain->count);
    double *context = plain_room(plain, plain->count, all);
    for (size_t t = 0; t < plain->count; t++)
        for (size_t h = 0; h < block->heads; h++)
            plain_attend(plain, projected, t, h * width, width, all, context + t * all);
    plain_add_norm(plain, plain_linear_rows(plain, &block->attention_output, context, plain->count),
                   &block->attention_norm);
    double *wide = plain_linear_rows(plain, &block->ffn_up, plain->rows, plain->count);
    plain_activate(block->activation, wide, plain->count * block->intermediate);
    plain_add_norm(plain, plain_linear_rows(plain, &block->ffn_down, wide, plain->count), &block->output_norm);
}

static inline void plain_pool(struct plain *plain, enum minnow_pooling pooling) {
    double *out = plain_room(plain, 1, plain->width);
    for (size_t i = 0; i < plain->width && plain->count; i++) {
        out[i] = plain->rows[i];
        for (size_t t = 1; t < plain->count && pooling != MINNOW_POOL_CLS; t++) {
            double x = plain->rows[t * plain->width + i];
            out[i] = pooling == MINNOW_POOL_MEAN ? out[i] + x : fmax(out[i], x);
        }
        if (pooling == MINNOW_POOL_MEAN) out[i] /= (double)plain->count;
    }
    plain->rows = out;
    plain->count = 1;
}

static inline void plain_dense(struct plain *plain, const struct minnow_dense *dense) {
    plain->rows = plain_linear_rows(plain, &dense->linear, plain->rows, plain->count);
    plain->width = dense->linear.outputs;
    plain_activate(dense->activation, plain->rows, plain->count * plain->width);
}

static inline void plain_normalize(struct plain *plain) {
    for (size_t t = 0; t < plain->count; t++) {
        double square = 0, *row = plain->rows + t * plain->width;
        for (size_t i = 0; i < plain->width; i++) square += row[i] * row[i];
        for (size_t i = 0; i < plain->width; i++) row[i] /= fmax(sqrt(square), 1e-12);
    }
}

static inline void plain_positions(struct plain *plain, const struct minnow_positions *positions) {
    for (size_t i = 0; i < plain->count * plain->width; i++)
        plain->rows[i] += plain_table(&positions->table, plain->positions[i / plain->width], i % plain->width);
}

static inline void plain_keep(struct plain *plain) {
    plain->kept = plain_room(plain, plain->count, plain->width);
    memcpy(plain->kept, plain->rows, plain->count * plain->width * sizeof(double));
}

static inline void plain_mix(struct plain *plain, double alpha) {
    for (size_t i = 0; i < plain->count * plain->width; i++)
        plain->rows[i] = alpha * plain->kept[i] + (1 - alpha) * plain->rows[i];
}

/* One direction, as PyTorch's documentation of LSTM has it. */
static inline void plain_lstm_direction(const struct plain *plain, const struct minnow_lstm *lstm, size_t direction,
                                        double *out) {
    size_t hidden = lstm->hidden;
    const struct minnow_linear *recurrent = &lstm->directions[direction].recurrent;
    double *gates = plain_linear_rows(plain, &lstm->directions[direction].input, plain->rows, plain->count);
    double *h = plain_room(plain, 1, hidden), *c = plain_room(plain, 1, hidden);
    for (size_t step = 0; step < plain->count; step++) {
        size_t t = direction == 0 ? step : plain->count - 1 - step;
        double *gate = gates + t * 4 * hidden, *fed_back = plain_room(plain, 1, 4 * hidden);
        if (step > 0) plain_linear(plain, recurrent, h, fed_back);
        for (size_t i = 0; i < 4 * hidden; i++) gate[i] += fed_back[i];
        for (size_t i = 0; i < hidden; i++) {
            c[i] = plain_sigmoid(gate[hidden + i]) * c[i] + plain_sigmoid(gate[i]) * tanh(gate[2 * hidden + i]);
            h[i] = plain_sigmoid(gate[3 * hidden + i]) * tanh(c[i]);
            out[t * lstm->direction_count * hidden + direction * hidden + i] = h[i];
        }
    }
}

static inline void plain_lstm(struct plain *plain, const struct minnow_lstm *lstm) {
    size_t width = lstm->direction_count * lstm->hidden;
    double *out = plain_room(plain, plain->count, width);
    for (size_t i = 0; i < lstm->direction_count; i++) plain_lstm_direction(plain, lstm, i, out);
    plain->rows = out;
    plain->width = width;
}

/* `rows` are padded. */
static inline void plain_branch(const struct plain *plain, const struct minnow_convolution_branch *branch,
                                const double *rows, double *out, size_t stride) {
    size_t padded = MINNOW_PADDED(plain->width), reach = branch->taps / 2;
    for (size_t t = 0; t < plain->count; t++) {
        double *window = plain_room(plain, branch->taps, padded);
        for (size_t tap = 0; tap < branch->taps; tap++)
            for (size_t i = 0; i < padded; i++)
                if (t + tap >= reach && t + tap - reach < plain->count)
                    window[tap * padded + i] = rows[(t + tap - reach) * padded + i];
        plain_linear(plain, &branch->linear, window, out + t * stride);
    }
}

static inline double *plain_rotated(const struct plain *plain, const struct minnow_convolution *convolution) {
    size_t padded = MINNOW_PADDED(plain->width);
    double *rows = plain_room(plain, plain->count, padded);
    for (size_t t = 0; t < plain->count; t++) {
        double *row = plain_room(plain, 1, padded);
        memcpy(row, plain->rows + t * plain->width, plain->width * sizeof *row);
        plain_rotate(convolution->input_multiplier, convolution->input_rotation, padded, row, rows + t * padded);
    }
    return rows;
}

static inline void plain_convolution(struct plain *plain, const struct minnow_convolution *convolution) {
    size_t width = 0, column = 0;
    for (size_t b = 0; b < convolution->branch_count; b++) width += convolution->branches[b].linear.outputs;
    double *rows = plain_rotated(plain, convolution), *out = plain_room(plain, plain->count, width);
    for (size_t b = 0; b < convolution->branch_count; b++) {
        plain_branch(plain, &convolution->branches[b], rows, out + column, width);
        column += convolution->branches[b].linear.outputs;
    }
    plain_activate(convolution->activation, out, plain->count * width);
    plain->rows = out;
    plain->width = width;
}

static inline double plain_dot(const double *a, const double *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

static inline void plain_kernel_pooling(struct plain *plain, const struct minnow_kernel_pooling *pooling) {
    double *score = plain_room(plain, 1, 1);
    *score = (double)pooling->bias;
    for (size_t k = 0; k < pooling->count; k++)
        for (size_t i = 0; i < plain->query; i++) {
            double sum = 0;
            for (size_t j = plain->query; j < plain->count; j++) {
                double cosine = plain_dot(plain->rows + i * plain->width, plain->rows + j * plain->width, plain->width);
                sum += exp((double)pooling->factor[k] * pow(cosine - (double)pooling->mu[k], 2));
            }
            *score += (double)pooling->weight[k] * log(fmax((double)pooling->alpha[k] * sum, 1e-10));
        }
    plain->rows = score;
    plain->count = plain->width = 1;
}

static inline void plain_compare(struct plain *plain) {
    size_t width = plain->width;
    const double *u = plain->rows, *v = u + width;
    double *out = plain_room(plain, 4, width);
    for (size_t i = 0; i < width; i++) {
        out[i] = u[i];
        out[width + i] = v[i];
        out[2 * width + i] = fabs(u[i] - v[i]);
        out[3 * width + i] = u[i] * v[i];
    }
    plain->rows = out;
    plain->count = 1;
    plain->width = 4 * width;
}

static inline void plain_norm_rows(struct plain *plain, const struct minnow_layer_norm *norm) {
    for (size_t t = 0; t < plain->count; t++) plain_norm(norm, plain->rows + t * plain->width);
}

static inline void plain_layer(struct plain *plain, const struct minnow_layer *layer) {
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING: plain_embedding(plain, &layer->embedding); break;
    case MINNOW_LAYER_ENCODER_BLOCK: plain_block(plain, &layer->encoder_block); break;
    case MINNOW_LAYER_POOL: plain_pool(plain, layer->pool.pooling); break;
    case MINNOW_LAYER_DENSE: plain_dense(plain, &layer->dense); break;
    case MINNOW_LAYER_NORMALIZE: plain_normalize(plain); break;
    case MINNOW_LAYER_POSITIONS: plain_positions(plain, &layer->positions); break;
    case MINNOW_LAYER_KEEP: plain_keep(plain); break;
    case MINNOW_LAYER_MIX: plain_mix(plain, (double)layer->mix.alpha); break;
    case MINNOW_LAYER_LSTM: plain_lstm(plain, &layer->lstm); break;
    case MINNOW_LAYER_CONVOLUTION: plain_convolution(plain, &layer->convolution); break;
    case MINNOW_LAYER_KERNEL_POOLING: plain_kernel_pooling(plain, &layer->kernel_pooling); break;
    case MINNOW_LAYER_COMPARE: plain_compare(plain); break;
    case MINNOW_LAYER_NORM: plain_norm_rows(plain, &layer->norm); break;
    }
}

static inline void plain_route(struct plain *plain, const struct minnow_route *route) {
    for (uint32_t i = 0; i < route->layer_count; i++) plain_layer(plain, &route->layers[i]);
}

#endif
