/* Vectors into a file or standard output: JSON lines, a NumPy file, or bare floats, bytes or bits. */
#ifndef MINNOW_CLI_VECTOR_FILE_H
#define MINNOW_CLI_VECTOR_FILE_H

#include "convert/output_file.h"

enum minnow_vector_format {
    MINNOW_VECTORS_JSONL,
    MINNOW_VECTORS_NPY,
    MINNOW_VECTORS_F32,
    MINNOW_VECTORS_S8,   /* a row: the scale as a float, then a byte a dimension (minnow_vector_to_s8) */
    MINNOW_VECTORS_BITS, /* a row: a bit a dimension, whole bytes (minnow_vector_to_bits) */
};

struct minnow_vector_file {
    enum minnow_vector_format format;
    uint32_t dimensions;
    uint64_t rows;
    struct minnow_output_file *file; /* NULL: standard output */
    FILE *stream;
    int8_t *small;           /* a row in a small form */
    bool spooled; /* `stream` is a temporary file: NumPy's header needs the row count first */
};

/* path NULL: standard output. */
enum minnow_status minnow_vector_file_open(struct minnow_vector_file *out, const char *path,
                                           enum minnow_vector_format format, uint32_t dimensions,
                                           struct minnow_error *error);
enum minnow_status minnow_vector_file_write(struct minnow_vector_file *out, struct minnow_text id, const float *vector,
                                            struct minnow_error *error);
/* JSON lines alone: the vectors of a text's tokens, vectors[count][dimensions], as one row. */
enum minnow_status minnow_vector_file_write_tokens(struct minnow_vector_file *out, struct minnow_text id,
                                                   const float *vectors, uint32_t count, struct minnow_error *error);
/* Both end it: commit makes the file appear, abandon leaves no trace of it. */
enum minnow_status minnow_vector_file_commit(struct minnow_vector_file *out, struct minnow_error *error);
void minnow_vector_file_abandon(struct minnow_vector_file *out);

#endif
