"""Checkpoints that Minnow writes, against those it read them from: their tensors, their tokens, and what NumPy and the
packages of their layouts make of them.

Usage: written_parity.py WRITER_DRIVER CHECKPOINT [--only NAME] [--data FOLDER]
CHECKPOINT: a folder of sentence-transformers. Beside it random ones of the layouts below are written, and --only
chooses among them. FOLDER: as families_parity.py. What asks for packages that are not here is skipped."""
import argparse
import os
import sys
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small only make threads wait
import numpy as np
import safetensors.numpy
import tokenizers

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
import families_parity
from families.parts import peers, texts
from families_parity import Failure, difference, expect, run

LAYOUTS = ("sentence", "router", "words", "static", "compare", "cross_encoder", "colbert_stanford", "tk")
ROUNDED, PEER_DIFFERENCE = 1e-6, 1e-4  # an LSTM's two biases become their rounded sum
QUERIES, DOCUMENTS = 8, 3
ODD = ["", "naïve café", "ΑΣ 中国", "x" * 150, "[MASK] [PAD] [unused5]", "a-b_c's 3,141", "\x00\ufffd\u200b", "ǅ ﬁ İ"]


# ---- The checkpoint ----------------------------------------------------------------------------

def check_tensors(original, written):
    """Position tables end where texts do; a pooler that no module asks for is left out."""
    before, after = (safetensors.numpy.load_file(os.path.join(folder, "model.safetensors"))
                     for folder in (original, written))
    for name, value in after.items():
        expected = before[name]
        expected = expected[:len(value)] if "position_embeddings" in name else expected
        same = value.dtype == np.float32 and value.tobytes() == expected.astype(np.float32).tobytes()
        expect(same, f"{name} differs")
    left = [name for name in set(before) - set(after) if "pooler" not in name and "position_ids" not in name]
    expect(not left, f"{left} are missing")
    return len(after)


def ids_of(folder, lines):
    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [encoding.ids for encoding in tokenizer.encode_batch(lines)]


def check_embeddings(original, written, lines):
    package = peers.quiet("sentence_transformers")
    before, after = (package.SentenceTransformer(folder, device="cpu") for folder in (original, written))
    expect(before.max_seq_length == after.max_seq_length, "max_seq_length differs")
    expect(before.similarity_fn_name == after.similarity_fn_name, "similarity_fn_name differs")
    apart = np.abs(before.encode(lines) - after.encode(lines)).max()
    expect(apart == 0, f"embeddings differ by {apart:.2g}")


def check_checkpoint(driver, original, folder, lines):
    written = os.path.join(folder, "written")
    run(driver, original, written)
    count = check_tensors(original, written)
    expect(ids_of(original, lines) == ids_of(written, lines), "tokens differ")
    print(f"ok: {os.path.basename(original)}: {count} tensors, tokens of {len(lines)} texts")
    try:
        check_embeddings(original, written, lines)
        print("ok: sentence-transformers gives the same vectors")
    except ImportError as missing:
        print(f"skipped: the vectors of sentence-transformers: {missing.name} is not here")


# ---- The layouts --------------------------------------------------------------------------------

def scores_of(load, folder, pairs):
    score = load(folder)
    return np.concatenate([score(*pair) for pair in pairs])


def check_layout(driver, family, case, folder, pairs):
    """NumPy reads the folders alone, the package opens what was written."""
    written = folder + ".written"
    run(driver, folder, written)
    expected = scores_of(family.load, folder, pairs)
    apart = difference(scores_of(family.load, written, pairs), expected)
    expect(apart <= ROUNDED, f"NumPy's scores differ by {apart:.2g}")
    try:
        apart = difference(scores_of(family.peer, written, pairs), expected) if hasattr(family, "peer") else 0
    except ImportError as missing:
        return f"the same scores in NumPy; {missing.name} is not here"
    expect(apart <= PEER_DIFFERENCE, f"{getattr(family, 'PEER', '')} differs by {apart:.2g}")
    return f"the same scores in NumPy; {getattr(family, 'PEER', 'nobody else')} differs by {apart:.1g}"


def check_layouts(driver, only, pairs, words):
    cases = [case for case in families_parity.chosen(only, False) if case[1].__name__.split(".")[-1] in LAYOUTS]
    compare = lambda *arguments: check_layout(driver, *arguments)
    return families_parity.check_all(compare, cases, pairs, words, False)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("CHECKPOINT:")[0])
    parser.add_argument("driver")
    parser.add_argument("checkpoint")
    parser.add_argument("--only", metavar="NAME")
    parser.add_argument("--data", default=families_parity.DATA)
    arguments = parser.parse_args()
    pairs = [(query, documents[:DOCUMENTS]) for query, documents in texts.pairs(arguments.data)[:QUERIES]]
    lines = [text for query, documents in pairs for text in (query, *documents)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            check_checkpoint(arguments.driver, arguments.checkpoint.rstrip("/"), folder, ODD + lines)
        except Failure as failure:
            print(f"FAILED: {arguments.checkpoint}: {failure}")
            return 1
    return check_layouts(arguments.driver, arguments.only, pairs, texts.words(lines))


if __name__ == "__main__":
    sys.exit(main())
