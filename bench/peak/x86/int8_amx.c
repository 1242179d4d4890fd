/* TDPBUSD on whole tiles: four of sums, each the product of one of two tiles of rows and one of two of weights. */
#include <immintrin.h>
#include <stdint.h>

#include "bench/peak/x86/x86.h"

enum { TILES = 8, TILE_BYTES = 64, TILE_ROWS = 16 };

struct shapes {
    uint8_t palette, start, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

static void shape_tiles(void) {
    struct shapes shapes = {.palette = 1};
    for (int tile = 0; tile < TILES; tile++) shapes.row_bytes[tile] = TILE_BYTES, shapes.rows[tile] = TILE_ROWS;
    __asm__ volatile("ldtilecfg %0" : : "m"(shapes));
}

double peak_int8_amx(long rounds) {
    int32_t sums[TILE_ROWS * 16];
    shape_tiles(); /* all of them are zeros then */
    for (long round = 0; round < rounds; round++) {
        _tile_dpbusd(0, 4, 6);
        _tile_dpbusd(1, 4, 7);
        _tile_dpbusd(2, 5, 6);
        _tile_dpbusd(3, 5, 7);
    }
    _tile_stored(0, sums, TILE_BYTES);
    _tile_release();
    return (double)rounds * 4 * TILE_ROWS * 16 * TILE_BYTES;
}
