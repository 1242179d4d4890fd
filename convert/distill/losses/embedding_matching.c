#include "convert/distill/losses/embedding_matching.h"

#include <math.h>

/* The loss of one text; `weight` is that of its gradient. */
typedef double match_fn(const float *teacher, const float *student, size_t width, double weight, float *gradient);

static double squared_distance(const float *a, const float *b, size_t width) {
    double sum = 0;
    for (size_t i = 0; i < width; i++) {
        double difference = (double)a[i] - (double)b[i];
        sum += difference * difference;
    }
    return sum;
}

static double dot(const float *a, const float *b, size_t width) {
    double sum = 0;
    for (size_t i = 0; i < width; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

static void add_difference(const float *teacher, const float *student, size_t width, double factor, float *gradient) {
    for (size_t i = 0; i < width; i++) gradient[i] += (float)(factor * ((double)student[i] - (double)teacher[i]));
}

static double match_l2(const float *teacher, const float *student, size_t width, double weight, float *gradient) {
    double distance = sqrt(squared_distance(teacher, student, width));
    if (gradient && distance > 0) add_difference(teacher, student, width, weight / distance, gradient);
    return distance;
}

static double match_mse(const float *teacher, const float *student, size_t width, double weight, float *gradient) {
    if (gradient) add_difference(teacher, student, width, 2 * weight / (double)width, gradient);
    return squared_distance(teacher, student, width) / (double)width;
}

/* d cos / d s = t / (|t| |s|) - cos s / |s|^2 */
static double match_cosine(const float *teacher, const float *student, size_t width, double weight, float *gradient) {
    double teacher_norm = sqrt(dot(teacher, teacher, width)), student_norm = sqrt(dot(student, student, width));
    if (teacher_norm == 0 || student_norm == 0) return 1;
    double cosine = dot(teacher, student, width) / (teacher_norm * student_norm);
    double by_teacher = weight / (teacher_norm * student_norm);
    double by_student = weight * cosine / (student_norm * student_norm);
    for (size_t i = 0; gradient && i < width; i++)
        gradient[i] += (float)(by_student * (double)student[i] - by_teacher * (double)teacher[i]);
    return 1 - cosine;
}

double minnow_loss_embedding_matching(enum minnow_embedding_metric metric, const float *teacher, const float *student,
                                      size_t count, size_t width, double weight, float *gradient) {
    static match_fn *const by_metric[] = {match_l2, match_mse, match_cosine};
    double sum = 0;
    if (!count || !width) return 0;
    for (size_t i = 0; i < count; i++)
        sum += by_metric[metric](teacher + i * width, student + i * width, width, weight / (double)count,
                                 gradient ? gradient + i * width : NULL);
    return sum / (double)count;
}
