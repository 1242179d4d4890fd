/* The best product of two factors of one rank, by the rows' weights: with E the strongest eigenvectors of
 * W^T diag(f) W, W is nearest to (W E) E^T. The matrix is only as large as the rows are wide. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convert/blas.h"
#include "convert/distill/student/parts.h"

enum { ROWS = 512 };       /* weighted at once */
enum { WIDEST = 1 << 14 }; /* LAPACK counts its room, 2 width^2 numbers, in an int */

struct finding {
    size_t width;
    double *moment; /* [width][width]; then the eigenvectors */
    double *some;   /* [ROWS][width] */
    double *values; /* [width] */
    double *work;
    int *whole_work;
    int work_size, whole_work_size;
};

static bool take(struct finding *finding, size_t width) {
    int n = (int)width;
    *finding = (struct finding){.width = width, .work_size = 1 + 6 * n + 2 * n * n, .whole_work_size = 3 + 5 * n};
    finding->moment = calloc(width * width, sizeof *finding->moment);
    finding->some = malloc(ROWS * width * sizeof *finding->some);
    finding->values = malloc(width * sizeof *finding->values);
    finding->work = malloc((size_t)finding->work_size * sizeof *finding->work);
    finding->whole_work = malloc((size_t)finding->whole_work_size * sizeof *finding->whole_work);
    return finding->moment && finding->some && finding->values && finding->work && finding->whole_work;
}

static void release(struct finding *finding) {
    free(finding->moment);
    free(finding->some);
    free(finding->values);
    free(finding->work);
    free(finding->whole_work);
}

static void add_moment(struct finding *finding, const float *rows, const float *weights, size_t count) {
    int n = (int)finding->width;
    for (size_t r = 0; r < count; r++) {
        double root = sqrt((double)weights[r]);
        for (size_t i = 0; i < finding->width; i++)
            finding->some[r * finding->width + i] = root * (double)rows[r * finding->width + i];
    }
    minnow_blas()->dsyrk(CblasRowMajor, CblasLower, CblasTrans, n, (int)count, 1, finding->some, n, 1, finding->moment,
                         n);
}

/* Either sign would do: the largest number is positive, so that all machines agree. */
static void copy_direction(const double *from, size_t width, float *to) {
    size_t largest = 0;
    for (size_t i = 1; i < width; i++)
        if (fabs(from[i]) > fabs(from[largest])) largest = i;
    for (size_t i = 0; i < width; i++) to[i] = (float)(from[largest] < 0 ? -from[i] : from[i]);
}

/* Eigenvalues, ascending, and eigenvectors, one behind the other. The lower triangle by rows is the upper one by
 * columns, as LAPACK counts. */
static bool solve(struct finding *finding) {
    int n = (int)finding->width, info = 0;
    minnow_blas()->dsyevd("V", "U", &n, finding->moment, &n, finding->values, finding->work, &finding->work_size,
                          finding->whole_work, &finding->whole_work_size, &info);
    return info == 0;
}

enum minnow_status minnow_directions_find(const float *rows, const float *weights, size_t row_count, size_t width,
                                          size_t count, float *directions, struct minnow_error *error) {
    struct finding finding;
    if (width > WIDEST)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "student: the teacher's words have %zu dimensions, expected at most %d to find the "
                           "strongest directions of",
                           width, WIDEST);
    bool room = take(&finding, width);
    for (size_t first = 0; room && first < row_count; first += ROWS) {
        size_t left = row_count - first;
        add_moment(&finding, rows + first * width, weights + first, left < ROWS ? left : ROWS);
    }
    bool found = room && solve(&finding);
    for (size_t k = 0; found && k < count; k++)
        copy_direction(finding.moment + (width - 1 - k) * width, width, directions + k * width);
    release(&finding);
    if (found) return MINNOW_OK;
    if (!room)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "student: no memory for the directions of %zu words",
                           row_count);
    return minnow_fail(error, MINNOW_NOT_FINITE,
                       "student: the teacher's words have no strongest directions, expected finite numbers");
}
