#include "runtime/pass.h"

enum { OUTPUT_UNIT = 32 }; /* tiles of matrix products are this wide, or half of it */

void minnow_pass_begin(struct minnow_pass *pass) {
    const struct minnow_lane *shared = pass->shared;
    size_t rows = pass->row_count = pass->token_count;
    pass->finished = false;
    pass->divide_outputs = pass->lanes > 1 && rows <= MINNOW_FEW_ROWS * pass->lanes && rows <= MINNOW_CHUNK_ROWS;
    pass->rows = pass->divide_outputs ? pass->own->rows : shared->rows;
    pass->other = shared->other;
    pass->mine = pass->divide_outputs ? (struct minnow_range){0, rows} : minnow_share(rows, 1, pass->lane, pass->lanes);
}

void minnow_pass_wait(const struct minnow_pass *pass) {
    if (pass->lanes > 1) minnow_threads_wait(pass->threads);
}

void minnow_pass_wait_for_rows(const struct minnow_pass *pass) {
    if (!pass->divide_outputs) minnow_pass_wait(pass);
}

void minnow_pass_go_alone(struct minnow_pass *pass) {
    if (pass->lanes > 1) minnow_threads_wait(pass->threads);
    pass->finished = pass->lane > 0;
    pass->lanes = 1;
    pass->divide_outputs = false;
    pass->mine = (struct minnow_range){0, pass->row_count};
}

void minnow_pass_swap(struct minnow_pass *pass, size_t row_count, size_t width) {
    float *previous = pass->rows;
    pass->rows = pass->other;
    pass->other = previous;
    if (row_count != pass->row_count) pass->mine = (struct minnow_range){0, row_count};
    pass->row_count = row_count;
    pass->width = width;
}

struct minnow_range minnow_pass_outputs(const struct minnow_pass *pass, size_t outputs) {
    if (!pass->divide_outputs) return (struct minnow_range){0, outputs};
    return minnow_share(outputs, OUTPUT_UNIT, pass->lane, pass->lanes);
}
