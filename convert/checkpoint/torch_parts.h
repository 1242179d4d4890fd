/* What the readers of torch.save's files share. Internal:
 *     torch_file.c     tells the containers apart
 *     torch_zip.c      the zip archive, torch_zip_source.c its bytes, torch_zip_directory.c how many entries it lists
 *     torch_legacy.c   the stream of pickles
 *     torch_objects.c  what the pickles name: storages, and tensors that view them
 *     torch_views.c    a view as a row-major tensor
 *     torch_state.c    which tensors of the pickled object are the weights */
#ifndef MINNOW_TORCH_PARTS_H
#define MINNOW_TORCH_PARTS_H

#include "convert/checkpoint/pickle.h"
#include "convert/checkpoint/tensor.h"

struct minnow_torch_type {
    const char *name; /* as safetensors spells it */
    enum minnow_tensor_type type;
    uint32_t bytes; /* of an element */
};

/* One mention of a storage; several may name the same key. */
struct minnow_torch_storage {
    struct minnow_torch_storage *next; /* as they stand in the pickle, the last first */
    struct minnow_pickle_value key;    /* a text */
    const struct minnow_torch_type *type;
    uint64_t count;       /* elements of the whole storage */
    uint64_t first, some; /* the elements that this mention is about: all, but for views of old files */
    const uint8_t *bytes; /* of the whole storage, once the container has found it */
};

/* A view of a storage as the pickle has it: nothing is checked but the kinds of values. */
struct minnow_torch_tensor {
    const struct minnow_torch_storage *storage;
    const struct minnow_torch_type *type;
    int64_t offset; /* in elements, as the strides */
    uint32_t rank;
    const struct minnow_pickle_value *shape, *strides; /* integers; rank */
};

/* Tags of objects in the pickle. */
enum { MINNOW_TORCH_STORAGE = 1, MINNOW_TORCH_TENSOR };

struct minnow_torch_file {
    const char *file; /* for errors */
    const uint8_t *bytes;
    size_t size;
    struct minnow_pool *values;  /* for what ends with the reading */
    struct minnow_pool *lasting; /* for what the tensors point to */
    struct minnow_torch_storage *storages;
    size_t storage_count;
};

/* Each container's reader: the pickled object, with the bytes of all its storages. */
enum minnow_status minnow_torch_read_zip(struct minnow_torch_file *file, struct minnow_pickle_value *object,
                                         struct minnow_error *error);
enum minnow_status minnow_torch_read_legacy(struct minnow_torch_file *file, struct minnow_pickle_value *object,
                                            struct minnow_error *error);
/* Whether the bytes begin as the older container does: with a pickle of the magic number. */
bool minnow_torch_is_legacy(const uint8_t *bytes, size_t size);

/* What torch's pickles may name. Adds storages to `file`. */
struct minnow_pickle_meanings minnow_torch_meanings(struct minnow_torch_file *file);

/* Check a view and fill type, shape and bytes of `tensor`, whose name and file are set. */
enum minnow_status minnow_torch_view(const struct minnow_torch_tensor *view, struct minnow_pool *lasting,
                                     struct minnow_tensor *tensor, struct minnow_error *error);

/* The table of weights among an object's values, sorted by name. */
enum minnow_status minnow_torch_state(const struct minnow_torch_file *file, const struct minnow_pickle_value *object,
                                      struct minnow_tensor **tensors, size_t *count, struct minnow_error *error);

/* What the end of a zip archive claims of its directory; an error where there is no end, or two, or where the file has
 * no room for so much. libzip would allocate whatever is claimed. */
struct minnow_zip_directory {
    uint64_t entries, bytes;
};
enum minnow_status minnow_zip_directory(const struct minnow_torch_file *file, struct minnow_zip_directory *directory,
                                        struct minnow_error *error);

/* A file in memory as libzip reads it, which tells where the last bytes came from. */
struct minnow_zip_bytes {
    const uint8_t *bytes;
    uint64_t size, position;
    uint64_t last; /* where the last read began */
};
struct zip_source;
struct zip_error;
/* A source over `bytes`, both borrowed; NULL: see the error. */
struct zip_source *minnow_zip_source(struct minnow_zip_bytes *bytes, struct zip_error *error);

#endif
