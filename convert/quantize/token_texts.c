/* Calibration texts as tokens, with variations. */
#include <string.h>

#include "convert/quantize/stream.h"
#include "runtime/tokenize.h"

/* xorshift64*: the same texts on every machine. */
static uint32_t next_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * 2685821657736338717u >> 32);
}

/* Vocabularies begin with special tokens and list words by how common they are: from a random depth, so that
 * common ones come more often. */
static uint32_t random_word(const struct minnow_tokenizer *tokenizer, uint64_t *state) {
    uint32_t first = tokenizer->vocabulary / 16, words = tokenizer->vocabulary - first;
    uint32_t depth = words >> next_random(state) % 6;
    return first + next_random(state) % (depth ? depth : 1);
}

/* One word in six, up to most of them, is another one. cls and sep stay. */
static void vary(const struct minnow_tokenizer *tokenizer, uint32_t sixths, uint64_t *state, const uint32_t *in,
                 size_t count, uint32_t *out) {
    for (size_t i = 0; i < count; i++) {
        bool inside = i > 0 && i + 1 < count;
        out[i] = inside && next_random(state) % 6 < sixths ? random_word(tokenizer, state) : in[i];
    }
}

static void tokenize_all(const struct minnow_contents *contents, enum minnow_role role, const struct minnow_text *texts,
                         size_t count, struct minnow_token_texts *out) {
    for (size_t t = 0; t < count; t++) {
        uint32_t used = minnow_tokenize_for_role(contents, role, texts[t], out->ids + out->first[t]).count;
        out->first[t + 1] = out->first[t] + used;
        if (used > out->longest) out->longest = used;
    }
    out->count = count;
}

bool minnow_token_texts(const struct minnow_contents *contents, enum minnow_role role, const struct minnow_text *texts,
                        size_t count, size_t copies, struct minnow_memory *memory, struct minnow_token_texts *out) {
    size_t limit = contents->inputs[role].max_tokens, all = count * (copies + 1);
    uint64_t state = 0x9E3779B97F4A7C15u;
    *out = (struct minnow_token_texts){.ids = minnow_memory_take(memory, all * limit * sizeof(uint32_t)),
                                       .first = minnow_memory_take(memory, (all + 1) * sizeof(size_t))};
    if (!out->ids || !out->first) return false;
    tokenize_all(contents, role, texts, count, out);
    for (; out->count < all; out->count++) {
        size_t from = out->first[out->count % count], to = out->first[out->count];
        size_t used = out->first[out->count % count + 1] - from;
        vary(minnow_tokenizer_of(contents, role), (uint32_t)(out->count / count - 1) % 4 + 1, &state, out->ids + from, used,
             out->ids + to);
        out->first[out->count + 1] = to + used;
    }
    return true;
}
