#!/usr/bin/env python3
"""Token ids of Minnow against Hugging Face's `tokenizers`: every code point, real texts, random strings.

    pip install tokenizers
    tests/parity/tokenizer_parity.py --driver build/tokenizer_driver --checkpoint FOLDER --data ../shared/data

Each is done with the checkpoint's tokenizer.json and with variants of it (every character in the vocabulary, cased,
accents kept, text not cleaned, more added tokens). Exit status 1 on any mismatch.
"""
import argparse
import array
import itertools
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time

import tokenizers

BATCH = 20000
SHOWN = 10
LAST = 0x10FFFF


class Driver:
    """One process that answers texts in their order, as bytes in and an array of ids out."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def encode(self, texts):
        writer = threading.Thread(target=self._write, args=(texts,))
        writer.start()
        yield from (self._read() for _ in texts)
        writer.join()

    def _write(self, texts):
        self.process.stdin.write(b"".join(struct.pack("=I", len(text)) + text for text in texts))
        self.process.stdin.flush()

    def _read(self):
        header = self.process.stdout.read(4)
        if len(header) != 4:
            sys.exit("the driver ended early")
        return array.array("I", self.process.stdout.read(4 * struct.unpack("=I", header)[0]))

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait() != 0:
            sys.exit("the driver failed")


class Comparison:
    def __init__(self, name, settings, program):
        self.name, self.texts, self.mismatches, self.tokens = name, 0, 0, 0
        self.reference = tokenizers.Tokenizer.from_str(json.dumps(settings))
        self.reference.no_truncation()
        self.reference.no_padding()
        self.folder = tempfile.TemporaryDirectory()
        pathlib.Path(self.folder.name, "tokenizer.json").write_text(json.dumps(settings), encoding="utf-8")
        self.driver = Driver(program, self.folder.name)

    def run(self, label, texts, joined=1):
        """`joined` texts go together, a space between, for speed; the report is of the single ones."""
        begin, before, texts_before = time.time(), self.mismatches, self.texts
        texts = iter(texts)
        while batch := list(itertools.islice(texts, BATCH * joined)):
            self.texts += len(batch)
            groups = [batch[i:i + joined] for i in range(0, len(batch), joined)]
            bad = self._differing([b" ".join(group) for group in groups], report=joined == 1)
            if bad and joined > 1:
                self._differing(list(itertools.chain.from_iterable(groups[i] for i in bad)), report=True)
                self.mismatches += self.mismatches == before  # only together do they differ
        print(f"{self.name}, {label}: {self.texts - texts_before} texts, {self.mismatches - before} mismatches, "
              f"{time.time() - begin:.1f} s", flush=True)

    def _differing(self, texts, report):
        decoded = [text.decode("utf-8", errors="replace") for text in texts]
        encodings = self.reference.encode_batch_fast(decoded, add_special_tokens=False)
        differing = []
        for index, ids in enumerate(self.driver.encode(texts)):
            expected = encodings[index].ids
            self.tokens += len(expected)
            if ids.tolist() != expected:
                differing.append(index)
                if report:
                    self._report(texts[index], expected, ids)
        return differing

    def _report(self, text, expected, found):
        self.mismatches += 1
        if self.mismatches > SHOWN:
            return
        names = [[self.reference.id_to_token(i) for i in ids] for ids in (expected, found)]
        print(f"{self.name}: {text[:400]!r} = {text.decode('utf-8', errors='replace')[:200]!a}\n"
              f"  tokenizers {names[0][:60]}\n  minnow     {names[1][:60]}")

    def close(self):
        self.driver.close()
        self.folder.cleanup()


# ---- Texts --------------------------------------------------------------------------------------


def code_points(every):
    """Each alone, between letters, and after a letter with combining marks around it. Without `every`, of the planes
    that hold nothing but ideographs, private use or nothing only some."""
    for c in itertools.chain(range(0xD800), range(0xE000, LAST + 1)):
        if not every and c > 0x1FFFF and c % 97 and not 0x2F800 <= c <= 0x2FA1F and not 0xE0000 <= c <= 0xE01FF:
            continue
        s = chr(c)
        for text in (s, f"a{s}b", f"a{s}\u0301b", f"a\u0301{s}", f"e\u302E{s}\u0327\U0001D165z"):
            yield text.encode()


def strings_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_in(inner)


def data_texts(folder):
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".jsonl", ".txt", ".tsv")):
        for line in path.read_bytes().split(b"\n"):
            if path.suffix == ".jsonl" and line.strip():
                yield from (text.encode("utf-8", errors="replace") for text in strings_in(json.loads(line)))
            else:
                yield line


def characters(*ranges):
    return [chr(c) for first, last in ranges for c in range(first, last + 1) if not 0xD800 <= c < 0xE000]


LETTERS = characters((0x61, 0x7A), (0x41, 0x5A))
ALPHABETS = [
    LETTERS,
    characters((0x20, 0x7E)),
    characters((0xC0, 0x24F), (0x1E00, 0x1EFF)),                            # accented Latin
    characters((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF)),         # combining marks
    characters((0x370, 0x3FF), (0x1F00, 0x1FFF), (0x400, 0x52F)),           # Greek, Cyrillic
    characters((0x590, 0x6FF), (0x8A0, 0x8FF)),                             # Hebrew, Arabic
    characters((0x900, 0xDFF), (0xE00, 0xFFF)),                             # Indic, Thai, Tibetan
    characters((0x1100, 0x11FF), (0xAC00, 0xAD00), (0x3040, 0x30FF)),       # Hangul, kana
    characters((0x4E00, 0x4E80), (0xF900, 0xFA6D), (0x2F800, 0x2F820), (0x2B81E, 0x2B922)),
    characters((0, 0x20), (0x7F, 0xA0), (0x2000, 0x206F), (0xFFF0, 0xFFFD), (0xFEFF, 0xFEFF)),
    characters((0x302A, 0x302F), (0x1D165, 0x1D172), (0x8D4, 0x8E1), (0x16FF0, 0x16FF1), (0x1E944, 0x1E94A),
               (0xF71, 0xF84), (0x300, 0x315), (0x591, 0x599)),             # orderings
    characters((0x1F300, 0x1F6FF), (0x1F900, 0x1F9FF), (0x200D, 0x200D), (0xFE0F, 0xFE0F), (0x1F1E6, 0x1F1FF)),
    characters((0x10400, 0x1044F), (0x1E900, 0x1E95F), (0xA7C0, 0xA7FF), (0x10D40, 0x10D90), (0x16EA0, 0x16ED3)),
]
SPECIAL = ["[MASK]", "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[mask]", "[MASK", "MASK]", "[[MASK]]", "##", "##ing",
           "[unused1]"]


def pieces(rng, more):
    """Endless random parts of a text, as bytes."""
    words = ["the", "Retrieval", "unaffable", "naïve", "ǅ", "İstanbul", "ΑΣ", "ﬁ", "x" * 40, "straße"]
    while True:
        kind = rng.random()
        if kind < 0.55:
            yield "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randint(1, 6))).encode()
        elif kind < 0.65:
            yield rng.choice(SPECIAL + more).encode()
        elif kind < 0.75:
            yield rng.choice([" ", "  ", "\t", "\n", "\u3000", "\u00A0", "\u0085"]).encode()
        elif kind < 0.9:
            yield rng.choice(words).encode()
        elif kind < 0.93:
            yield (rng.choice(LETTERS) * rng.choice([30, 99, 100, 101, 150])).encode()
        elif kind < 0.96:
            yield rng.randbytes(rng.randint(1, 4))
        else:
            yield chr(rng.choice([rng.randrange(0xD800), rng.randrange(0xE000, LAST + 1)])).encode()


def random_texts(seed, count, more):
    rng = random.Random(seed)
    source = pieces(rng, more)
    for _ in range(count):
        yield b"".join(itertools.islice(source, rng.randint(0, 12)))


# ---- Variants -----------------------------------------------------------------------------------


def with_normalizer(settings, **changes):
    return {**settings, "normalizer": {**settings["normalizer"], **changes}}


MORE = ["foo", "foobar", "é", "中国", "<a>", "<a><b>", "ab cd", "[MAS", "ΑΣ", "ing", " qq", "ſt"]


def with_added(settings):
    """Added tokens with every flag: some of the model's vocabulary, some behind it, some prefixes of others."""
    vocabulary = settings["model"]["vocab"]
    added = [dict(token) for token in settings["added_tokens"]]
    following = len(vocabulary)
    for number, text in enumerate(MORE):
        token = dict(id=vocabulary.get(text, following), content=text, single_word=number % 2 == 0,
                     lstrip=number % 3 == 0, rstrip=number % 4 < 2, normalized=False, special=number % 2 == 1)
        following += text not in vocabulary
        added.append(token)
    return {**settings, "added_tokens": added}


