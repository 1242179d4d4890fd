#include "bench/peak/arm/arm.h"

#include <asm/hwcap.h>
#include <sys/auxv.h>

static bool always(void) { return true; }
static bool has_dotprod(void) { return getauxval(AT_HWCAP) & HWCAP_ASIMDDP; }
static bool has_i8mm(void) { return getauxval(AT_HWCAP2) & HWCAP2_I8MM; }

const struct peak peaks[] = {
    {"int8_neon", always, peak_int8_neon},
    {"int8_dotprod", has_dotprod, peak_int8_dotprod},
    {"int8_i8mm", has_i8mm, peak_int8_i8mm},
    {"f32_neon", always, peak_f32_neon},
    {0},
};

const struct peak_reader peak_readers[] = {
    {"read_plain", always, peak_read_plain},
    {0},
};
