/* Cosine of two vectors, for reports: in f64, and 1 for two vectors of zeros. */
#ifndef MINNOW_COSINE_H
#define MINNOW_COSINE_H

#include <stddef.h>

double minnow_cosine(const float *a, const float *b, size_t count);

#endif
