/* The FlatBuffer of a model file, and which bytes lie where behind it. C++, for the writer alone. */
#ifndef MINNOW_MODEL_LAYOUT_H
#define MINNOW_MODEL_LAYOUT_H

#include <map>
#include <vector>

#define FLATBUFFERS_ASSERT(condition) static_cast<void>(0)
#include "model_generated.h"

extern "C" {
#include "runtime/model/model.h"
}

/* The tensor region: it begins at `base`, and each tensor lies behind the one placed before. */
class minnow_layout {
  public:
    struct piece {
        uint64_t offset;
        const void *bytes;
        size_t size;
    };

    explicit minnow_layout(uint64_t base) : base_(base), end_(base) {}

    /* Where the tensor goes; equal ones are stored once. NULL or empty: absent. */
    minnow::file::Tensor place(const void *bytes, size_t size);

    uint64_t base() const { return base_; }
    uint64_t end() const { return end_; }
    const std::vector<piece> &pieces() const { return pieces_; }

  private:
    bool find(const void *bytes, size_t size, uint64_t *offset) const;

    uint64_t base_, end_;
    std::vector<piece> pieces_;
    std::multimap<size_t, piece> placed_; /* by size */
};

/* Build the FlatBuffer, digest zero. Its size does not depend on `base` and `file_size`. */
flatbuffers::DetachedBuffer minnow_build_header(const struct minnow_contents *contents, uint64_t file_size,
                                                minnow_layout *layout);

#endif
