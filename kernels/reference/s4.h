/* One weight of 4 bits. */
#ifndef MINNOW_REFERENCE_S4_H
#define MINNOW_REFERENCE_S4_H

#include <stdint.h>

/* Any code of 4 bits and any step: at most 120 either way. */
static inline int8_t minnow_s4_weight(unsigned code, uint8_t step) {
    return (int8_t)(((int)code - 7 - (step >> 4 & 1)) * (step & 15));
}

#endif
