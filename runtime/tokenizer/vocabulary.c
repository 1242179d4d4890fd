#include "runtime/tokenizer/parts.h"

#include <string.h>

uint32_t minnow_hash_bytes(uint32_t hash, const char *bytes, size_t size) {
    for (size_t i = 0; i < size; ++i) hash = minnow_hash_byte(hash, bytes[i]);
    return hash;
}

/* FNV's low bits mix too little for a table whose size is a power of two. */
uint32_t minnow_vocabulary_first_slot(const struct minnow_tokenizer *tokenizer, uint32_t hash) {
    hash ^= hash >> 16;
    hash *= 0x85EBCA6Bu;
    hash ^= hash >> 13;
    return hash & (tokenizer->slot_count - 1);
}

static bool reads(struct minnow_token_text token, struct minnow_token_text prefix, const char *bytes, size_t size) {
    if (token.size != prefix.size + size) return false;
    return memcmp(token.bytes, prefix.bytes, prefix.size) == 0 && memcmp(token.bytes + prefix.size, bytes, size) == 0;
}

uint32_t minnow_vocabulary_slot(const struct minnow_tokenizer *tokenizer, uint32_t hash,
                                struct minnow_token_text prefix, const char *bytes, size_t size) {
    uint32_t slot = minnow_vocabulary_first_slot(tokenizer, hash);
    for (;; slot = (slot + 1) & (tokenizer->slot_count - 1)) {
        uint32_t id = tokenizer->slots[slot];
        if (id == MINNOW_NO_TOKEN || reads(minnow_token_text(tokenizer, id), prefix, bytes, size)) return slot;
    }
}

bool minnow_vocabulary_reaches(const struct minnow_tokenizer *tokenizer, uint32_t slot) {
    struct minnow_token_text token = minnow_token_text(tokenizer, tokenizer->slots[slot]), none = {"", 0};
    uint32_t hash = minnow_hash_bytes(MINNOW_HASH_START, token.bytes, token.size);
    uint32_t at = minnow_vocabulary_first_slot(tokenizer, hash);
    for (; at != slot; at = (at + 1) & (tokenizer->slot_count - 1)) {
        uint32_t id = tokenizer->slots[at];
        if (id == MINNOW_NO_TOKEN) return false;
        if (reads(minnow_token_text(tokenizer, id), none, token.bytes, token.size)) return false;
    }
    return true;
}

uint32_t minnow_tokenizer_find(const struct minnow_tokenizer *tokenizer, const char *bytes, size_t size) {
    uint32_t hash = minnow_hash_bytes(MINNOW_HASH_START, bytes, size);
    return tokenizer->slots[minnow_vocabulary_slot(tokenizer, hash, (struct minnow_token_text){"", 0}, bytes, size)];
}

/* At most half of the slots are taken, so probes are short. */
uint32_t minnow_tokenizer_slot_count(uint32_t texts) {
    uint32_t count = 4;
    while (count / 2 < texts && count < 1u << 31) count *= 2;
    return count;
}

static void fill_slot(const struct minnow_tokenizer *tokenizer, uint32_t id, uint32_t *slots) {
    struct minnow_token_text token = minnow_token_text(tokenizer, id), none = {"", 0};
    uint32_t hash = minnow_hash_bytes(MINNOW_HASH_START, token.bytes, token.size);
    uint32_t slot = minnow_vocabulary_slot(tokenizer, hash, none, token.bytes, token.size);
    if (slots[slot] == MINNOW_NO_TOKEN) slots[slot] = id;
}

void minnow_tokenizer_fill_slots(struct minnow_tokenizer *tokenizer, uint32_t *slots) {
    uint32_t texts = minnow_tokenizer_texts(tokenizer);
    tokenizer->slots = slots;
    tokenizer->slot_count = minnow_tokenizer_slot_count(texts);
    for (uint32_t i = 0; i < tokenizer->slot_count; ++i) slots[i] = MINNOW_NO_TOKEN;
    for (uint32_t id = tokenizer->vocabulary; id < texts; ++id) fill_slot(tokenizer, id, slots);
    for (uint32_t id = 0; id < tokenizer->vocabulary; ++id) fill_slot(tokenizer, id, slots);
}
