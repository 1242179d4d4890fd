#include "bench/peak/x86/x86.h"

#include <cpuid.h>

#include "kernels/x86/permission.h"

/* Leaf 7, subleaf 1, EAX: what the compiler's own test does not know everywhere. */
static bool newer_feature(unsigned bit) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> bit & 1);
}

static bool always(void) { return true; }
static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static bool has_avxvnni(void) { return has_avx2() && newer_feature(4); }
static bool has_avx512(void) { return __builtin_cpu_supports("avx512f"); }
static bool has_avx512vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
/* Leaf 7: bit 24 has tiles, bit 25 their products of bytes. */
static bool has_amx(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 24 & 3) == 3 && minnow_amx_permitted();
}
static bool has_avx512bf16(void) { return has_avx512() && newer_feature(5); }

const struct peak peaks[] = {
    {"int8_avx2", has_avx2, peak_int8_avx2},
    {"int8_avxvnni", has_avxvnni, peak_int8_avxvnni},
    {"int8_avx512vnni", has_avx512vnni, peak_int8_avx512vnni},
    {"int8_amx", has_amx, peak_int8_amx},
    {"bf16_avx512bf16", has_avx512bf16, peak_bf16_avx512bf16},
    {"f32_avx2", has_avx2, peak_f32_avx2},
    {"f32_avx512", has_avx512, peak_f32_avx512},
    {0},
};

const struct peak_reader peak_readers[] = {
    {"read_plain", always, peak_read_plain},
    {"read_avx2", has_avx2, peak_read_avx2},
    {"read_avx512", has_avx512, peak_read_avx512},
    {0},
};
