/* OpenBLAS, loaded when it is first needed: most of what the tool does never multiplies in f32, and loading takes
 * longer than a query. */
#ifndef MINNOW_CONVERT_BLAS_H
#define MINNOW_CONVERT_BLAS_H

#include <cblas.h>

#include "runtime/error.h"

/* By their names in CBLAS and LAPACK, less prefix and ending. */
struct minnow_blas {
    __typeof__(&cblas_sgemm) sgemm;
    __typeof__(&cblas_ssyrk) ssyrk;
    __typeof__(&cblas_dsyrk) dsyrk;
    __typeof__(&cblas_sdot) sdot;
    __typeof__(&openblas_get_num_threads) get_num_threads;
    __typeof__(&openblas_set_num_threads) set_num_threads;
    void (*dpotrf)(const char *triangle, const int *size, double *matrix, const int *stride, int *info);
    void (*dpotri)(const char *triangle, const int *size, double *matrix, const int *stride, int *info);
    void (*dpotrs)(const char *triangle, const int *size, const int *count, const double *factor, const int *stride,
                   double *right, const int *right_stride, int *info);
    void (*dsyevd)(const char *vectors, const char *triangle, const int *size, double *matrix, const int *stride,
                   double *values, double *work, const int *work_size, int *whole_work, const int *whole_size,
                   int *info);
};

/* The same for the whole process, from any thread; NULL if minnow_blas_check fails. */
const struct minnow_blas *minnow_blas(void);

/* MINNOW_UNSUPPORTED: there is no OpenBLAS. What calls the functions of a layer asks first. */
enum minnow_status minnow_blas_check(struct minnow_error *error);

#endif
