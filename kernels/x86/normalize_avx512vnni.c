#include <math.h>

#include "kernels/elementary.h"
#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

void minnow_normalize_avx512vnni(float *x, size_t columns) {
    __m512 squares = _mm512_setzero_ps();
    for (size_t c = 0; c < columns; c += 16) {
        __m512 v = load_lanes(x + c, columns - c);
        squares = _mm512_fmadd_ps(v, v, squares);
    }
    float norm = sqrtf(sum_lanes(squares));
    __m512 divisor = _mm512_set1_ps(norm > MINNOW_NORMALIZE_FLOOR ? norm : MINNOW_NORMALIZE_FLOOR);
    for (size_t c = 0; c < columns; c += 16)
        store_lanes(x + c, _mm512_div_ps(load_lanes(x + c, columns - c), divisor), columns - c);
}
