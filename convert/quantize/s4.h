/* Linears in a model that is rounded layer by layer, and tables of 4 bits. */
#ifndef MINNOW_S4_H
#define MINNOW_S4_H

#include "convert/quantize/calibration.h"
#include "convert/quantize/drift.h"
#include "convert/quantize/stream.h"

/* Quantize one linear to `type`, s8 or s4: corrected for what `drift` (centered) says, rounded with compensation, its
 * bias so that the mean output is the f32 model's. *effective is the same linear for a stream. Everything is taken from
 * `memory`. */
enum minnow_status minnow_quantize_drifted(const struct minnow_linear *linear, enum minnow_weight_type type,
                                           const struct minnow_linear_statistics *statistics,
                                           const struct minnow_drift *drift, struct minnow_memory *memory,
                                           struct minnow_linear *out, struct minnow_effective *effective,
                                           struct minnow_error *error);
/* The same for weights that 4 bits hold as they are once they are rotated, as training for 4 bits leaves them
 * (distill/weight_rounding.h): none of them changes, and no input is multiplied. *taken is false, and nothing else is
 * done, where they are not such. */
enum minnow_status minnow_quantize_exact(const struct minnow_linear *linear, struct minnow_memory *memory,
                                         struct minnow_linear *out, struct minnow_effective *effective, bool *taken,
                                         struct minnow_error *error);
/* Each row as it is. */
enum minnow_status minnow_quantize_table_s4(const struct minnow_table *table, struct minnow_memory *memory,
                                            struct minnow_table *out, struct minnow_error *error);

#endif
