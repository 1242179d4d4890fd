/* TDPBUSD multiplies whole tiles of unsigned by signed bytes: activations come as q + 128 (flip 0x80), and sixteen
 * outputs' weights are a tile as they lie, a row of it for every four inputs. Up to 32 rows meet 32 outputs in four
 * tiles of sums, or 16 rows 16 outputs in one.
 *
 * Tiles are state of the thread, and their shape is too: it is set where it changes, and given up at the end. */
#include <stdalign.h>
#include <string.h>

#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

enum { TILE_ROWS = 16, TILE_BYTES = 64, PANEL_ROWS = 32, OFFSET = 128 };
/* Tile registers: sums 0 to 3, activations 4 and 5, weights 6 and 7. */
/* Products of fewer multiply-adds are done before the tiles are set up, and those of fewer rows wait for their weights
 * on any tier. */
enum { FEWEST = 1 << 14, FEWEST_ROWS = 9 };

/* What LDTILECFG reads. */
struct shapes {
    uint8_t palette, start, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/* Up to 32 rows: the first tile's and the second's (0: none). */
struct panel {
    const struct minnow_gemm_s8_args *args;
    size_t row, first_rows, second_rows;
    size_t step;         /* inputs a tile */
    size_t strip_stride; /* bytes from the weights of sixteen outputs to the next sixteen's */
};

/* The most inputs of which rows are made up, a multiple of 16 and at most a tile's 64. */
static size_t inputs_a_tile(size_t padded_inputs) {
    size_t step = TILE_BYTES;
    while (padded_inputs % step) step -= 16;
    return step;
}

static void shape(struct shapes *shapes, size_t tile, size_t rows, size_t row_bytes) {
    shapes->rows[tile] = (uint8_t)rows;
    shapes->row_bytes[tile] = (uint16_t)row_bytes;
}

/* The instruction itself: of what gcc 12's intrinsic reads, the compiler knows but the first eight bytes. */
static void load_shapes(const struct shapes *shapes) { __asm__ volatile("ldtilecfg %0" : : "m"(*shapes)); }

static void shape_tall(const struct panel *panel) {
    alignas(64) struct shapes shapes = {.palette = 1};
    shape(&shapes, 0, panel->first_rows, TILE_BYTES);
    shape(&shapes, 1, panel->first_rows, TILE_BYTES);
    shape(&shapes, 2, panel->second_rows, TILE_BYTES);
    shape(&shapes, 3, panel->second_rows, TILE_BYTES);
    shape(&shapes, 4, panel->first_rows, panel->step);
    shape(&shapes, 5, panel->second_rows, panel->step);
    shape(&shapes, 6, panel->step / 4, TILE_BYTES);
    shape(&shapes, 7, panel->step / 4, TILE_BYTES);
    load_shapes(&shapes);
}

static void shape_low(const struct panel *panel) {
    alignas(64) struct shapes shapes = {.palette = 1};
    shape(&shapes, 0, panel->first_rows, TILE_BYTES);
    shape(&shapes, 4, panel->first_rows, panel->step);
    shape(&shapes, 6, panel->step / 4, TILE_BYTES);
    load_shapes(&shapes);
}

/* Sixteen outputs of a tile of sums, which lie at `sums`, become numbers. */
static void finish(const struct panel *panel, const int32_t *sums, size_t row, size_t rows, size_t output) {
    const struct minnow_gemm_s8_args *args = panel->args;
    const struct minnow_row_quantization *quantization = args->quantization + row;
    __m512 scale = _mm512_loadu_ps(args->scale + output), bias = _mm512_loadu_ps(args->bias + output);
    __m512i column_sum = _mm512_loadu_si512(args->column_sum + output);
    float *out = args->out + row * args->out_stride + output;
    for (size_t r = 0; r < rows; r++, out += args->out_stride) {
        __m512i zero = _mm512_set1_epi32(quantization[r].zero + OFFSET);
        __m512i sum = _mm512_sub_epi32(_mm512_load_si512(sums + 16 * r), _mm512_mullo_epi32(zero, column_sum));
        __m512 row_scale = _mm512_mul_ps(_mm512_set1_ps(quantization[r].scale), scale);
        _mm512_storeu_ps(out, _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), row_scale, bias));
    }
}

static const int8_t *strip_of(const struct panel *panel, size_t strip) {
    return (const int8_t *)panel->args->weights + strip * panel->strip_stride;
}

