/* A checkpoint folder (Hugging Face / sentence-transformers layout) as runnable f32 contents. */
#ifndef MINNOW_CHECKPOINT_H
#define MINNOW_CHECKPOINT_H

#include "convert/memory.h"
#include "runtime/model/model.h"

/* What the command line may say where a folder is silent or wrong. */
struct minnow_checkpoint_options {
    const char *query_prompt, *document_prompt; /* NULL: as the folder says */
    const char *pooling;                        /* "cls", "mean", "max"; NULL: as the folder says */
    uint32_t max_tokens;                        /* 0: as the folder says */
};

struct minnow_checkpoint {
    struct minnow_memory *memory;
    struct minnow_contents contents; /* every pointer lives in `memory` */
};

/* Read `folder`: config.json, the weights (safetensors or torch.save, sharded too), modules.json with its Pooling,
 * Dense and Normalize folders, sentence_bert_config.json, config_sentence_transformers.json,
 * tokenizer.json or vocab.txt. Without modules.json: the transformer with mean pooling and normalize.
 * Anything unknown is MINNOW_BAD_CHECKPOINT or MINNOW_UNSUPPORTED, naming file, key, found and
 * expected. Fills everything of contents but golden, converter and quantization.
 * Free with minnow_checkpoint_close. */
enum minnow_status minnow_checkpoint_open(const char *folder, const struct minnow_checkpoint_options *options,
                                          struct minnow_checkpoint **checkpoint, struct minnow_error *error);
void minnow_checkpoint_close(struct minnow_checkpoint *checkpoint);

#endif
