#!/usr/bin/env python3
"""Write runtime/tokenizer/unicode_differences.c: where utf8proc and `tokenizers` differ about Unicode.

What `tokenizers` believes is measured by calling it on every code point. Compared with it are the
Unicode data of the installed utf8proc, of Python's unicodedata and of the unicodedata2 package. Where
one of them disagrees, the table states the answer of `tokenizers`, for the whole run of neighbours that
have that same answer: the table then is right with any version of utf8proc from Unicode 15 on, and it
is short.

    pip install tokenizers unicodedata2
    tests/parity/measure_unicode.py > runtime/tokenizer/unicode_differences.c
"""
import ctypes
import ctypes.util
import sys
import unicodedata

import tokenizers
import unicodedata2
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

LAST = 0x10FFFF
POINTS = [c for c in range(LAST + 1) if not 0xD800 <= c < 0xE000]
PLAIN, OTHER, MARK, PUNCTUATION = range(4)
CLASS_NAMES = ["MINNOW_CHARACTER_PLAIN", "MINNOW_CHARACTER_OTHER", "MINNOW_CHARACTER_MARK",
               "MINNOW_CHARACTER_PUNCTUATION"]


class Utf8proc:
    def __init__(self):
        self.library = ctypes.CDLL(ctypes.util.find_library("utf8proc"))
        self.library.utf8proc_category_string.restype = ctypes.c_char_p
        self.library.utf8proc_unicode_version.restype = ctypes.c_char_p
        self.library.utf8proc_decompose_char.restype = ctypes.c_ssize_t
        self.library.utf8proc_get_property.restype = ctypes.POINTER(ctypes.c_int16 * 2)
        self.buffer = (ctypes.c_int32 * 32)()
        self.unidata_version = self.library.utf8proc_unicode_version().decode()

    def category(self, character):
        return self.library.utf8proc_category_string(ord(character)).decode()

    def combining(self, character):
        return self.library.utf8proc_get_property(ord(character)).contents[1]

    def normalize(self, _form, character):
        count = self.library.utf8proc_decompose_char(ord(character), self.buffer, 32, 1 << 4, None)
        return "".join(map(chr, self.buffer[:count]))

    def lower(self, character):
        return chr(self.library.utf8proc_tolower(ord(character)))


def bert(**on):
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**options, **on}).normalize_str


def measured_classes():
    clean, strip = bert(clean_text=True), bert(strip_accents=True)
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str

    def of(character):
        between = f"a{character}b"
        if clean(between) == "ab":
            return OTHER
        if strip(character) == "":
            return MARK
        return PUNCTUATION if len(split(between)) == 3 else PLAIN

    return {c: of(chr(c)) for c in POINTS}


def measured_starters():
    """Code points that have no decomposition and that canonical ordering never moves."""
    nfd = normalizers.NFD().normalize_str

    def stays(text):
        return nfd(text) == text

    return {c: stays(chr(c)) and stays(f"a{chr(c)}\u0334") and stays(f"a\u0345{chr(c)}") for c in POINTS}


def measured_word_characters():
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "Q": 1}, unk_token="[UNK]"))
    tokenizer.add_tokens([AddedToken("Q", single_word=True, normalized=False)])
    encodings = tokenizer.encode_batch_fast([chr(c) + "Q" for c in POINTS])
    return {c: int(1 not in e.ids) for c, e in zip(POINTS, encodings)}


def class_of(c, category):
    if c < 0x80 and not chr(c).isalnum() and c > 0x20 and c < 0x7F:
        return PUNCTUATION
    if category in ("Cc", "Cf", "Co"):
        return OTHER
    return MARK if category == "Mn" else PUNCTUATION if category[0] == "P" else PLAIN


def is_word_character(c, category):
    return int(category[0] in "LM" or category in ("Nd", "Nl", "Pc") or c in (0x200C, 0x200D)
               or 0x24B6 <= c <= 0x24E9 or 0x1F130 <= c <= 0x1F149 or 0x1F150 <= c <= 0x1F169
               or 0x1F170 <= c <= 0x1F189)


def runs(measured, differing):
    """Maximal runs of one measured value that hold a differing code point."""
    found, start = [], 0
    while start <= LAST:
        if start not in measured:
            start += 1
            continue
        end = start
        while end + 1 in measured and measured[end + 1] == measured[start]:
            end += 1
        if any(c in differing for c in range(start, end + 1)):
            found.append((start, end, measured[start]))
        start = end + 1
    return found


def table(name, comment, ranges):
    print(f"\n/* {comment} */\nstatic const struct minnow_unicode_range {name}_ranges[] = {{")
    for first, last, value in ranges:
        print(f"    {{0x{first:04X}, 0x{last:04X}, {value}}},")
    print("};")
    print(f"const struct minnow_unicode_ranges minnow_{name}_differences = {{\n"
          f"    {name}_ranges, sizeof {name}_ranges / sizeof {name}_ranges[0]}};")


def main():
    utf8proc = Utf8proc()
    versions = [utf8proc, unicodedata, unicodedata2]
    classes, starters, words = measured_classes(), measured_starters(), measured_word_characters()
    lower = bert(lowercase=True)

    def differing(measured, believed):
        return {c for c in POINTS if any(believed(v, c, chr(c)) != measured[c] for v in versions)}

    class_ranges = runs(classes, differing(classes, lambda v, c, s: class_of(c, v.category(s))))
    word_ranges = runs(words, differing(words, lambda v, c, s: is_word_character(c, v.category(s))))
    starter_differing = differing(starters, lambda v, c, s: v.combining(s) == 0 and v.normalize("NFD", s) == s)
    wrong = [hex(c) for c in starter_differing if not starters[c]]
    if wrong:
        sys.exit(f"these would need a table of decompositions: {wrong}")
    lowercase = {c: ord(lower(chr(c))) - c for c in POINTS if len(lower(chr(c))) == 1}
    lower_differing = {c for c in lowercase
                       if any(f(chr(c)) != chr(c + lowercase[c]) for f in (utf8proc.lower, str.lower))}

    print(f"""/* Where utf8proc and Hugging Face's `tokenizers` differ about Unicode. Generated by
 * tests/parity/measure_unicode.py, which called `tokenizers` {tokenizers.__version__} on every code point and
 * compared its answers with Unicode {", ".join(v.unidata_version for v in versions)} (utf8proc, unicodedata, unicodedata2).
 *
 * `tokenizers` classifies and decomposes by Unicode 9, lowercases by Unicode 17, and takes \\w from
 * Unicode 16. Each range states its answer outright, whatever utf8proc says, and covers the whole
 * run of neighbours with that answer, so a newer utf8proc changes nothing. */
#include "runtime/tokenizer/unicode.h"
""", end="")
    table("class", "Categories.", [(a, b, CLASS_NAMES[v]) for a, b, v in class_ranges])
    table("starter", "Neither decomposed nor reordered.", [(a, b, 0) for a, b, v in runs(starters, starter_differing)])
    table("lowercase", "What to add for lowercase.", runs({c: lowercase[c] for c in lower_differing}, lower_differing))
    table("word", "Matched by \\w (1) or not (0).", word_ranges)


if __name__ == "__main__":
    main()
