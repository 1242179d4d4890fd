/* UTF-8, one code point at a time. Internal. */
#ifndef MINNOW_UTF8_H
#define MINNOW_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define MINNOW_REPLACEMENT 0xFFFDu

/* The code point that begins `bytes` (size >= 1) and the bytes it took. What is not UTF-8 gives
 * U+FFFD for each maximal subpart: the longest start of some valid sequence, or else one byte. */
uint32_t minnow_utf8_decode(const uint8_t *bytes, size_t size, size_t *used);

/* Write a code point that is not a surrogate; returns how many bytes of `out` it took. */
size_t minnow_utf8_encode(uint32_t code_point, char out[4]);

/* Offset of the first byte that is not UTF-8, or `size`. */
size_t minnow_utf8_valid_prefix(const char *bytes, size_t size);

#endif
