/* Reading a verified FlatBuffer into plain structs. C++, for file*.cc alone. */
#ifndef MINNOW_FILE_READER_H
#define MINNOW_FILE_READER_H

/* Vectors are indexed within the size they just gave; the library carries no assertions. */
#define FLATBUFFERS_ASSERT(condition) static_cast<void>(0)
#include "model_generated.h"

extern "C" {
#include "runtime/model/model.h"
#include "runtime/model/place.h"
}

static_assert(FLATBUFFERS_LITTLEENDIAN, "vectors and tensors are used where they lie: a little-endian CPU");

/* Functions return false once `status` is an error and `error` says where. */
struct minnow_reader {
    const uint8_t *bytes;
    uint64_t size, header_size;
    struct minnow_error *error;
    enum minnow_status status;
};

/* The tensor's bytes in *out; its size must be as given. `name` is its place inside `place`. */
bool minnow_read_tensor(struct minnow_reader *reader, const struct minnow_place *place, const char *name,
                        const minnow::file::Tensor *tensor, uint64_t size, const void **out);

inline bool minnow_tensor_absent(const minnow::file::Tensor *tensor) { return !tensor || tensor->size() == 0; }

template <typename Element>
bool minnow_read_array(struct minnow_reader *reader, const struct minnow_place *place, const char *name,
                       const minnow::file::Tensor *tensor, uint64_t count, const Element **out) {
    const void *bytes = nullptr;
    if (!minnow_read_tensor(reader, place, name, tensor, count * sizeof(Element), &bytes)) return false;
    *out = static_cast<const Element *>(bytes);
    return true;
}

/* As above, but *out is NULL where the file has none. */
template <typename Element>
bool minnow_read_optional_array(struct minnow_reader *reader, const struct minnow_place *place, const char *name,
                                const minnow::file::Tensor *tensor, uint64_t count, const Element **out) {
    *out = nullptr;
    return minnow_tensor_absent(tensor) || minnow_read_array(reader, place, name, tensor, count, out);
}

bool minnow_read_tokenizer(struct minnow_reader *reader, uint32_t index, const minnow::file::Tokenizer *in,
                           struct minnow_tokenizer *out);
/* `name` is its place. */
bool minnow_read_input(struct minnow_reader *reader, const char *name, const minnow::file::Input *in,
                       struct minnow_input *out);
bool minnow_read_layer(struct minnow_reader *reader, const struct minnow_place *place, const minnow::file::Layer *in,
                       struct minnow_layer *out);
bool minnow_read_text(struct minnow_reader *reader, const struct minnow_place *place, const flatbuffers::String *in,
                      const char **out);

#endif
