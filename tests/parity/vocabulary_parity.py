"""Vocabularies that Minnow makes, against Hugging Face's `tokenizers`.

Usage: vocabulary_parity.py VOCABULARY_DRIVER TOKENIZER_DRIVER CHECKPOINT DATA

A pruned vocabulary must be the one that a few lines of Python choose, a trained one that which a plain loop learns,
and nearly that of `tokenizers` itself (which numbers letters, and so breaks ties, by the order in which they come). The
files that are written must give the same ids in `tokenizers` and in Minnow, from tokenizer.json and from vocab.txt.
"""
import collections
import json
import pathlib
import shutil
import string
import subprocess
import sys
import tempfile

import tokenizers

from tokenizer_parity import Driver

ODD = ["", "naïve café", "ΑΣ 中国", "x" * 150, "[MASK] [PAD] [unused5]", "a-b_c's 3,141", "\x00\ufffd\u200b",
       "ǅ ﬁ İ"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def read_texts(data):
    lines = (data / "reference" / "texts.txt").read_text(encoding="utf-8").splitlines()
    for path in ("clinc150.txt", "queries-trivia.txt"):
        lines += (data / "train" / path).read_text(encoding="utf-8").splitlines()[:4000]
    return [line for line in lines if line.strip()]


def load(folder):
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def ids_of(tokenizer, texts):
    return [encoding.ids for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def run(driver, mode, checkpoint, texts, size, folder):
    folder.mkdir()
    return subprocess.run([driver, mode, str(checkpoint), str(texts), str(size), str(folder)], capture_output=True,
                          text=True)


# ---- What pruning should keep ---------------------------------------------------------------------

def is_inside(token):
    return token.startswith("##") and len(token) > 2


def characters_of(token):
    """The tokens of a token's characters."""
    inside = is_inside(token)
    for c in token[2:] if inside else token:
        yield "##" + c if inside else c
        inside = True


def expected_vocabulary(tokenizer, texts, size):
    vocabulary = tokenizer.get_vocab()
    counts = collections.Counter(i for ids in ids_of(tokenizer, texts) for i in ids)
    names = {i: token for token, i in vocabulary.items()}
    kept = {vocabulary[token] for token in SPECIAL}
    wanted = ["[unused0]", "[unused1]"]  # ColBERT's markers
    wanted += [form for c in string.ascii_letters + string.digits for form in (c, "##" + c)]
    wanted += [part for i in counts for part in characters_of(names[i])]
    kept |= {vocabulary[token] for token in wanted if token in vocabulary}
    punctuation = set(string.punctuation)

    def usable(token):
        return len(token) == 1 or not punctuation & set(token[2:] if is_inside(token) else token)
    rest = sorted((i for i in names if i not in kept and usable(names[i])), key=lambda i: (-counts[i], i))
    return sorted(kept | set(rest[:max(0, size - len(kept))])), len(kept)


# ---- Checks -----------------------------------------------------------------------------------------

def check_files(folder, tokenizer_driver, texts):
    """The same ids everywhere; returns them."""
    reference = load(folder)
    expected = ids_of(reference, texts)
    names = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    assert {name: i for i, name in enumerate(names)} == reference.get_vocab(), "vocab.txt differs from tokenizer.json"
    config = json.loads((folder / "tokenizer_config.json").read_text())
    assert config["model_max_length"] == 128 and config["mask_token"] == "[MASK]", config
    assert json.loads((folder / "special_tokens_map.json").read_text())["cls_token"] == "[CLS]"
    around = reference.encode("a").tokens
    assert around[0] == "[CLS]" and around[-1] == "[SEP]", around
    plain = folder.with_name(folder.name + "-vocab")
    plain.mkdir()
    for name in ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(folder / name, plain)
    for where in (folder, plain):
        driver = Driver(tokenizer_driver, str(where))
        found = [ids.tolist() for ids in driver.encode([text.encode() for text in texts])]
        driver.close()
        assert found == expected, f"{where.name}: {sum(a != b for a, b in zip(found, expected))} texts differ"
    return expected


def check_pruned(drivers, checkpoint, texts, path, size, folder):
    result = run(drivers[0], "prune", checkpoint, path, size, folder)
    assert result.returncode == 0, result.stderr
    large = load(checkpoint)
    expected, _ = expected_vocabulary(large, texts, size)
    kept = [int(line) for line in result.stdout.split()]
    assert kept == expected, f"{len(set(kept) ^ set(expected))} tokens are kept or left out wrongly"
    small = load(folder)
    assert [small.id_to_token(i) for i in range(len(kept))] == [large.id_to_token(i) for i in kept]
    ids = check_files(folder, drivers[1], texts + ODD)[:len(texts)]
    before = ids_of(large, texts)
    unknown = [sum(row.count(t.token_to_id("[UNK]")) for row in rows) for t, rows in ((large, before), (small, ids))]
    assert unknown[0] == unknown[1], f"{unknown[1]} unknown words, {unknown[0]} before"
    longer = sum(map(len, ids)) / sum(map(len, before))
    print(f"pruned to {len(kept)}: the tokens expected, the same ids in tokenizers; texts are {longer:.3f} times as "
          f"long")


def check_too_small(drivers, checkpoint, texts, path, folder):
    least = expected_vocabulary(load(checkpoint), texts, 0)[1]
    result = run(drivers[0], "prune", checkpoint, path, least - 1, folder)
    assert result.returncode == 1 and f"expected at least {least}" in result.stderr, result.stderr
    print(f"pruning below {least} tokens is refused")


# ---- Training ---------------------------------------------------------------------------------------

def count_words(tokenizer, texts):
    counts = collections.Counter()
    for text in texts:
        normalized = tokenizer.normalizer.normalize_str(text)
        counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normalized) if len(word) <= 100)
    return counts


