#include "convert/checkpoint/checkpoint.h"

#include "convert/blas.h"
#include "convert/checkpoint/fingerprint.h"
#include "convert/checkpoint/kept_options.h"
#include "convert/checkpoint/kept_route.h"
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/readme.h"
#include "runtime/tokenizer/utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- Names -------------------------------------------------------------------------------- */

/* The last component of the folder's path, if it is text. */
static const char *folder_name(struct minnow_memory *memory, const char *folder) {
    size_t end = strlen(folder);
    while (end && folder[end - 1] == '/') end--;
    size_t begin = end;
    while (begin && folder[begin - 1] != '/') begin--;
    bool valid = minnow_utf8_valid_prefix(folder + begin, end - begin) == end - begin;
    return minnow_memory_copy_text(memory, folder + begin, valid ? end - begin : 0);
}

static enum minnow_status add_names(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    struct minnow_readme readme;
    enum minnow_status status = minnow_readme_read(reading->folder, reading->memory, &readme, error);
    if (status) return status;
    char *hex = minnow_memory_take(reading->memory, MINNOW_HEX_BYTES);
    contents->source = folder_name(reading->memory, reading->folder);
    if (!hex || !contents->source) return minnow_reading_no_memory(reading, error);
    minnow_fingerprint_hex(&reading->weights, hex);
    contents->source_sha256 = hex;
    contents->license = readme.license;
    contents->name = *readme.name ? readme.name : contents->source;
    return MINNOW_OK;
}

/* ---- The space ---------------------------------------------------------------------------- */

/* Positions that texts can have in a route that begins with an embedding. */
static uint32_t positions_needed(const struct minnow_contents *contents, uint32_t route) {
    uint32_t needed = route == contents->joint_route ? contents->routes[route].max_tokens : 0;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        const struct minnow_input *input = &contents->inputs[role];
        uint32_t end = input->first_position + input->max_tokens;
        if (contents->route_of_role[role] == route && end > needed) needed = end;
    }
    return needed;
}

static void cut_table(struct minnow_table *positions, uint32_t rows) {
    if (positions->rows > rows) positions->rows = rows;
}

static void cut_positions(struct minnow_layer *layer, uint32_t rows) {
    if (layer->kind == MINNOW_LAYER_EMBEDDING) cut_table(&layer->embedding.positions, rows);
    if (layer->kind == MINNOW_LAYER_POSITIONS) cut_table(&layer->positions.table, rows);
}

/* The space counts the whole position tables, so that the limits chosen now do not change it. */
static void add_space(const struct minnow_reading *reading) {
    struct minnow_contents *contents = reading->contents;
    minnow_fingerprint_space(contents, contents->space);
    for (uint32_t i = 0; i < contents->route_count && !reading->options->whole_positions; i++) {
        uint32_t needed = positions_needed(contents, i);
        for (uint32_t j = 0; j < contents->routes[i].layer_count; j++) cut_positions(&reading->layers[i][j], needed);
    }
}

/* ---- The whole ---------------------------------------------------------------------------- */

static enum minnow_status read_contents(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    contents->converter = contents->quantization = "";
    contents->joint_route = MINNOW_NO_ROUTE;
    SHA256Init(&reading->weights);
    enum minnow_status status = minnow_json_open(reading->folder, "config.json", &reading->config, error);
    const struct minnow_layout *layout = status ? NULL : minnow_layout_find(reading);
    if (layout) status = minnow_layout_check_options(layout, reading->options, error);
    if (layout && !status) status = layout->read(reading, error);
    minnow_json_close(&reading->config);
    if (!status) status = add_names(reading, error);
    if (status) return status;
    add_space(reading);
    return minnow_reading_keep_route(reading, error);
}

enum minnow_status minnow_checkpoint_open(const char *folder, const struct minnow_checkpoint_options *options,
                                          struct minnow_checkpoint **checkpoint, struct minnow_error *error) {
    struct minnow_checkpoint_options all = options ? *options : (struct minnow_checkpoint_options){0};
    *checkpoint = NULL;
    struct minnow_checkpoint *opened = calloc(1, sizeof *opened);
    struct minnow_reading reading = {.folder = folder, .options = &all};
    if (!opened) return minnow_reading_no_memory(&reading, error);
    reading.contents = &opened->contents;
    reading.memory = opened->memory = minnow_memory_create();
    enum minnow_status status = opened->memory ? minnow_blas_check(error) : minnow_reading_no_memory(&reading, error);
    if (!status) status = minnow_kept_options_read(folder, opened->memory, &all, error);
    if (!status) status = read_contents(&reading, error);
    if (status)
        minnow_checkpoint_close(opened);
    else
        *checkpoint = opened;
    return status;
}

void minnow_checkpoint_close(struct minnow_checkpoint *checkpoint) {
    if (!checkpoint) return;
    minnow_memory_free(checkpoint->memory);
    free(checkpoint);
}
