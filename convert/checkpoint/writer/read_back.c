#include "convert/checkpoint/writer/read_back.h"

#include "convert/checkpoint/fingerprint.h"
#include "convert/checkpoint/tokenizer_files.h"

#include <string.h>

static const char *const role_names[2] = {"query", "document"};

/* ---- Layers --------------------------------------------------------------------------------- */

static struct minnow_table *positions_of(struct minnow_layer *layer) {
    if (layer->kind == MINNOW_LAYER_EMBEDDING) return &layer->embedding.positions;
    return layer->kind == MINNOW_LAYER_POSITIONS ? &layer->positions.table : NULL;
}

static bool layers_equal(struct minnow_layer a, struct minnow_layer b) {
    uint8_t left[32], right[32];
    if (a.kind != b.kind) return false;
    struct minnow_table *mine = positions_of(&a), *other = positions_of(&b);
    if (mine && other->rows && other->rows < mine->rows) mine->rows = other->rows;
    minnow_fingerprint_layer(&a, left);
    minnow_fingerprint_layer(&b, right);
    return memcmp(left, right, sizeof left) == 0;
}

/* NULL: there is none. */
static const struct minnow_route *route_at(const struct minnow_contents *contents, uint32_t index) {
    return index == MINNOW_NO_ROUTE ? NULL : &contents->routes[index];
}

static enum minnow_status compare_routes(const struct minnow_writing *writing, const struct minnow_contents *found,
                                         uint32_t index, uint32_t found_index, struct minnow_error *error) {
    const struct minnow_route *expected = route_at(writing->contents, index), *route = route_at(found, found_index);
    if (!expected && !route) return MINNOW_OK;
    bool alike = expected && route && expected->layer_count == route->layer_count &&
                 expected->max_tokens == route->max_tokens && expected->dimensions == route->dimensions;
    if (!alike)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "routes.%u: its layers, max_tokens or dimensions are others when they are read again: "
                           "checkpoints of %s do not keep them",
                           expected ? index : found_index, writing->layout);
    for (uint32_t i = 0; i < expected->layer_count; i++)
        if (!layers_equal(expected->layers[i], route->layers[i]))
            return minnow_fail(error, MINNOW_UNSUPPORTED,
                               "routes.%u.layers.%u: is another one when it is read again: checkpoints of %s do not "
                               "keep it",
                               index, i, writing->layout);
    return MINNOW_OK;
}

/* ---- Inputs --------------------------------------------------------------------------------- */

static enum minnow_status fail_input(const struct minnow_writing *writing, enum minnow_role role, const char *what,
                                     struct minnow_error *error) {
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s_input: %s is another one when it is read again: checkpoints of %s do not keep it",
                       role_names[role], what, writing->layout);
}

static enum minnow_status compare_numbers(const struct minnow_writing *writing, const struct minnow_input *a,
                                          const struct minnow_input *b, enum minnow_role role,
                                          struct minnow_error *error) {
    const struct {
        const char *name;
        uint32_t expected, found;
    } all[] = {
        {"max_tokens", a->max_tokens, b->max_tokens},
        {"leading", a->leading_count, b->leading_count},
        {"leading", a->leading_count > 0 ? a->leading[0] : 0, b->leading_count > 0 ? b->leading[0] : 0},
        {"leading", a->leading_count > 1 ? a->leading[1] : 0, b->leading_count > 1 ? b->leading[1] : 0},
        {"trailing", a->trailing, b->trailing},
        {"mask_count", a->mask_count, b->mask_count},
        {"fill_to", a->fill_to, b->fill_to},
        {"masks_before_trailing", a->masks_before_trailing, b->masks_before_trailing},
        {"cuts_trailing", a->cuts_trailing, b->cuts_trailing},
        {"masks_unseen", a->masks_unseen, b->masks_unseen},
        {"first_position", a->first_position, b->first_position},
        {"type", a->type, b->type},
        {"skipped", a->skipped_count, b->skipped_count},
        {"max_characters", a->max_characters, b->max_characters},
        {"drops_unknown", a->drops_unknown, b->drops_unknown},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].expected != all[i].found) return fail_input(writing, role, all[i].name, error);
    return MINNOW_OK;
}

static enum minnow_status compare_inputs(const struct minnow_writing *writing, const struct minnow_contents *found,
                                         enum minnow_role role, struct minnow_error *error) {
    const struct minnow_input *a = &writing->contents->inputs[role], *b = &found->inputs[role];
    if (!minnow_tokenizers_equal(minnow_tokenizer_of(writing->contents, role), minnow_tokenizer_of(found, role)))
        return fail_input(writing, role, "its tokenizer", error);
    if (strcmp(a->prompt, b->prompt)) return fail_input(writing, role, "prompt", error);
    enum minnow_status status = compare_numbers(writing, a, b, role, error);
    if (status || !a->skipped_count) return status;
    bool same = memcmp(a->skipped, b->skipped, a->skipped_count * sizeof *a->skipped) == 0;
    return same ? MINNOW_OK : fail_input(writing, role, "skipped", error);
}

/* ---- The whole ------------------------------------------------------------------------------ */

static enum minnow_status compare(const struct minnow_writing *writing, const struct minnow_contents *found,
                                  struct minnow_error *error) {
    const struct minnow_contents *contents = writing->contents;
    enum minnow_status status = MINNOW_OK;
    if (contents->similarity != found->similarity)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "similarity: is another one when it is read again: checkpoints of %s do not keep it",
                           writing->layout);
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++) {
        status = compare_routes(writing, found, contents->route_of_role[role], found->route_of_role[role], error);
        if (!status) status = compare_inputs(writing, found, role, error);
    }
    return status ? status : compare_routes(writing, found, contents->joint_route, found->joint_route, error);
}

enum minnow_status minnow_writing_read_back(const struct minnow_writing *writing, struct minnow_error *error) {
    struct minnow_checkpoint *checkpoint;
    enum minnow_status status = minnow_checkpoint_open(writing->folder, NULL, &checkpoint, error);
    if (status)
        return minnow_fail_within(error, status, "written as a checkpoint of %s, it does not open again",
                                  writing->layout);
    status = compare(writing, &checkpoint->contents, error);
    minnow_checkpoint_close(checkpoint);
    return status;
}
