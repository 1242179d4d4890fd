/* What a checkpoint's vectors mean, and which bytes it was made of, as SHA-256. */
#ifndef MINNOW_FINGERPRINT_H
#define MINNOW_FINGERPRINT_H

#include "convert/checkpoint/tensor_source.h"
#include "runtime/model/model.h"

#include <sha2.h>

#define MINNOW_HEX_BYTES 65 /* of a digest as text, with its 0 */

/* The space of vectors that the document route of f32 contents gives: kinds, sizes, activations, pooling and the bits
 * of all weights, in the order of the layers; the documents' tokenizer; and what stands around a document's text where
 * that is not [CLS] and [SEP] alone. So a query route of its own has the space of the documents it was made for. Where
 * only pairs have a result, all routes count. Prompts and max_tokens are no part of it. */
void minnow_fingerprint_space(const struct minnow_contents *contents, uint8_t digest[32]);

/* All that a layer of f32 contents says, its weights' bits too. */
void minnow_fingerprint_layer(const struct minnow_layer *layer, uint8_t digest[32]);

/* Add all tensor data of a source, in the order of their names. */
void minnow_fingerprint_add_source(SHA2_CTX *context, const struct minnow_tensor_source *source);
void minnow_fingerprint_hex(SHA2_CTX *context, char hex[MINNOW_HEX_BYTES]);

#endif
