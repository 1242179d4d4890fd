/* The weights of one module's folder: a table of tensors, from one file or from shards. */
#ifndef MINNOW_TENSOR_SOURCE_H
#define MINNOW_TENSOR_SOURCE_H

#include "convert/checkpoint/tensor.h"
#include "convert/memory.h"

struct minnow_mapping {
    void *bytes;
    size_t size;
};

struct minnow_tensor_source {
    const char *file;                    /* that lists the tensors; for errors */
    const struct minnow_tensor *tensors; /* sorted by name, each name once */
    size_t count;
    struct minnow_memory *memory;
    struct minnow_mapping *mappings;
    size_t mapping_count;
};

/* Map folder/subfolder/model.safetensors, or else the shards that model.safetensors.index.json names, or else
 * pytorch_model.bin, the shards of pytorch_model.bin.index.json, or best-model.pytorch-state-dict.
 * The files must not change until minnow_tensor_source_close. */
enum minnow_status minnow_tensor_source_open(const char *folder, const char *subfolder,
                                             struct minnow_tensor_source *source, struct minnow_error *error);
/* The same of one safetensors file of another name, which need not be there; *found tells. Only what was found is to be
 * closed. */
enum minnow_status minnow_tensor_source_open_file(const char *folder, const char *subfolder, const char *name,
                                                  struct minnow_tensor_source *source, bool *found,
                                                  struct minnow_error *error);
void minnow_tensor_source_close(struct minnow_tensor_source *source);

/* NULL where there is none of this name. */
const struct minnow_tensor *minnow_tensor_find(const struct minnow_tensor_source *source, const char *name);

#endif
