/* AArch64: one loop for each set of instructions that multiplies. */
#ifndef MINNOW_BENCH_PEAK_ARM_H
#define MINNOW_BENCH_PEAK_ARM_H

#include "bench/peak/peak.h"

double peak_int8_neon(long rounds);
double peak_int8_dotprod(long rounds);
double peak_int8_i8mm(long rounds);
double peak_f32_neon(long rounds);

#endif
