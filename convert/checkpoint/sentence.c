/* A folder of sentence-transformers: modules.json and what it lists, for both roles or, behind a router, for each. */
#include "convert/checkpoint/chain.h"
#include "convert/checkpoint/compare_head.h"
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/prompts.h"
#include "convert/checkpoint/router.h"
#include "convert/checkpoint/sentence_settings.h"
#include "convert/checkpoint/tokenizer_files.h"

#include <string.h>

struct sentence {
    struct minnow_reading *reading;
    struct minnow_sentence_settings settings;
    struct minnow_modules modules[2]; /* by role */
    struct minnow_chain chains[2];    /* of documents only where they are others than those of queries */
    bool routed;
};

bool minnow_sentence_recognizes(const struct minnow_reading *reading) {
    return minnow_reading_has_file(reading, "modules.json");
}

/* ---- Modules ------------------------------------------------------------------------------ */

static bool are_alike(const struct minnow_modules *a, const struct minnow_modules *b) {
    if (a->count != b->count) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (a->modules[i].kind != b->modules[i].kind || strcmp(a->modules[i].subfolder, b->modules[i].subfolder))
            return false;
    return true;
}

static enum minnow_status read_modules(struct sentence *sentence, struct minnow_error *error) {
    const struct minnow_reading *reading = sentence->reading;
    struct minnow_modules listed;
    enum minnow_status status = minnow_modules_read(reading->folder, reading->memory, &listed, error);
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++)
        status = minnow_modules_of_role(reading, &listed, role, &sentence->modules[role], error);
    sentence->routed = !status && !are_alike(&sentence->modules[MINNOW_QUERY], &sentence->modules[MINNOW_DOCUMENT]);
    if (status || sentence->routed || !reading->options->route) return status;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "--route is of no use to this checkpoint: one list of modules serves queries and documents");
}

static enum minnow_status read_settings(struct sentence *sentence, struct minnow_error *error) {
    const struct minnow_reading *reading = sentence->reading;
    enum minnow_similarity *similarity = &reading->contents->similarity;
    enum minnow_status status =
        minnow_prompts_read(reading->folder, reading->memory, &sentence->settings, error);
    *similarity = sentence->settings.similarity;
    if (status || !reading->options->similarity) return status;
    return minnow_similarity_parse(reading->options->similarity, similarity, error);
}

static enum minnow_status read_chains(struct sentence *sentence, struct minnow_error *error) {
    struct minnow_chain *query = &sentence->chains[MINNOW_QUERY], *document = &sentence->chains[MINNOW_DOCUMENT];
    *query = (struct minnow_chain){.reading = sentence->reading};
    *document = (struct minnow_chain){.reading = sentence->reading, .other = query};
    enum minnow_status status = minnow_chain_read(query, &sentence->modules[MINNOW_QUERY], error);
    if (status || !sentence->routed) return status;
    status = minnow_chain_read(document, &sentence->modules[MINNOW_DOCUMENT], error);
    if (status || query->list.width == document->list.width) return status;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "modules.json: vectors of queries have %u dimensions, those of documents %u, expected the same",
                       query->list.width, document->list.width);
}

/* Two folders often hold the same tokenizer. */
static void merge_tokenizers(struct sentence *sentence) {
    struct minnow_contents *contents = sentence->reading->contents;
    if (contents->tokenizer_count < 2) return;
    if (!minnow_tokenizers_equal(&contents->tokenizers[0], &contents->tokenizers[1])) return;
    contents->tokenizer_count = 1;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) sentence->chains[role].beginning.tokenizer = 0;
}

/* ---- Routes ------------------------------------------------------------------------------- */

static enum minnow_status set_input(const struct sentence *sentence, enum minnow_role role,
                                    const struct minnow_chain *chain, struct minnow_error *error) {
    struct minnow_reading *reading = sentence->reading;
    const struct minnow_beginning *beginning = &chain->beginning;
    const char *prompt = sentence->settings.prompts[role];
    uint32_t length = 0;
    enum minnow_status status = minnow_chain_choose_length(chain, role, &length, error);
    if (status) return status;
    if (beginning->bare)
        return minnow_reading_set_bare_input(reading, role, beginning->tokenizer, prompt, length, error);
    status = minnow_reading_set_input(reading, role, beginning->tokenizer, prompt, length, error);
    reading->contents->inputs[role].cuts_trailing = beginning->cuts_trailing;
    return status;
}

static enum minnow_status add_routes(struct sentence *sentence, struct minnow_error *error) {
    struct minnow_reading *reading = sentence->reading;
    const struct minnow_chain *query = &sentence->chains[MINNOW_QUERY];
    const struct minnow_chain *document = sentence->routed ? &sentence->chains[MINNOW_DOCUMENT] : query;
    struct minnow_contents *contents = reading->contents;
    enum minnow_status status = set_input(sentence, MINNOW_QUERY, query, error);
    if (!status) status = set_input(sentence, MINNOW_DOCUMENT, document, error);
    if (status || !sentence->routed) return status ? status : minnow_reading_share_route(reading, &query->list, error);
    const struct minnow_chain *chains[] = {query, document};
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++)
        status = minnow_reading_add_route(reading, &chains[role]->list, contents->inputs[role].max_tokens,
                                          &contents->route_of_role[role], error);
    return status;
}

enum minnow_status minnow_sentence_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct sentence sentence = {.reading = reading};
    enum minnow_status status = read_modules(&sentence, error);
    if (!status) status = read_settings(&sentence, error);
    if (!status) status = read_chains(&sentence, error);
    if (status) return status;
    merge_tokenizers(&sentence);
    uint32_t width = sentence.chains[MINNOW_QUERY].list.width;
    status = add_routes(&sentence, error);
    if (!status) status = minnow_truncation_check(&sentence.settings, width, error);
    return status ? status : minnow_compare_head_read(reading, width, error);
}
