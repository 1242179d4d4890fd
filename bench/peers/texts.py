"""The texts of the benchmark: real ones, cut to exact token counts, the same for every peer.

Usage: texts.py MINNOW MODEL FOLDER      writes FOLDER/{8,16,128,256,bulk,fidelity,calibration}.txt, a text a line
Documents and queries of $MINNOW_DATA (../shared/data) where it is there, else what this repository itself holds.
"""
import glob
import json
import os
import random
import re
import subprocess
import sys

DATA = os.environ.get("MINNOW_DATA", os.path.join("..", "shared", "data"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SINGLE = (8, 16, 128, 256)
VARIANTS = 8
DOCUMENTS = 4000  # enough to cut every workload from


def json_lines(pattern):
    for path in sorted(glob.glob(pattern)):
        with open(path, encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                yield f"{record.get('title', '')} {record['text']}"


def own_texts():
    """The texts that calibrate a conversion, as one stream of words: windows of it are documents."""
    with open(os.path.join(ROOT, "convert", "quantize", "calibration_texts.c"), encoding="utf-8") as file:
        words = " ".join(json.loads(s) for s in re.findall(r'^\s*("(?:[^"\\]|\\.)*")', file.read(), re.M)
                         if "\\x" not in s).split()
    return [" ".join((words * 2)[start:start + 300]) for start in range(0, len(words), 5)]


def sources(data=DATA):
    """(queries, documents, where they come from)"""
    queries = list(json_lines(os.path.join(data, "dev", "*", "queries.jsonl")))
    documents = list(json_lines(os.path.join(data, "dev", "*", "corpus.jsonl")))
    if queries and documents:
        return queries, documents, "the queries and documents of its test collections"
    own = own_texts()
    return own, own, "the repository's own texts, which also calibrate the conversion: fidelity is flattered"


def tokenize(minnow, model, texts):
    """Token counts, special ones included."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    out = subprocess.run([minnow, "tokenize", "-m", model, "--no-truncation", "-"], input=lines, text=True,
                         capture_output=True, check=True).stdout
    return [len(json.loads(line)) for line in out.splitlines()]


class Cutter:
    """Prefixes with an exact number of tokens: tokens of words add up, for WordPiece splits at white space first."""

    def __init__(self, minnow, model, texts):
        words = sorted({word for text in texts for word in text.split()})
        counts = tokenize(minnow, model, ["", *words])
        self.frame = counts[0]
        self.tokens = {word: count - self.frame for word, count in zip(words, counts[1:])}

    def cut(self, text, wanted):
        words, total = text.split(), self.frame
        for taken, word in enumerate(words):
            if total >= wanted:
                break
            total += self.tokens[word]
        else:
            taken = len(words)
        return " ".join(words[:taken]) if total == wanted else None


def take(cutter, pool, sizes):
    """One text of each size from an iterator of texts."""
    found = []
    for size in sizes:
        text = next((cut for cut in (cutter.cut(text, size) for text in pool) if cut), None)
        if text is None:
            sys.exit(f"texts.py: not enough texts to cut one of {size} tokens from")
        found.append(text)
    return found


def workloads(minnow, model, data=DATA):
    draw = random.Random(4)
    queries, documents, origin = sources(data)
    draw.shuffle(queries)
    draw.shuffle(documents)
    queries, documents = queries[:DOCUMENTS], documents[:DOCUMENTS]
    cutter = Cutter(minnow, model, queries + documents)
    short, long = iter(queries), iter(documents)
    made = {str(size): take(cutter, short if size < 32 else long, [size] * VARIANTS) for size in SINGLE}
    made["bulk"] = take(cutter, long, [draw.randint(32, 256) for _ in range(256)])
    made["fidelity"] = take(cutter, long, [draw.randint(6, 200) for _ in range(200)])
    made["calibration"] = take(cutter, long, [draw.randint(16, 256) for _ in range(200)])
    return made, origin


def main(minnow, model, folder):
    made, origin = workloads(minnow, model)
    os.makedirs(folder, exist_ok=True)
    for name, texts in made.items():
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as file:
            file.write("".join(text + "\n" for text in texts))
    counts = {name: tokenize(minnow, model, texts) for name, texts in made.items()}
    with open(os.path.join(folder, "texts.json"), "w", encoding="utf-8") as file:
        json.dump({"origin": origin, "tokens": counts}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
