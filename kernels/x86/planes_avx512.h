/* What the ops on bit planes share: groups of sixteen vectors, one register a line. */
#ifndef MINNOW_PLANES_AVX512_H
#define MINNOW_PLANES_AVX512_H

#include <immintrin.h>
#include <string.h>

#include "kernels/kernels.h"

/* A scan is bound by memory, and the processor alone reads ahead too little: 8 KB are a quarter of a microsecond. */
enum { PLANES_AHEAD = 8192 };

static inline __m512i load_line(const uint8_t *line) {
    _mm_prefetch((const char *)line + PLANES_AHEAD, _MM_HINT_T0);
    return _mm512_loadu_si512(line);
}

/* Four columns of the query for every vector. */
static inline __m512i load_word(const int8_t *query) {
    int32_t word;
    memcpy(&word, query, sizeof word);
    return _mm512_set1_epi32(word);
}

/* Codes that are `position` bits too far left in their bytes. */
static inline __m512i add_codes(__m512i sum, __m512i line, int position, int bits, __m512i word) {
    __m512i mask = _mm512_set1_epi8((char)(((1 << bits) - 1) << position));
    return _mm512_dpbusd_epi32(sum, _mm512_and_si512(line, mask), word);
}

#endif