def with_every_character(settings):
    """A vocabulary in which a difference in one character is a difference in ids, and never two unknown tokens."""
    vocabulary = dict(settings["model"]["vocab"])
    for c in itertools.chain(range(1, 0xD800), range(0xE000, 0x20000), range(0x2F800, 0x2FA1E)):
        for text in (chr(c), "##" + chr(c)):
            vocabulary.setdefault(text, len(vocabulary))
    return {**settings, "model": {**settings["model"], "vocab": vocabulary}}


def variants(settings):
    yield "as it is", settings
    settings = with_every_character(settings)
    yield "every character in the vocabulary", settings
    yield "cased", with_normalizer(settings, lowercase=False, strip_accents=False)
    yield "cased, accents stripped", with_normalizer(settings, lowercase=False, strip_accents=True)
    yield "lowercase, accents kept", with_normalizer(settings, lowercase=True, strip_accents=False)
    yield "not cleaned, CJK together", with_normalizer(settings, clean_text=False, handle_chinese_chars=False)
    yield "added tokens", with_added(settings)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--checkpoint", required=True, type=pathlib.Path)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=20240917)
    parser.add_argument("--random", type=int, default=200000, help="random strings; variants take a quarter of them")
    options = parser.parse_args()
    settings = json.loads((options.checkpoint / "tokenizer.json").read_text(encoding="utf-8"))
    print(f"tokenizers {tokenizers.__version__}, seed {options.seed}")
    if not options.data.is_dir():
        print(f"skipped: {options.data} is not here")
    texts = mismatches = 0
    for number, (name, variant) in enumerate(variants(settings)):
        comparison = Comparison(name, variant, options.driver)
        comparison.run("code points", code_points(every=number == 0), joined=50)
        count = options.random if number == 0 else options.random // 4
        comparison.run("random", random_texts(options.seed + number, count, MORE))
        if options.data.is_dir():
            comparison.run("data", itertools.islice(data_texts(options.data), 0, None, 1 if number == 0 else 50))
        comparison.close()
        texts, mismatches = texts + comparison.texts, mismatches + comparison.mismatches
    print(f"{texts} texts, {mismatches} mismatches")
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
