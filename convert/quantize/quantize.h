/* f32 contents to s8 or s4 contents: equalize, round, pack. */
#ifndef MINNOW_QUANTIZE_H
#define MINNOW_QUANTIZE_H

#include "convert/quantize/calibration.h"

/* Quantize one linear for the s8 kernels: equalized, rounded with compensation, its bias corrected
 * by the mean error. Without statistics (NULL) it is rounded as it is. Symmetric in each output, to
 * [-127, 127]. */
enum minnow_status minnow_quantize_linear(const struct minnow_linear *linear,
                                          const struct minnow_linear_statistics *statistics,
                                          struct minnow_memory *memory, struct minnow_linear *out,
                                          struct minnow_error *error);
/* Symmetric in each row. */
enum minnow_status minnow_quantize_table(const struct minnow_table *table, struct minnow_memory *memory,
                                         struct minnow_table *out, struct minnow_error *error);

struct minnow_quantization {
    enum minnow_weight_type weights; /* s8; s4: of words and encoder blocks (sequence.h), s8 for the rest */
    const struct minnow_calibration *calibration;
    const struct minnow_kernels *kernels;
    const struct minnow_text *texts; /* that calibration saw; s4 goes through them again, layer by layer */
    size_t text_count;
    const struct minnow_progress *progress;
};

/* Everything that has such a form; the rest of *out points into `contents`. */
enum minnow_status minnow_quantize_contents(const struct minnow_contents *contents,
                                            const struct minnow_quantization *quantization,
                                            struct minnow_memory *memory, struct minnow_contents *out,
                                            struct minnow_error *error);

#endif
