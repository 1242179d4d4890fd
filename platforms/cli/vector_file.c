#include "platforms/cli/vector_file.h"

#include "platforms/cli/json_out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A multiple of 64, with room for the longest row count. */
enum { NPY_HEADER_BYTES = 128, NPY_PREFIX_BYTES = 10 };

/* Version 1.0 of NumPy's format, padded with spaces, so that it can be written again in place. */
static void write_npy_header(FILE *stream, uint64_t rows, uint32_t dimensions) {
    char header[NPY_HEADER_BYTES + 1];
    memset(header, ' ', NPY_HEADER_BYTES);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = NPY_HEADER_BYTES - NPY_PREFIX_BYTES;
    header[9] = 0;
    int used =
        snprintf(header + NPY_PREFIX_BYTES, NPY_HEADER_BYTES - NPY_PREFIX_BYTES,
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (%" PRIu64 ", %" PRIu32 "), }", rows, dimensions);
    header[NPY_PREFIX_BYTES + used] = ' ';
    header[NPY_HEADER_BYTES - 1] = '\n';
    fwrite(header, 1, NPY_HEADER_BYTES, stream);
}

static enum minnow_status choose_stream(struct minnow_vector_file *out, const char *path, struct minnow_error *error) {
    if (path) {
        enum minnow_status status = minnow_output_file_open(path, &out->file, error);
        if (!status) out->stream = minnow_output_file_stream(out->file);
        return status;
    }
    out->spooled = out->format == MINNOW_VECTORS_NPY;
    out->stream = out->spooled ? tmpfile() : stdout;
    if (out->stream) return MINNOW_OK;
    return minnow_fail(error, MINNOW_IO, "a temporary file could not be made: %s; -o FILE needs none", strerror(errno));
}

enum minnow_status minnow_vector_file_open(struct minnow_vector_file *out, const char *path,
                                           enum minnow_vector_format format, uint32_t dimensions,
                                           struct minnow_error *error) {
    *out = (struct minnow_vector_file){.format = format, .dimensions = dimensions};
    if (format == MINNOW_VECTORS_S8 || format == MINNOW_VECTORS_BITS) {
        out->small = malloc(dimensions + 1);
        if (!out->small) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a vector of %" PRIu32, dimensions);
    }
    enum minnow_status status = choose_stream(out, path, error);
    if (!status && format == MINNOW_VECTORS_NPY && !out->spooled) write_npy_header(out->stream, 0, dimensions);
    return status;
}

static void put_vector(struct minnow_json_out *json, const char *key, const float *vector, uint32_t dimensions) {
    minnow_put_open(json, key, '[');
    for (uint32_t i = 0; i < dimensions; i++) minnow_put_float(json, NULL, vector[i]);
    minnow_put_close(json, ']');
}

static void write_json_line(struct minnow_vector_file *out, struct minnow_text id, const float *vector) {
    struct minnow_json_out json = {out->stream, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_text(&json, "_id", id);
    put_vector(&json, "vector", vector, out->dimensions);
    minnow_put_close(&json, '}');
    putc('\n', out->stream);
}

static enum minnow_status write_s8(struct minnow_vector_file *out, const float *vector, struct minnow_error *error) {
    float scale;
    enum minnow_status status = minnow_vector_to_s8(vector, out->dimensions, out->small, &scale, error);
    if (status) return status;
    fwrite(&scale, sizeof scale, 1, out->stream);
    fwrite(out->small, 1, out->dimensions, out->stream);
    return MINNOW_OK;
}

static enum minnow_status write_bits(struct minnow_vector_file *out, const float *vector, struct minnow_error *error) {
    enum minnow_status status = minnow_vector_to_bits(vector, out->dimensions, (uint8_t *)out->small, error);
    if (!status) fwrite(out->small, 1, (out->dimensions + 7) / 8, out->stream);
    return status;
}

static enum minnow_status end_row(struct minnow_vector_file *out, struct minnow_error *error) {
    out->rows++;
    if (!ferror(out->stream)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_IO, "%s could not be written: %s",
                       out->file ? "the output file" : "standard output", strerror(errno));
}

enum minnow_status minnow_vector_file_write(struct minnow_vector_file *out, struct minnow_text id, const float *vector,
                                            struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    switch (out->format) {
    case MINNOW_VECTORS_JSONL: write_json_line(out, id, vector); break;
    case MINNOW_VECTORS_NPY:
    case MINNOW_VECTORS_F32: fwrite(vector, sizeof *vector, out->dimensions, out->stream); break;
    case MINNOW_VECTORS_S8: status = write_s8(out, vector, error); break;
    case MINNOW_VECTORS_BITS: status = write_bits(out, vector, error); break;
    }
    return status ? status : end_row(out, error);
}

enum minnow_status minnow_vector_file_write_tokens(struct minnow_vector_file *out, struct minnow_text id,
                                                   const float *vectors, uint32_t count, struct minnow_error *error) {
    struct minnow_json_out json = {out->stream, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_text(&json, "_id", id);
    minnow_put_open(&json, "vectors", '[');
    for (uint32_t i = 0; i < count; i++) put_vector(&json, NULL, vectors + (size_t)i * out->dimensions, out->dimensions);
    minnow_put_close(&json, ']');
    minnow_put_close(&json, '}');
    putc('\n', out->stream);
    return end_row(out, error);
}

static void copy_stream(FILE *from, FILE *to) {
    char bytes[1 << 16];
    for (size_t count; (count = fread(bytes, 1, sizeof bytes, from)) > 0 && !ferror(to);) fwrite(bytes, 1, count, to);
}

static enum minnow_status unspool(struct minnow_vector_file *out, struct minnow_error *error) {
    bool good = fflush(out->stream) == 0 && fseek(out->stream, 0, SEEK_SET) == 0;
    if (good) {
        write_npy_header(stdout, out->rows, out->dimensions);
        copy_stream(out->stream, stdout);
    }
    good = good && !ferror(out->stream);
    fclose(out->stream);
    return good ? MINNOW_OK : minnow_fail(error, MINNOW_IO, "a temporary file could not be used: %s", strerror(errno));
}

static bool patch_row_count(struct minnow_vector_file *out) {
    if (fseek(out->stream, 0, SEEK_SET) != 0) return false;
    write_npy_header(out->stream, out->rows, out->dimensions);
    return fseek(out->stream, 0, SEEK_END) == 0;
}

enum minnow_status minnow_vector_file_commit(struct minnow_vector_file *out, struct minnow_error *error) {
    free(out->small);
    out->small = NULL;
    if (out->spooled) return unspool(out, error);
    if (!out->file) return MINNOW_OK;
    if (out->format == MINNOW_VECTORS_NPY && !patch_row_count(out)) {
        int reason = errno;
        minnow_vector_file_abandon(out);
        return minnow_fail(error, MINNOW_IO, "the row count could not be written: %s", strerror(reason));
    }
    return minnow_output_file_commit(out->file, error);
}

void minnow_vector_file_abandon(struct minnow_vector_file *out) {
    free(out->small);
    out->small = NULL;
    if (out->spooled && out->stream) fclose(out->stream);
    minnow_output_file_abandon(out->file);
}
