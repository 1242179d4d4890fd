/* f32 contents to s8 contents: equalize, round, pack. */
#ifndef MINNOW_QUANTIZE_H
#define MINNOW_QUANTIZE_H

#include "convert/quantize/calibration.h"

/* Equalization as in SmoothQuant (arXiv 2211.10438, eq. 4): input channel j of a linear is divided
 * by s_j = max|x_j|^strength / max|w_j|^(1 - strength) and its weights multiplied by it. The
 * division happens while activations are quantized, so residuals stay as they are. Returns
 * multiplier[inputs] = 1 / s_j, or NULL when memory ran out. */
float *minnow_equalize(const struct minnow_linear *linear, const float *largest_input, float strength,
                       struct minnow_memory *memory);

/* Quantize one linear for the s8 kernels; multiplier may be NULL. Symmetric in each output, to
 * [-127, 127], with the scale of least squared error. */
enum minnow_status minnow_quantize_linear(const struct minnow_linear *linear, const float *multiplier,
                                          struct minnow_memory *memory, struct minnow_linear *out,
                                          struct minnow_error *error);
/* Symmetric in each row. */
enum minnow_status minnow_quantize_table(const struct minnow_table *table, struct minnow_memory *memory,
                                         struct minnow_table *out, struct minnow_error *error);

/* Everything that has an s8 form; the rest of *out points into `contents`. */
enum minnow_status minnow_quantize_contents(const struct minnow_contents *contents,
                                            const struct minnow_calibration *calibration, struct minnow_memory *memory,
                                            struct minnow_contents *out, struct minnow_error *error);

/* How much of the activations' range equalization moves into the weights. */
#define MINNOW_EQUALIZATION_STRENGTH 0.5f

#endif
