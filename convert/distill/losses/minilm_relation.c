#include "convert/distill/losses/minilm_relation.h"

#include <math.h>

/* One head's rows. */
struct rows {
    const float *first;
    size_t stride, width, count;
};

static struct rows rows_of_head(const float *rows, uint32_t width, const struct minnow_relations *relations,
                                uint32_t head) {
    size_t share = width / relations->heads;
    return (struct rows){rows + head * share, width, share, relations->tokens};
}

static double dot(const float *a, const float *b, size_t width) {
    double sum = 0;
    for (size_t i = 0; i < width; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* Logs of the softmax over token `from`'s relations to all. */
static void relate(const struct rows *rows, size_t from, double *logs) {
    double highest = -INFINITY, sum = 0;
    for (size_t j = 0; j < rows->count; j++) {
        logs[j] = dot(rows->first + from * rows->stride, rows->first + j * rows->stride, rows->width) /
                  sqrt((double)rows->width);
        highest = fmax(highest, logs[j]);
    }
    for (size_t j = 0; j < rows->count; j++) sum += exp(logs[j] - highest);
    for (size_t j = 0; j < rows->count; j++) logs[j] -= highest + log(sum);
}

/* d(s_i . s_j) reaches both rows. */
static void add_gradient(const struct rows *student, size_t from, const double *target, const double *logs,
                         double weight, float *gradient) {
    for (size_t j = 0; j < student->count; j++) {
        double slope = weight / sqrt((double)student->width) * (exp(logs[j]) - exp(target[j]));
        const float *a = student->first + from * student->stride, *b = student->first + j * student->stride;
        float *by_a = gradient + from * student->stride, *by_b = gradient + j * student->stride;
        for (size_t i = 0; i < student->width; i++) {
            by_a[i] += (float)(slope * (double)b[i]);
            by_b[i] += (float)(slope * (double)a[i]);
        }
    }
}

static double match_head(const struct rows *teacher, const struct rows *student, double weight, float *gradient,
                         double *scratch) {
    double sum = 0, *target = scratch, *logs = scratch + student->count;
    for (size_t i = 0; i < student->count; i++) {
        relate(teacher, i, target);
        relate(student, i, logs);
        for (size_t j = 0; j < student->count; j++) sum += exp(target[j]) * (target[j] - logs[j]);
        if (gradient) add_gradient(student, i, target, logs, weight, gradient);
    }
    return sum;
}

double minnow_loss_minilm_relation(const struct minnow_relations *relations, const float *teacher, const float *student,
                                   double weight, float *gradient, double *scratch) {
    double sum = 0, share = 1 / ((double)relations->heads * (double)relations->tokens);
    if (!relations->tokens) return 0;
    for (uint32_t head = 0; head < relations->heads; head++) {
        struct rows target = rows_of_head(teacher, relations->teacher_width, relations, head);
        struct rows rows = rows_of_head(student, relations->student_width, relations, head);
        size_t offset = (size_t)(rows.first - student);
        sum += match_head(&target, &rows, weight * share, gradient ? gradient + offset : NULL, scratch);
    }
    return sum * share;
}
