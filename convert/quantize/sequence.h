/* Encoder blocks to 4 bits (the last one of several to 8), one linear after another: each sees what the ones before it,
 * rounded, make of the texts, and makes up for it as far as it can. */
#ifndef MINNOW_SEQUENCE_H
#define MINNOW_SEQUENCE_H

#include "convert/progress.h"
#include "convert/quantize/s4.h"

struct minnow_sequence {
    const struct minnow_contents *contents; /* f32 */
    const struct minnow_route *route;       /* one of its routes */
    enum minnow_role role;                  /* that takes the route */
    const struct minnow_kernels *kernels;
    const struct minnow_text *texts;
    size_t text_count;
    const struct minnow_calibration *calibration;
    const struct minnow_progress *progress;
    struct minnow_memory *memory;
    struct minnow_error *error;
};

/* layers: [route->layer_count], those before the first encoder block in their final form; the linears of every block
 * are filled in. MINNOW_UNSUPPORTED: a layer before the first block that no stream runs (front.h). */
enum minnow_status minnow_quantize_sequence(const struct minnow_sequence *sequence, struct minnow_layer *layers);

/* The last block keeps 8 bits where there are a few: what it loses no other makes up for, and in vectors that is as
 * much as all other blocks together lose. 0: none. */
uint32_t minnow_block_of_8_bits(const struct minnow_route *route);

#endif
