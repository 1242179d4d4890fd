#include "platforms/cli/family.h"

#include "runtime/model/model.h"

#include <inttypes.h>
#include <string.h>

static const char *const layer_names[][2] = {
    [MINNOW_LAYER_EMBEDDING] = {"embedding", "embeddings"},
    [MINNOW_LAYER_ENCODER_BLOCK] = {"encoder block", "encoder blocks"},
    [MINNOW_LAYER_POOL] = {"pool", "pools"},
    [MINNOW_LAYER_DENSE] = {"dense", "dense"},
    [MINNOW_LAYER_NORMALIZE] = {"normalize", "normalize"},
    [MINNOW_LAYER_POSITIONS] = {"positions", "positions"},
    [MINNOW_LAYER_KEEP] = {"keep", "keep"},
    [MINNOW_LAYER_MIX] = {"mix", "mix"},
    [MINNOW_LAYER_LSTM] = {"LSTM", "LSTM"},
    [MINNOW_LAYER_CONVOLUTION] = {"convolution", "convolutions"},
    [MINNOW_LAYER_KERNEL_POOLING] = {"kernel pooling", "kernel pooling"},
    [MINNOW_LAYER_COMPARE] = {"compare", "compare"},
    [MINNOW_LAYER_NORM] = {"norm", "norms"},
};

static const char *const role_names[] = {[MINNOW_QUERY] = "query", [MINNOW_DOCUMENT] = "document"};

static struct minnow_text token_text(const struct minnow_contents *contents, int role, uint32_t id) {
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(contents, (enum minnow_role)role);
    if (id >= tokenizer->vocabulary) return (struct minnow_text){"", 0};
    uint32_t first = tokenizer->offsets[id];
    return (struct minnow_text){tokenizer->text + first, tokenizer->offsets[id + 1] - first};
}

static const struct minnow_route *route_of(const struct minnow_contents *contents, int role) {
    return minnow_route_of(contents, (enum minnow_role)role);
}

/* ---- For programs ---- */

static void put_route(struct minnow_json_out *json, const char *key, const struct minnow_route *route) {
    if (!route) return;
    minnow_put_open(json, key, '[');
    for (uint32_t i = 0; i < route->layer_count; i++) minnow_put_string(json, NULL, layer_names[route->layers[i].kind][0]);
    minnow_put_close(json, ']');
}

static void put_input(struct minnow_json_out *json, const struct minnow_contents *contents, int role) {
    const struct minnow_input *input = &contents->inputs[role];
    minnow_put_open(json, role_names[role], '{');
    minnow_put_open(json, "leading", '[');
    for (uint32_t i = 0; i < input->leading_count; i++)
        minnow_put_text(json, NULL, token_text(contents, role, input->leading[i]));
    minnow_put_close(json, ']');
    minnow_put_text(json, "trailing", token_text(contents, role, input->trailing));
    minnow_put_whole(json, "mask_count", input->mask_count);
    minnow_put_whole(json, "filled_to", input->fill_to);
    minnow_put_bool(json, "masks_unseen", input->masks_unseen);
    minnow_put_whole(json, "first_position", input->first_position);
    minnow_put_whole(json, "skipped_tokens", input->skipped_count);
    minnow_put_close(json, '}');
}

void minnow_family_json(struct minnow_json_out *json, const struct minnow_model *model) {
    const struct minnow_contents *contents = &model->contents;
    minnow_put_bool(json, "token_vectors", contents->similarity == MINNOW_MAXSIM);
    minnow_put_open(json, "layers", '{');
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++)
        put_route(json, role_names[role], route_of(contents, role));
    put_route(json, "joint", minnow_joint_route(contents));
    minnow_put_close(json, '}');
    minnow_put_open(json, "inputs", '{');
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) put_input(json, contents, role);
    minnow_put_close(json, '}');
}

/* ---- For people ---- */

/* "embedding, 6 encoder blocks, pool, normalize" */
static void print_route(const char *key, const struct minnow_route *route) {
    printf("%-15s ", key);
    for (uint32_t i = 0, count; i < route->layer_count; i += count) {
        enum minnow_layer_kind kind = route->layers[i].kind;
        for (count = 1; i + count < route->layer_count && route->layers[i + count].kind == kind;) count++;
        if (i) fputs(", ", stdout);
        if (count > 1) printf("%" PRIu32 " ", count);
        fputs(layer_names[kind][count > 1], stdout);
    }
    putchar('\n');
}

static void print_routes(const struct minnow_contents *contents) {
    const struct minnow_route *query = route_of(contents, MINNOW_QUERY), *document = route_of(contents, MINNOW_DOCUMENT);
    const struct minnow_route *joint = minnow_joint_route(contents);
    if (query && query == document) print_route("layers", query);
    if (query && query != document) print_route("query layers", query);
    if (document && query != document) print_route("document layers", document);
    if (joint) print_route("joint layers", joint);
}

static void print_masks(const struct minnow_input *input) {
    const char *mask = input->masks_unseen ? "[MASK] that no token sees" : "[MASK]";
    if (input->fill_to) printf(", filled to %" PRIu32 " with %s", input->fill_to, mask);
    if (input->mask_count)
        printf(", %" PRIu32 " %s %s", input->mask_count, mask,
               input->masks_before_trailing ? "before its end" : "behind it");
}

/* "[CLS] [unused0] text [SEP], filled to 32 with [MASK]" */
static void print_input(const struct minnow_contents *contents, int role) {
    const struct minnow_input *input = &contents->inputs[role];
    printf("%-9s tokens ", role == MINNOW_QUERY ? "query" : "document");
    for (uint32_t i = 0; i < input->leading_count; i++) {
        struct minnow_text token = token_text(contents, role, input->leading[i]);
        printf("%.*s ", (int)token.size, token.bytes);
    }
    struct minnow_text end = token_text(contents, role, input->trailing);
    printf("text%s%.*s", end.size ? " " : "", (int)end.size, end.bytes);
    print_masks(input);
    if (input->first_position) printf(", positions from %" PRIu32, input->first_position);
    if (input->skipped_count) printf(", %" PRIu32 " tokens (punctuation) give no vector", input->skipped_count);
    putchar('\n');
}

void minnow_family_print(const struct minnow_model *model) {
    print_routes(&model->contents);
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) print_input(&model->contents, role);
}