def learned_vocabulary(tokenizer, texts, size):
    """Everything is counted anew for each merge."""
    counts = count_words(tokenizer, texts)
    words = {word: [word[0]] + ["##" + c for c in word[1:]] for word in counts}
    inside = {c for symbols in words.values() for c in symbols[1:]}
    vocabulary = SPECIAL + sorted({c for word in words for c in word}) + sorted(inside)
    ids = {token: i for i, token in enumerate(vocabulary)}
    while len(ids) < size:
        pairs = collections.Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            break
        left, right = min(pairs, key=lambda pair: (-pairs[pair], ids[pair[0]], ids[pair[1]]))
        merged = left + right[2:]
        ids.setdefault(merged, len(ids))
        for symbols in words.values():
            for i in range(len(symbols) - 1):
                if symbols[i:i + 2] == [left, right]:
                    symbols[i:i + 2] = [merged]
    return list(ids)


def check_trained(drivers, checkpoint, texts, path, size, folder):
    """Returns the tokens."""
    result = run(drivers[0], "train", checkpoint, path, size, folder)
    assert result.returncode == 0, result.stderr
    check_files(folder, drivers[1], texts + ODD)
    return (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]


def check_learned(drivers, checkpoint, texts, root):
    some = texts[:150] + ODD
    path = root / "some.txt"
    for size in (700, 1 << 20):  # the second: until nothing is left to merge
        some = some if size == 700 else some[:8]
        path.write_bytes("\n".join(text for text in some if text).encode())
        found = check_trained(drivers, checkpoint, some, path, size, root / f"learned-{size}")
        expected = learned_vocabulary(load(checkpoint), [text.rstrip("\r") for text in some], size)
        different = [(a, b) for a, b in zip(found, expected) if a != b]
        assert found == expected, f"{len(found)} and {len(expected)} tokens, {len(different)} differ: {different[:5]}"
        print(f"trained on {len(some)} texts: the {len(found)} tokens that a plain loop learns")


def check_against_trainer(drivers, checkpoint, texts, path, size, root):
    found = check_trained(drivers, checkpoint, texts, path, size, root / "trained")
    reference = load(checkpoint)
    reference.model = tokenizers.models.WordPiece(unk_token="[UNK]")
    reference.train_from_iterator(texts, tokenizers.trainers.WordPieceTrainer(
        vocab_size=size, limit_alphabet=1000, special_tokens=SPECIAL, show_progress=False))
    common = len(set(found) & set(reference.get_vocab()))
    lengths = [sum(map(len, ids_of(t, texts))) for t in (load(root / "trained"), reference)]
    assert len(found) == size and common >= 0.97 * size, f"{common} of {size} tokens are those of tokenizers"
    assert abs(lengths[0] / lengths[1] - 1) < 0.003, lengths
    print(f"trained to {size}: {common} tokens are those of tokenizers' WordPieceTrainer, texts are "
          f"{lengths[0] / lengths[1]:.4f} times as long")


def main(vocabulary_driver, tokenizer_driver, checkpoint, data):
    drivers, checkpoint = (vocabulary_driver, tokenizer_driver), pathlib.Path(checkpoint)
    texts = read_texts(pathlib.Path(data))
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        path = root / "texts.txt"
        path.write_text("\n".join(texts), encoding="utf-8")
        for size in (1500, 8000, 31000):
            check_pruned(drivers, checkpoint, texts, path, size, root / f"pruned-{size}")
        check_too_small(drivers, checkpoint, texts, path, root / "refused")
        check_learned(drivers, checkpoint, texts, root)
        check_against_trainer(drivers, checkpoint, texts, path, 5000, root)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
