#include "runtime/tokenizer/unicode.h"

#include <utf8proc.h>

const struct minnow_unicode_range *minnow_unicode_find(const struct minnow_unicode_ranges *ranges,
                                                       uint32_t code_point) {
    size_t low = 0, high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges->ranges[middle].last < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ranges->count && ranges->ranges[low].first <= code_point ? &ranges->ranges[low] : NULL;
}

static bool is_ascii_punctuation(uint32_t c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

enum minnow_character_class minnow_character_class(uint32_t code_point) {
    /* BERT counts all of ASCII's signs, "$" and "+" too, which Unicode calls symbols. */
    if (is_ascii_punctuation(code_point)) return MINNOW_CHARACTER_PUNCTUATION;
    const struct minnow_unicode_range *difference = minnow_unicode_find(&minnow_class_differences, code_point);
    if (difference) return (enum minnow_character_class)difference->value;
    switch (utf8proc_category((utf8proc_int32_t)code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO: return MINNOW_CHARACTER_OTHER;
    case UTF8PROC_CATEGORY_MN: return MINNOW_CHARACTER_MARK;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO: return MINNOW_CHARACTER_PUNCTUATION;
    default: return MINNOW_CHARACTER_PLAIN;
    }
}

bool minnow_is_space(uint32_t c) {
    if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

/* The gap between 2B81F and 2B920 is as `tokenizers` has it (BERT's own code begins at 2B820). */
bool minnow_is_cjk(uint32_t c) {
    if (c < 0x3400) return false;
    return (c >= 0x4E00 && c <= 0x9FFF) || c <= 0x4DBF || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0x2F800 && c <= 0x2FA1F);
}

/* Alphabetic symbols and the joiners, which \w counts and no category tells. */
static bool is_alphabetic_symbol(uint32_t c) {
    return c == 0x200C || c == 0x200D || (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
           (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
}

bool minnow_is_word_character(uint32_t code_point) {
    const struct minnow_unicode_range *difference = minnow_unicode_find(&minnow_word_differences, code_point);
    if (difference) return difference->value != 0;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code_point);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) ||
           category == UTF8PROC_CATEGORY_PC || is_alphabetic_symbol(code_point);
}

unsigned minnow_combining_class(uint32_t code_point) {
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)code_point);
    if (property->combining_class == 0 || minnow_unicode_find(&minnow_starter_differences, code_point)) return 0;
    return (unsigned)property->combining_class;
}

size_t minnow_decompose(uint32_t code_point, uint32_t out[MINNOW_MAX_DECOMPOSED]) {
    utf8proc_int32_t parts[MINNOW_MAX_DECOMPOSED];
    utf8proc_ssize_t count = 0;
    if (!minnow_unicode_find(&minnow_starter_differences, code_point))
        count = utf8proc_decompose_char((utf8proc_int32_t)code_point, parts, MINNOW_MAX_DECOMPOSED, UTF8PROC_DECOMPOSE,
                                        NULL);
    if (count <= 0 || count > (utf8proc_ssize_t)MINNOW_MAX_DECOMPOSED) {
        out[0] = code_point;
        return 1;
    }
    for (utf8proc_ssize_t i = 0; i < count; ++i) out[i] = (uint32_t)parts[i];
    return (size_t)count;
}

size_t minnow_lowercase(uint32_t code_point, uint32_t out[2]) {
    if (code_point == 0x130) { /* the one character whose lowercase is two: i and a dot above */
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    const struct minnow_unicode_range *difference = minnow_unicode_find(&minnow_lowercase_differences, code_point);
    out[0] = difference ? (uint32_t)((int32_t)code_point + difference->value)
                        : (uint32_t)utf8proc_tolower((utf8proc_int32_t)code_point);
    return 1;
}

/* Letters of both cases, and the numbers and symbols that Unicode derives from them. */
bool minnow_is_cased(uint32_t c) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LT) || c == 0xAA || c == 0xBA ||
           (c >= 0x2160 && c <= 0x217F) || (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
           (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
}

/* Marks that stand within a word: full stops, colons, single quotes, middle dots. */
static bool is_inner_mark(uint32_t c) {
    static const uint32_t marks[] = {'\'',   '.',    ':',    0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                     0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; ++i)
        if (c == marks[i]) return true;
    return false;
}

bool minnow_is_case_ignorable(uint32_t code_point) {
    switch (utf8proc_category((utf8proc_int32_t)code_point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return is_inner_mark(code_point);
    }
}
