#!/usr/bin/env python3
"""Token ids of whole words: Minnow against sentence-transformers' WhitespaceTokenizer and `tokenizers`' WordLevel.

    tests/parity/words_parity.py --driver build/tests/parity/tokenizer_driver [--random 100000]

The rules of WhitespaceTokenizer are written down again below, so that the test runs without sentence-transformers; where
that package is here, its class is compared too. Texts hold only characters that this Python's Unicode knows, since it
lower-cases them. Exit status 1 on any mismatch.
"""
import argparse
import itertools
import json
import pathlib
import random
import string
import sys
import tempfile
import unicodedata

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers

sys.dont_write_bytecode = True
from tokenizer_parity import ALPHABETS, BATCH, SHOWN, Driver

GREEK = "ΑΒΓΣΩςσωάΆ᾿ʹ’'.·:\u0301\u00ad"  # what a sigma looks at
SPACES = [" ", "  ", "\t", "\n", "\x1c", "\x1f", "\x0b", "\u0085", "\u00a0", "\u2028", "\u3000", "\u200b", "\x00"]
WORDS = ["the", "Retrieval", "İstanbul", "ΌΔΟΣ", "ὈΔΟΣ.", "ΣΑΣ", "don't", "c++", "U.S.", "naïve", "ǅ", "STRASSE", "ẞ", "K"]


def is_known(text):
    return all(unicodedata.category(c) != "Cn" for c in text)


ALPHABETS = [known for known in ([c for c in alphabet if is_known(c)] for alphabet in ALPHABETS) if known]


class Whitespace:
    """As sentence-transformers looks words up."""

    def __init__(self, vocabulary, stop_words, lowercase):
        self.ids, self.stop_words, self.lowercase = {w: i for i, w in enumerate(vocabulary)}, set(stop_words), lowercase

    def lookup(self, word):
        bare = word.strip(string.punctuation)
        for form in (word, bare, bare.lower()):
            if form in self.stop_words:
                return []
            if form in self.ids:
                return [self.ids[form]]
        return []

    def tokenize(self, text):
        return [i for word in (text.lower() if self.lowercase else text).split() for i in self.lookup(word)]


class Published(Whitespace):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        import_path = "sentence_transformers.sentence_transformer.modules.tokenizer.whitespace"
        self.tokenize = __import__(import_path, fromlist=["x"]).WhitespaceTokenizer(*arguments).tokenize


class WordLevel:
    """Lower-cased words and marks apart, as BERT's pre-tokenizer splits them, but whole; 1 where one is not known."""

    def __init__(self, words):
        ids = {word: i for i, word in enumerate(["@@PADDING@@", *words])}
        self.model = tokenizers.Tokenizer(models.WordLevel(ids, "@@UNKNOWN@@"))
        self.model.normalizer = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False,
                                                           strip_accents=False, lowercase=True)
        self.model.pre_tokenizer = pre_tokenizers.BertPreTokenizer()

    def tokenize(self, text):
        return self.model.encode(text, add_special_tokens=False).ids


def pieces(rng):
    """Endless random parts of a text."""
    while True:
        kind = rng.random()
        if kind < 0.4:
            yield "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randint(1, 5)))
        elif kind < 0.6:
            yield rng.choice(SPACES)
        elif kind < 0.75:
            yield rng.choice(WORDS)
        elif kind < 0.9:
            yield "".join(rng.choices(GREEK, k=rng.randint(1, 5)))
        else:
            yield "".join(rng.choices(string.punctuation, k=rng.randint(1, 3)))


def random_texts(seed, count):
    source = pieces(random.Random(seed))
    rng = random.Random(seed + 1)
    return ["".join(itertools.islice(source, rng.randint(0, 14))) for _ in range(count)]


def forms(word):
    bare = word.strip(string.punctuation)
    return word, bare, bare.lower(), word.lower()


def collect(rng, texts):
    """Words of the texts in forms that are looked up, so that most look-ups find something; and stop words, of which
    half are tokens too."""
    words = [word for text in texts for word in text.split() if "\x00" not in word]  # no token may hold one
    found = sorted({form for word in words for form in forms(word) if form})
    rng.shuffle(found)
    unknown, stop = len(found) // 8, len(found) // 20
    return found[unknown:], found[unknown - stop:unknown + stop]


def encode_all(driver, texts):
    for begin in range(0, len(texts), BATCH):
        yield from driver.encode([text.encode() for text in texts[begin:begin + BATCH]])


def compare(name, program, files, references, texts):
    mismatches = tokens = 0
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            pathlib.Path(folder, file).write_text(content, encoding="utf-8")
        driver = Driver(program, folder)
        for text, found in zip(texts, encode_all(driver, texts)):
            for reference in references:
                expected = reference.tokenize(text)
                tokens += len(expected)
                if found.tolist() == expected:
                    continue
                mismatches += 1
                if mismatches <= SHOWN:
                    print(f"{name}: {text!a}\n  {type(reference).__name__} {expected[:60]}\n  minnow {found.tolist()[:60]}")
        driver.close()
    print(f"{name}: {len(texts)} texts, {tokens // len(references)} tokens, {mismatches} mismatches with "
          f"{' and '.join(type(r).__name__ for r in references)}", flush=True)
    return mismatches + (tokens < len(texts))  # a comparison of nothing would say nothing


def whitespace_references(*arguments):
    try:
        return [Whitespace(*arguments), Published(*arguments)]
    except ImportError as missing:
        print(f"{missing.name} is not here; compared with its rules alone")
        return [Whitespace(*arguments)]


def compare_whitespace(program, rng, texts, lowercase):
    vocabulary, stop_words = collect(rng, texts)
    vocabulary = ["PADDING_TOKEN", *vocabulary]
    config = {"vocab": vocabulary, "stop_words": stop_words, "do_lower_case": lowercase}
    files = {"whitespacetokenizer_config.json": json.dumps(config, ensure_ascii=rng.random() < 0.5)}
    name = "between white space, lower-cased" if lowercase else "between white space"
    return compare(name, program, files, whitespace_references(vocabulary, stop_words, lowercase), texts)


def compare_words(program, rng, texts):
    splitter = pre_tokenizers.BertPreTokenizer()
    words = {word for text in texts[::2] for word, _ in splitter.pre_tokenize_str(text.lower())}
    words = ["@@UNKNOWN@@", *sorted(word for word in words if not set("\n\r\x00") & set(word))]
    files = {"tokens.txt": "".join(word + "\n" for word in words)}
    return compare("words and marks", program, files, [WordLevel(words)], texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--seed", type=int, default=20240917)
    parser.add_argument("--random", type=int, default=100000)
    options = parser.parse_args()
    rng, texts = random.Random(options.seed), random_texts(options.seed, options.random)
    mismatches = sum(compare_whitespace(options.driver, rng, texts, lowercase) for lowercase in (False, True))
    mismatches += compare_words(options.driver, rng, texts)
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
