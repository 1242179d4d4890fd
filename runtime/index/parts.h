/* The parts table: of each document the rows that its model's route made of it, as bytes with a scale a row. */
#ifndef MINNOW_INDEX_PARTS_H
#define MINNOW_INDEX_PARTS_H

#include "runtime/error.h"
#include "runtime/part.h"

#include <stdbool.h>
#include <stddef.h>

struct minnow_index;

/* As many as a model's longest text has tokens. */
#define MINNOW_MAX_PART_ROWS 32768

/* A row of a part as it is kept: as minnow_quantize_vector does it, with a lower limit. False where the row is not
 * finite or too large. */
bool minnow_quantize_row(const float *row, size_t dimensions, int8_t *codes, float *scale);

/* Bytes and scales of float rows, in one block of memory that minnow_part_free frees; nothing but a status of what
 * fails. On failure the part is empty. */
enum minnow_status minnow_part_create(struct minnow_part *part, const float *rows, size_t stride, size_t count,
                                      size_t dimensions);
void minnow_part_free(struct minnow_part *part);

/* Write, in place of what was there; erase. In a write transaction. */
enum minnow_status minnow_part_put(struct minnow_index *index, int64_t document, const struct minnow_part *part,
                                   struct minnow_error *error);
enum minnow_status minnow_part_remove(struct minnow_index *index, int64_t document, struct minnow_error *error);

/* What SQLite holds of a part, checked: blobs at any address, until the record is released. */
struct minnow_part_record {
    size_t count;
    const uint8_t *scales; /* floats */
    const int8_t *codes;   /* [count][dimensions] */
};
/* Only what is there is released. */
enum minnow_status minnow_part_find(struct minnow_index *index, int64_t document, bool *there,
                                    struct minnow_part_record *record, struct minnow_error *error);
void minnow_part_release(struct minnow_index *index);

#endif
