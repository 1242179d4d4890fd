/* FlatBuffer, padding to a page, tensors: into a digest, into memory or into a file. */
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include <new>

#include "convert/quantize/model_layout.h"

extern "C" {
#include "convert/output_file.h"
#include "convert/quantize/model_writer.h"
#include "runtime/error.h"
}

namespace file = minnow::file;

enum { ALIGNMENT = 64, PAGE = 16384 /* the largest page of the devices that map it */ };

namespace {

struct built {
    flatbuffers::DetachedBuffer header;
    minnow_layout layout;
    uint64_t file_size() const { return (layout.end() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }
};

using sink = enum minnow_status(void *context, const void *bytes, size_t size);

} // namespace

static enum minnow_status emit_zeros(uint64_t count, sink *write, void *context) {
    static const char zeros[PAGE] = {0};
    return count ? write(context, zeros, static_cast<size_t>(count)) : MINNOW_OK; /* never more than a page */
}

static enum minnow_status emit(const built &built, sink *write, void *context) {
    uint64_t at = built.header.size();
    enum minnow_status status = write(context, built.header.data(), built.header.size());
    for (const minnow_layout::piece &piece : built.layout.pieces()) {
        if (status == MINNOW_OK) status = emit_zeros(piece.offset - at, write, context);
        if (status == MINNOW_OK) status = write(context, piece.bytes, piece.size);
        at = piece.offset + piece.size;
    }
    return status == MINNOW_OK ? emit_zeros(built.file_size() - at, write, context) : status;
}

static enum minnow_status write_digest(void *context, const void *bytes, size_t size) {
    SHA256Update(static_cast<SHA2_CTX *>(context), static_cast<const uint8_t *>(bytes), size);
    return MINNOW_OK;
}

/* The file is digested while its digest is zero. */
static void store_digest(built &built) {
    SHA2_CTX context;
    SHA256Init(&context);
    emit(built, write_digest, &context);
    const file::Model *model = file::GetSizePrefixedModel(built.header.data());
    size_t at = static_cast<size_t>(reinterpret_cast<const uint8_t *>(model->digest()) - built.header.data());
    SHA256Final(built.header.data() + at, &context);
}

/* Twice: where the tensors begin depends on the FlatBuffer's size, which does not depend on that. */
static built build(const struct minnow_contents *contents) {
    minnow_layout measured(0);
    size_t header = minnow_build_header(contents, UINT64_MAX, &measured).size();
    uint64_t base = (header + PAGE - 1) / PAGE * PAGE;
    uint64_t file_size = (base + measured.end() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    minnow_layout layout(base);
    flatbuffers::DetachedBuffer buffer = minnow_build_header(contents, file_size, &layout);
    built built = {std::move(buffer), std::move(layout)};
    store_digest(built);
    return built;
}

/* ---- Into memory ---- */

static enum minnow_status write_memory(void *context, const void *bytes, size_t size) {
    uint8_t **at = static_cast<uint8_t **>(context);
    memcpy(*at, bytes, size);
    *at += size;
    return MINNOW_OK;
}

static enum minnow_status build_memory(const struct minnow_contents *contents, uint8_t **bytes, size_t *size,
                                       struct minnow_error *error) {
    built built = build(contents);
    *size = static_cast<size_t>(built.file_size());
    *bytes = static_cast<uint8_t *>(aligned_alloc(ALIGNMENT, *size));
    if (!*bytes) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "model file: %zu bytes", *size);
    uint8_t *at = *bytes;
    return emit(built, write_memory, &at);
}

enum minnow_status minnow_file_build(const struct minnow_contents *contents, uint8_t **bytes, size_t *size,
                                     struct minnow_error *error) {
    enum minnow_status status = minnow_contents_check(contents, error);
    if (status != MINNOW_OK) return status;
    try {
        return build_memory(contents, bytes, size, error);
    } catch (const std::bad_alloc &) {
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "model file");
    }
}

/* ---- Into a file ---- */

namespace {

struct output {
    struct minnow_output_file *file;
    struct minnow_error *error;
};

} // namespace

static enum minnow_status write_output(void *context, const void *bytes, size_t size) {
    const output *out = static_cast<const output *>(context);
    return minnow_output_file_write(out->file, bytes, size, out->error);
}

static enum minnow_status write_file(const built &built, const char *path, struct minnow_error *error) {
    output out = {nullptr, error};
    enum minnow_status status = minnow_output_file_open(path, &out.file, error);
    if (status != MINNOW_OK) return status;
    status = emit(built, write_output, &out);
    if (status == MINNOW_OK) return minnow_output_file_commit(out.file, error);
    minnow_output_file_abandon(out.file);
    return status;
}

enum minnow_status minnow_file_write(const struct minnow_contents *contents, const char *path, uint64_t *file_bytes,
                                     struct minnow_error *error) {
    enum minnow_status status = minnow_contents_check(contents, error);
    if (status != MINNOW_OK) return status;
    try {
        built built = build(contents);
        if (file_bytes) *file_bytes = built.file_size();
        return write_file(built, path, error);
    } catch (const std::bad_alloc &) {
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s", path);
    }
}