/* Two strips of sixteen outputs from `strip` on, or its last alone. */
static void run_tall(const struct panel *panel, size_t strip, size_t strips) {
    alignas(64) int32_t sums[4][TILE_ROWS * 16];
    size_t stride = panel->args->a_stride;
    const int8_t *a = panel->args->a + panel->row * stride, *second = a + panel->first_rows * stride;
    const int8_t *w = strip_of(panel, strip), *next = w + (strips > 1 ? panel->strip_stride : 0);
    const int8_t *end = w + panel->strip_stride;
    size_t bytes = 16 * panel->step;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (; w < end; w += bytes, next += bytes, a += panel->step, second += panel->step) {
        _tile_loadd(6, w, TILE_BYTES);
        _tile_loadd(4, a, stride);
        _tile_dpbusd(0, 4, 6);
        _tile_loadd(5, second, stride);
        _tile_dpbusd(2, 5, 6);
        _tile_loadd(7, next, TILE_BYTES);
        _tile_dpbusd(1, 4, 7);
        _tile_dpbusd(3, 5, 7);
    }
    _tile_stored(0, sums[0], TILE_BYTES);
    _tile_stored(1, sums[1], TILE_BYTES);
    _tile_stored(2, sums[2], TILE_BYTES);
    _tile_stored(3, sums[3], TILE_BYTES);
    for (size_t s = 0; s < strips; s++) {
        size_t output = 16 * (strip + s);
        finish(panel, sums[s], panel->row, panel->first_rows, output);
        finish(panel, sums[2 + s], panel->row + panel->first_rows, panel->second_rows, output);
    }
}

/* One strip, whose weights lie one behind the other: few rows wait for memory, which is asked for in its order. */
static void run_strip(const struct panel *panel, size_t strip) {
    alignas(64) int32_t sums[TILE_ROWS * 16];
    size_t stride = panel->args->a_stride, bytes = 16 * panel->step;
    const int8_t *a = panel->args->a + panel->row * stride, *w = strip_of(panel, strip);
    const int8_t *end = w + panel->strip_stride;
    _tile_zero(0);
    for (; w < end; w += bytes, a += panel->step) {
        _tile_loadd(4, a, stride);
        _tile_loadd(6, w, TILE_BYTES);
        _tile_dpbusd(0, 4, 6);
    }
    _tile_stored(0, sums, TILE_BYTES);
    finish(panel, sums, panel->row, panel->first_rows, 16 * strip);
}

static size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

/* The panel that begins at `row`: whole tiles but for the last. */
static struct panel begin_panel(const struct minnow_gemm_s8_args *args, size_t row) {
    size_t rows = lesser(args->rows - row, PANEL_ROWS), first = lesser(rows, TILE_ROWS);
    return (struct panel){.args = args,
                          .row = row,
                          .first_rows = first,
                          .second_rows = rows - first,
                          .step = inputs_a_tile(MINNOW_PADDED(args->inputs)),
                          .strip_stride = 16 * MINNOW_PADDED(args->inputs)};
}

/* Panels of the same shape meet strips [strip, strip + strips), whose weights stay in the nearest cache. */
static void run_panels(const struct minnow_gemm_s8_args *args, size_t row, size_t end, size_t strip, size_t strips) {
    for (; row < end; row += PANEL_ROWS) {
        struct panel panel = begin_panel(args, row);
        run_tall(&panel, strip, strips);
    }
}

static void run_whole_panels(const struct minnow_gemm_s8_args *args, size_t end) {
    struct panel panel = begin_panel(args, 0);
    size_t strips = (args->outputs + 15) / 16;
    shape_tall(&panel);
    for (size_t strip = 0; strip < strips; strip += 2) run_panels(args, 0, end, strip, lesser(strips - strip, 2));
}

static void run_last_panel(const struct minnow_gemm_s8_args *args, size_t row) {
    struct panel panel = begin_panel(args, row);
    size_t strips = (args->outputs + 15) / 16;
    if (panel.second_rows) {
        shape_tall(&panel);
        for (size_t strip = 0; strip < strips; strip += 2) run_tall(&panel, strip, lesser(strips - strip, 2));
    } else {
        shape_low(&panel);
        for (size_t strip = 0; strip < strips; strip++) run_strip(&panel, strip);
    }
}

void minnow_gemm_s8_amx(const struct minnow_gemm_s8_args *args) {
    if (args->rows < FEWEST_ROWS || args->rows * args->outputs * args->inputs < FEWEST) {
        minnow_gemm_s8_avx512vnni(args);
        return;
    }
    size_t whole = args->rows / PANEL_ROWS * PANEL_ROWS;
    if (whole) run_whole_panels(args, whole);
    if (whole < args->rows) run_last_panel(args, whole);
    _tile_release();
}
