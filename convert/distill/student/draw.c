#include <math.h>

#include "convert/distill/student/parts.h"

float *minnow_student_floats(struct minnow_student *student, size_t count) {
    return minnow_memory_take(student->reading.memory, count * sizeof(float));
}

/* Box and Muller's: two numbers in (0, 1) make one. */
static double draw_one(struct minnow_random *random) {
    double radius = sqrt(-2 * log(1 - minnow_random_unit(random)));
    return radius * cos(2 * 3.14159265358979323846 * minnow_random_unit(random));
}

float *minnow_student_draw_normal(struct minnow_student *student, size_t count, float deviation) {
    float *numbers = minnow_student_floats(student, count);
    for (size_t i = 0; numbers && i < count; i++) numbers[i] = deviation * (float)draw_one(&student->random);
    return numbers;
}

float *minnow_student_draw_uniform(struct minnow_student *student, size_t count, float spread) {
    float *numbers = minnow_student_floats(student, count);
    for (size_t i = 0; numbers && i < count; i++)
        numbers[i] = spread * (2 * (float)minnow_random_unit(&student->random) - 1);
    return numbers;
}

bool minnow_student_make_norm(struct minnow_student *student, uint32_t width, float epsilon,
                              struct minnow_layer_norm *norm) {
    float *gamma = minnow_student_floats(student, width), *beta = minnow_student_floats(student, width);
    *norm = (struct minnow_layer_norm){.width = width, .gamma = gamma, .beta = beta, .epsilon = epsilon};
    for (uint32_t i = 0; gamma && i < width; i++) gamma[i] = 1;
    return gamma && beta;
}
