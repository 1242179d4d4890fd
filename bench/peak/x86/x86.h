/* x86-64: one loop for each set of instructions that multiplies. */
#ifndef MINNOW_BENCH_PEAK_X86_H
#define MINNOW_BENCH_PEAK_X86_H

#include "bench/peak/peak.h"

double peak_int8_avx2(long rounds);
double peak_int8_avxvnni(long rounds);
double peak_int8_avx512vnni(long rounds);
double peak_int8_amx(long rounds);
double peak_bf16_avx512bf16(long rounds);
double peak_f32_avx2(long rounds);
double peak_f32_avx512(long rounds);
void peak_read_avx2(const void *bytes, size_t size);
void peak_read_avx512(const void *bytes, size_t size);

#endif
