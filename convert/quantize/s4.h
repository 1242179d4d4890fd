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
/* Each row as it is. */
enum minnow_status minnow_quantize_table_s4(const struct minnow_table *table, struct minnow_memory *memory,
                                            struct minnow_table *out, struct minnow_error *error);

#endif
