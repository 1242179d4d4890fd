#include "convert/checkpoint/joined.h"

#include "convert/checkpoint/factors.h"

enum { SPECIAL = 3, SHORTEST = SPECIAL + 2 }; /* a token each */

static enum minnow_status check_head(const struct minnow_transformer *transformer, struct minnow_error *error) {
    if (transformer->list.width == 1) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: the head has %u outputs, expected 1: a score",
                       transformer->source.file, transformer->list.width);
}

/* Of two texts in one the second is of type 1. */
static enum minnow_status check_types(const struct minnow_transformer *transformer, struct minnow_error *error) {
    if (transformer->config.types < 2 || transformer->list.layers[0].embedding.types.rows) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       MINNOW_FACTORS_FILE ": holds the word table's factors, which leave out all token types but the "
                                           "first; a pair needs the second, too; without this file the folder opens");
}

static enum minnow_status choose_longest(const struct minnow_reading *reading,
                                         const struct minnow_transformer *transformer, uint32_t told,
                                         uint32_t *longest, struct minnow_error *error) {
    uint32_t asked = reading->options->max_tokens, most = transformer->config.positions;
    if (most > MINNOW_MAX_TOKENS) most = MINNOW_MAX_TOKENS;
    *longest = asked ? asked : told && told < most ? told : most;
    if (*longest >= SHORTEST && *longest <= most) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "a pair's length is %u, expected %u to %u, by the positions of %s", *longest, SHORTEST, most,
                       transformer->config.file);
}

/* A role's own limit counts [CLS] and [SEP], as if the text stood alone. */
static enum minnow_status set_input(struct minnow_reading *reading, enum minnow_role role,
                                    const struct minnow_transformer *transformer, uint32_t longest,
                                    struct minnow_error *error) {
    uint32_t asked = role == MINNOW_QUERY ? reading->options->query_length : reading->options->document_length;
    struct minnow_input *input = &reading->contents->inputs[role];
    if (asked && (asked < 3 || asked > longest))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "a %s's length is %u, expected 3 to %u, the longest pair",
                           role == MINNOW_QUERY ? "query" : "document", asked, longest);
    enum minnow_status status =
        minnow_reading_set_input(reading, role, transformer->tokenizer, "", asked ? asked : longest, error);
    if (status || role == MINNOW_QUERY) return status;
    input->leading_count = 0;
    input->type = transformer->config.types > 1;
    if (asked) input->max_tokens--;
    return MINNOW_OK;
}

enum minnow_status minnow_joined_finish(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                        uint32_t told, struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    uint32_t longest = 0;
    enum minnow_status status = check_head(transformer, error);
    if (!status) status = check_types(transformer, error);
    if (!status) status = choose_longest(reading, transformer, told, &longest, error);
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++) {
        contents->route_of_role[role] = MINNOW_NO_ROUTE;
        status = set_input(reading, role, transformer, longest, error);
    }
    contents->similarity = MINNOW_JOINT;
    return status ? status
                  : minnow_reading_add_route(reading, &transformer->list, longest, &contents->joint_route, error);
}
