/* A block of the teacher with fewer heads and neurons: those that weigh most. A neuron weighs what its row of ffn_up
 * and its column of ffn_down are long, multiplied; a head what its rows of values and its columns of attention_output
 * are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convert/distill/student/parts.h"

struct weighed {
    double weight;
    uint32_t number;
};

/* ---- Weighing -------------------------------------------------------------------------------- */

static double rows_length(const struct minnow_linear *linear, size_t first, size_t count) {
    const float *rows = (const float *)linear->weight + first * linear->inputs;
    double square = 0;
    for (size_t i = 0; i < count * linear->inputs; i++) square += (double)rows[i] * (double)rows[i];
    return sqrt(square);
}

static double columns_length(const struct minnow_linear *linear, size_t first, size_t count) {
    const float *weight = linear->weight;
    double square = 0;
    for (size_t o = 0; o < linear->outputs; o++)
        for (size_t i = first; i < first + count; i++)
            square += (double)weight[o * linear->inputs + i] * (double)weight[o * linear->inputs + i];
    return sqrt(square);
}

static int heaviest_first(const void *a, const void *b) {
    const struct weighed *x = a, *y = b;
    if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_number(const void *a, const void *b) {
    const struct weighed *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* `count` groups of rows of `in`, from row `first` on, and columns of `out`, `width` each: the `kept` heaviest, in
 * their old order. */
static struct weighed *choose(struct minnow_student *student, const struct minnow_linear *in, size_t first,
                              const struct minnow_linear *out, size_t width, uint32_t count, uint32_t kept) {
    struct weighed *groups = minnow_memory_take(student->reading.memory, count * sizeof *groups);
    for (uint32_t i = 0; groups && i < count; i++)
        groups[i] = (struct weighed){rows_length(in, first + i * width, width) * columns_length(out, i * width, width),
                                     i};
    if (!groups) return NULL;
    qsort(groups, count, sizeof *groups, heaviest_first);
    qsort(groups, kept, sizeof *groups, by_number);
    return groups;
}

/* ---- Taking ---------------------------------------------------------------------------------- */

/* Groups of `width` rows, in each of `parts` parts of `count` groups. */
static bool take_rows(struct minnow_student *student, const struct minnow_linear *from, const struct weighed *groups,
                      uint32_t kept, size_t width, uint32_t parts, struct minnow_linear *linear) {
    size_t inputs = from->inputs, part = from->outputs / parts, row = 0;
    float *weight = minnow_student_floats(student, parts * kept * width * inputs);
    float *bias = minnow_student_floats(student, parts * kept * width);
    *linear = (struct minnow_linear){
        .inputs = from->inputs, .outputs = (uint32_t)(parts * kept * width), .weight = weight};
    if (from->bias) linear->bias = bias;
    for (uint32_t p = 0; weight && bias && p < parts; p++)
        for (uint32_t k = 0; k < kept; k++, row += width) {
            size_t first = p * part + groups[k].number * width;
            memcpy(weight + row * inputs, (const float *)from->weight + first * inputs,
                   width * inputs * sizeof *weight);
            if (from->bias) memcpy(bias + row, from->bias + first, width * sizeof *bias);
        }
    return weight && bias;
}

static bool take_columns(struct minnow_student *student, const struct minnow_linear *from,
                         const struct weighed *groups, uint32_t kept, size_t width, struct minnow_linear *linear) {
    size_t inputs = kept * width;
    float *weight = minnow_student_floats(student, from->outputs * inputs);
    *linear = *from;
    linear->inputs = (uint32_t)inputs;
    linear->weight = weight;
    for (size_t o = 0; weight && o < from->outputs; o++)
        for (uint32_t k = 0; k < kept; k++)
            memcpy(weight + o * inputs + k * width,
                   (const float *)from->weight + o * from->inputs + groups[k].number * width, width * sizeof *weight);
    return weight != NULL;
}

static bool cut_heads(struct minnow_student *student, const struct minnow_encoder_block *from,
                      struct minnow_encoder_block *block) {
    uint32_t kept = block->heads = student->spec.heads;
    size_t attended = from->attention_output.inputs, width = attended / from->heads;
    if (kept == from->heads) return true;
    const struct weighed *heads = choose(student, &from->query_key_value, 2 * attended, &from->attention_output, width,
                                         from->heads, kept);
    return heads && take_rows(student, &from->query_key_value, heads, kept, width, 3, &block->query_key_value) &&
           take_columns(student, &from->attention_output, heads, kept, width, &block->attention_output);
}

static bool cut_neurons(struct minnow_student *student, const struct minnow_encoder_block *from,
                        struct minnow_encoder_block *block) {
    uint32_t kept = block->intermediate = student->spec.ffn;
    if (kept == from->intermediate) return true;
    const struct weighed *neurons =
        choose(student, &from->ffn_up, 0, &from->ffn_down, 1, from->intermediate, kept);
    return neurons && take_rows(student, &from->ffn_up, neurons, kept, 1, 1, &block->ffn_up) &&
           take_columns(student, &from->ffn_down, neurons, kept, 1, &block->ffn_down);
}

enum minnow_status minnow_student_cut_block(struct minnow_student *student, const struct minnow_encoder_block *from,
                                            struct minnow_encoder_block *block, struct minnow_error *error) {
    *block = *from;
    if (from->heads < student->spec.heads || from->intermediate < student->spec.ffn)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "student: one of the teacher's blocks has %u heads and %u neurons, expected %u and %u or "
                           "more: heads and ffn say fewer",
                           from->heads, from->intermediate, student->spec.heads, student->spec.ffn);
    bool cut = cut_heads(student, from, block) && cut_neurons(student, from, block);
    return cut ? MINNOW_OK : minnow_student_no_memory(student, error);
}
