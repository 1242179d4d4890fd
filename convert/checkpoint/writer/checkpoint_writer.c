#include "convert/checkpoint/checkpoint_writer.h"

#include "convert/checkpoint/kept_options.h"
#include "convert/checkpoint/writer/layout_writers.h"
#include "convert/checkpoint/writer/read_back.h"
#include "convert/output_folder.h"
#include "convert/weight_types.h"

/* ---- Which layout --------------------------------------------------------------------------- */

static enum minnow_layer_kind first_joint(const struct minnow_contents *contents) {
    return minnow_joint_route(contents)->layers[0].kind;
}
static bool is_joined(const struct minnow_contents *contents) {
    return contents->similarity == MINNOW_JOINT && minnow_joint_takes_tokens(contents);
}
static bool is_kernel_pooled(const struct minnow_contents *contents) {
    return contents->similarity == MINNOW_JOINT && first_joint(contents) == MINNOW_LAYER_KERNEL_POOLING;
}
static bool is_joined_late(const struct minnow_contents *contents) {
    return contents->similarity == MINNOW_JOINT && first_joint(contents) != MINNOW_LAYER_COMPARE;
}
static bool is_normalized_late_interaction(const struct minnow_contents *contents) {
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_DOCUMENT);
    return contents->similarity == MINNOW_MAXSIM &&
           route->layers[route->layer_count - 1].kind == MINNOW_LAYER_NORMALIZE;
}
static bool is_late_interaction(const struct minnow_contents *contents) {
    return contents->similarity == MINNOW_MAXSIM;
}
static bool is_any(const struct minnow_contents *contents) {
    (void)contents;
    return true;
}

/* What is told by more comes before what is told by less. */
static const struct written_layout {
    const char *name;
    bool (*fits)(const struct minnow_contents *contents);
    minnow_layout_writer_fn *write;
} layouts[] = {
    {"cross-encoders", is_joined, minnow_cross_encoder_write},
    {"TK", is_kernel_pooled, minnow_tk_write},
    {"PreTTR", is_joined_late, minnow_prettr_write},
    {"Stanford's ColBERT", is_normalized_late_interaction, minnow_stanford_colbert_write},
    {"Margin-MSE's ColBERT", is_late_interaction, minnow_margin_mse_colbert_write},
    {"sentence-transformers", is_any, minnow_sentence_write},
};

static const struct written_layout *choose_layout(const struct minnow_contents *contents) {
    const struct written_layout *layout = layouts;
    while (!layout->fits(contents)) layout++;
    return layout;
}

/* ---- The whole ------------------------------------------------------------------------------ */

static enum minnow_status check_types(const struct minnow_contents *contents, struct minnow_error *error) {
    for (uint32_t r = 0; r < contents->route_count; r++)
        for (uint32_t i = 0; i < contents->routes[r].layer_count; i++)
            if (!minnow_layer_is_f32(&contents->routes[r].layers[i]))
                return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                                   "routes.%u.layers.%u: found weights of 8 or 4 bits, expected f32 ones: checkpoints "
                                   "hold nothing else",
                                   r, i);
    return MINNOW_OK;
}

static enum minnow_status write_files(struct minnow_writing *writing, const struct minnow_checkpoint_card *card,
                                      struct minnow_error *error) {
    const struct written_layout *layout = choose_layout(writing->contents);
    writing->layout = layout->name;
    enum minnow_status status = layout->write(writing, error);
    if (!status && card && card->readme) status = minnow_writing_print(writing, "README.md", error, "%s", card->readme);
    if (!status) status = minnow_writing_put_told(writing, error);
    return status ? status : minnow_writing_read_back(writing, error);
}

static enum minnow_status fill_folder(const char *folder, const struct minnow_contents *contents,
                                      const struct minnow_checkpoint_card *card, struct minnow_error *error) {
    struct minnow_writing writing = {.folder = folder, .contents = contents, .memory = minnow_memory_create()};
    if (!writing.memory) return minnow_writing_no_memory(&writing, error);
    enum minnow_status status = write_files(&writing, card, error);
    minnow_memory_free(writing.memory);
    return status;
}

/* *output: a folder that holds them, not in its place yet. */
static enum minnow_status write_aside(const char *folder, const struct minnow_contents *contents,
                                      const struct minnow_checkpoint_card *card, struct minnow_output_folder **output,
                                      struct minnow_error *error) {
    enum minnow_status status = minnow_contents_check(contents, error);
    if (!status) status = check_types(contents, error);
    if (!status) status = minnow_output_folder_open(folder, MINNOW_KEPT_OPTIONS_FILE, output, error);
    if (status) return status;
    status = fill_folder(minnow_output_folder_path(*output), contents, card, error);
    if (status) minnow_output_folder_abandon(*output);
    return status;
}

enum minnow_status minnow_checkpoint_write(const char *folder, const struct minnow_contents *contents,
                                           const struct minnow_checkpoint_card *card, struct minnow_error *error) {
    struct minnow_output_folder *output;
    enum minnow_status status = write_aside(folder, contents, card, &output, error);
    return status ? status : minnow_output_folder_commit(output, error);
}

enum minnow_status minnow_checkpoint_try(const char *folder, const struct minnow_contents *contents,
                                         struct minnow_error *error) {
    struct minnow_output_folder *output;
    enum minnow_status status = write_aside(folder, contents, NULL, &output, error);
    if (!status) minnow_output_folder_abandon(output);
    return status;
}

enum minnow_status minnow_checkpoint_check_place(const char *folder, struct minnow_error *error) {
    struct minnow_output_folder *output = NULL;
    enum minnow_status status = minnow_output_folder_open(folder, MINNOW_KEPT_OPTIONS_FILE, &output, error);
    minnow_output_folder_abandon(output);
    return status;
}
