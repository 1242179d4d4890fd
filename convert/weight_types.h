/* What a model's weights are stored as. */
#ifndef MINNOW_WEIGHT_TYPES_H
#define MINNOW_WEIGHT_TYPES_H

#include "runtime/model/model.h"

/* All weights of the layer are f32. */
bool minnow_layer_is_f32(const struct minnow_layer *layer);

#endif
