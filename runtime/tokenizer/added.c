#include "runtime/tokenizer/parts.h"
#include "runtime/tokenizer/unicode.h"

/* Added tokens lie in the order of their text's bytes. [low, high) are those that agree with the
 * source so far; every further byte narrows them by binary search. */
struct candidates {
    uint32_t low, high;
};

/* Byte `depth` of an added token, after the end: -1, which sorts first. */
static int byte_at(const struct minnow_tokenizer *tokenizer, uint32_t index, size_t depth) {
    struct minnow_token_text token = minnow_token_text(tokenizer, tokenizer->added[index].id);
    return depth < token.size ? (uint8_t)token.bytes[depth] : -1;
}

/* The first candidate whose byte at `depth` is at least `byte`. */
static uint32_t lower_bound(const struct minnow_tokenizer *tokenizer, struct candidates candidates, size_t depth,
                            int byte) {
    while (candidates.low < candidates.high) {
        uint32_t middle = candidates.low + (candidates.high - candidates.low) / 2;
        if (byte_at(tokenizer, middle, depth) < byte)
            candidates.low = middle + 1;
        else
            candidates.high = middle;
    }
    return candidates.low;
}

const struct minnow_added_token *minnow_added_match(const struct minnow_encoder *encoder, size_t position,
                                                    size_t *size) {
    const struct minnow_tokenizer *tokenizer = encoder->tokenizer;
    const struct minnow_added_token *longest = NULL;
    struct candidates candidates = {0, tokenizer->added_count};
    for (size_t depth = 0; position + depth < encoder->source.size; ++depth) {
        int byte = minnow_source_byte(&encoder->source, position + depth);
        candidates.low = lower_bound(tokenizer, candidates, depth, byte);
        candidates.high = lower_bound(tokenizer, candidates, depth, byte + 1);
        if (candidates.low == candidates.high) break;
        if (byte_at(tokenizer, candidates.low, depth + 1) >= 0) continue;
        longest = &tokenizer->added[candidates.low];
        *size = depth + 1;
    }
    return longest;
}

bool minnow_added_stands(const struct minnow_encoder *encoder, const struct minnow_added_token *added, size_t position,
                         size_t size) {
    const struct minnow_source *source = &encoder->source;
    size_t after = position + size, used;
    if (!added->single_word) return true;
    if (position > 0 && minnow_is_word_character(minnow_source_decode_before(source, position, &used))) return false;
    return after == source->size || !minnow_is_word_character(minnow_source_decode(source, after, &used));
}
