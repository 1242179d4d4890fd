#include "convert/distill/trainer/token_texts.h"

#include "runtime/tokenize.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct minnow_token_texts *tokens, size_t used, size_t more) {
    if (used + more <= tokens->room) return true;
    size_t room = 2 * tokens->room + more;
    uint32_t *ids = realloc(tokens->ids, room * sizeof *ids);
    if (!ids) return false;
    tokens->ids = ids;
    tokens->room = room;
    return true;
}

static bool allocate(struct minnow_token_texts *tokens, uint32_t count) {
    tokens->first = calloc((size_t)count + 1, sizeof *tokens->first);
    tokens->seen = calloc((size_t)count + 1, sizeof *tokens->seen);
    return tokens->first && tokens->seen;
}

static bool add_text(struct minnow_token_texts *tokens, struct minnow_text text) {
    size_t used = tokens->first[tokens->count];
    if (!make_room(tokens, used, tokens->contents->inputs[tokens->role].max_tokens)) return false;
    struct minnow_tokens found =
        tokens->plain ? minnow_tokenize_plain(tokens->contents, tokens->role, text, tokens->ids + used)
                      : minnow_tokenize_for_role(tokens->contents, tokens->role, text, tokens->ids + used);
    tokens->seen[tokens->count++] = found.seen;
    tokens->first[tokens->count] = used + found.count;
    tokens->truncated += found.truncated;
    return true;
}

enum minnow_status minnow_token_texts_make(const struct minnow_contents *contents, enum minnow_role role,
                                           const struct minnow_text_set *texts, const struct minnow_progress *progress,
                                           struct minnow_token_texts *tokens, struct minnow_error *error) {
    bool plain = contents->similarity == MINNOW_JOINT && minnow_joint_takes_tokens(contents);
    *tokens = (struct minnow_token_texts){.contents = contents, .role = role, .plain = plain};
    bool whole = allocate(tokens, texts->count);
    for (uint32_t i = 0; whole && i < texts->count; i++) {
        whole = add_text(tokens, minnow_text_set_get(texts, i));
        if (progress->report && i % 1000 == 0) progress->report(progress->context, "tokenizing", i, texts->count);
    }
    return whole ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "tokens of %u texts", texts->count);
}

void minnow_token_texts_free(struct minnow_token_texts *tokens) {
    free(tokens->ids);
    free(tokens->first);
    free(tokens->seen);
    *tokens = (struct minnow_token_texts){0};
}

/* ---- Batches ---- */

/* A batch's arrays while they are filled. */
struct filling {
    uint32_t *ids, *positions, *types;
    struct minnow_span *spans;
    size_t tokens, texts;
};

static bool begin(struct filling *filling, size_t tokens, size_t texts, struct minnow_tape *tape) {
    *filling = (struct filling){.ids = minnow_tape_push(tape, (tokens + 1) * sizeof(uint32_t)),
                                .positions = minnow_tape_push(tape, (tokens + 1) * sizeof(uint32_t)),
                                .types = minnow_tape_push(tape, (tokens + 1) * sizeof(uint32_t)),
                                .spans = minnow_tape_push(tape, (texts + 1) * sizeof(struct minnow_span))};
    return filling->ids && filling->positions && filling->types && filling->spans;
}

static void put(struct filling *filling, const uint32_t *ids, uint32_t count, uint32_t position, uint32_t type) {
    memcpy(filling->ids + filling->tokens, ids, count * sizeof *ids);
    for (uint32_t i = 0; i < count; i++) {
        filling->positions[filling->tokens + i] = position + i;
        filling->types[filling->tokens + i] = type;
    }
    filling->tokens += count;
}

static void end_text(struct filling *filling, size_t first, uint32_t seen) {
    uint32_t count = (uint32_t)(filling->tokens - first);
    filling->spans[filling->texts++] =
        (struct minnow_span){.first = (uint32_t)first, .count = count, .seen = seen ? seen : count};
}

static struct minnow_batch end(const struct filling *filling) {
    return (struct minnow_batch){filling->ids,   filling->positions, filling->types,
                                 filling->spans, filling->tokens,    filling->texts};
}

bool minnow_token_texts_batch(const struct minnow_token_texts *tokens, const uint32_t *texts, uint32_t count,
                              struct minnow_tape *tape, struct minnow_batch *batch) {
    const struct minnow_input *input = &tokens->contents->inputs[tokens->role];
    struct filling filling;
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++) total += minnow_token_texts_length(tokens, texts[i]);
    if (!begin(&filling, total, count, tape)) return false;
    for (uint32_t i = 0; i < count; i++) {
        size_t first = filling.tokens;
        put(&filling, tokens->ids + tokens->first[texts[i]], minnow_token_texts_length(tokens, texts[i]),
            input->first_position, input->type);
        end_text(&filling, first, tokens->seen[texts[i]]);
    }
    *batch = end(&filling);
    return true;
}

/* Leading tokens, `count` plain ones, the trailing token. */
static void put_part(struct filling *filling, const struct minnow_token_texts *tokens, uint32_t text, uint32_t count,
                     uint32_t position) {
    const struct minnow_input *input = &tokens->contents->inputs[tokens->role];
    put(filling, input->leading, input->leading_count, position, input->type);
    put(filling, tokens->ids + tokens->first[text], count, position + input->leading_count, input->type);
    if (input->trailing != MINNOW_NO_TOKEN)
        put(filling, &input->trailing, 1, position + input->leading_count + count, input->type);
}

bool minnow_token_texts_join(const struct minnow_token_texts *query_tokens, const uint32_t *queries,
                             const struct minnow_token_texts *document_tokens, const uint32_t *documents,
                             uint32_t count, struct minnow_tape *tape, struct minnow_batch *batch) {
    const struct minnow_contents *contents = query_tokens->contents;
    uint32_t most = minnow_joint_route(contents)->max_tokens;
    struct filling filling;
    if (!begin(&filling, (size_t)count * most, count, tape)) return false;
    for (uint32_t i = 0; i < count; i++) {
        size_t first = filling.tokens;
        struct minnow_pair plain = {minnow_token_texts_length(query_tokens, queries[i]),
                                    minnow_token_texts_length(document_tokens, documents[i])};
        struct minnow_pair cut = minnow_cut_pair(contents, plain, most);
        put_part(&filling, query_tokens, queries[i], cut.query, 0);
        uint32_t query = (uint32_t)(filling.tokens - first);
        put_part(&filling, document_tokens, documents[i], cut.document, query);
        end_text(&filling, first, 0);
        filling.spans[i].query = query;
    }
    *batch = end(&filling);
    return true;
}
