"""Every family of students in its published layout: `minnow score` against NumPy, on random weights.

Usage: families_parity.py MINNOW [--only NAME] [--published-size] [--data FOLDER]
       families_parity.py --make FOLDER [--only NAME] [--published-size]
The families are the modules of families/; NAME: only cases whose name contains it. --make writes the checkpoints
and leaves them. --published-size makes them as large as the published ones, and tells the time and memory taken.
FOLDER has dev/ with test collections (or MINNOW_DATA says where); without it a list of texts is built in."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small only make threads wait
import numpy as np

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
import families
from families.parts import texts

F32_DIFFERENCE, S8_RANKS = 1e-4, 0.98
PUBLISHED_PAIRS = (2, 5)  # queries, documents of each
MEMORY = 256 << 20  # beside the model file's own bytes
DATA = os.environ.get("MINNOW_DATA", os.path.join("..", "shared", "data"))


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def run(*command, text=None):
    """Standard output and the most memory the process held, in bytes."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        given.write((text or "").encode())
        given.seek(0)
        process = subprocess.Popen(command, stdin=given, stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), errors.seek(0)
        message = errors.read().decode(errors="replace")
        expect(process.returncode == 0, f"{command[1]}: exit {process.returncode}: {message.strip()}")
        return out.read(), usage.ru_maxrss * 1024


def flags_of(case, folder):
    """A path among the flags is relative to the checkpoint."""
    paths = {"base": lambda path: os.path.normpath(os.path.join(folder, path))}
    return [word for name, value in case.flags.items() for word in ("--" + name, paths.get(name, str)(value))]


def score(minnow, model, pairs):
    """All scores in a row, and the memory taken."""
    lines = "".join(json.dumps({"query": query, "documents": documents}) + "\n" for query, documents in pairs)
    out, memory = run(minnow, "score", "-m", model, "--json", "-", text=lines)
    rows = [json.loads(line)["scores"] for line in out.splitlines()]
    expect([len(row) for row in rows] == [len(documents) for _, documents in pairs], "another number of scores than of pairs")
    return np.concatenate(rows), memory


def rank_correlation(a, b):
    ranks = [np.argsort(np.argsort(values)) for values in (a, b)]
    return np.corrcoef(*ranks)[0, 1]


def difference(found, expected):
    expect(np.isfinite(found).all(), "a score is not a number")
    return np.abs(found - expected).max() / np.abs(expected).max()


def check_peer(family, folder, case, pairs, expected):
    """The reference itself, against the package that the layout comes from; what to print of it."""
    if not hasattr(family, "peer"):
        return ""
    try:
        peer = family.peer(folder, **case.flags)
    except ImportError as missing:
        return f", {missing.name} is not here"
    apart = difference(np.concatenate([peer(*pair) for pair in pairs]), expected)
    expect(apart <= F32_DIFFERENCE, f"the reference is {apart:.2g} off {family.PEER}")
    return f", {family.PEER} {apart:.1g}"


def check(minnow, family, case, folder, pairs):
    reference = family.load(folder, **case.flags)
    expected = np.concatenate([reference(*pair) for pair in pairs])
    notes = check_peer(family, folder, case, pairs, expected)
    found = {}
    for weights in ("f32", "s8"):
        model = f"{folder}.{weights}.mnw"
        run(minnow, "convert", folder, "-o", model, "--weights", weights, *flags_of(case, folder))
        found[weights], _ = score(minnow, model, pairs)
    apart, ranks = difference(found["f32"], expected), rank_correlation(found["s8"], expected)
    figures = f"f32 differs by {apart:.1g} of the largest, s8 ranks {ranks:.4f}{notes}"
    expect(apart <= F32_DIFFERENCE and ranks >= S8_RANKS, figures)
    return figures


def check_published(minnow, family, case, folder, pairs):
    """Converts, fits and gives the reference's scores; s8 only has to keep near them."""
    reference = family.load(folder, **case.flags)
    expected = np.concatenate([reference(*pair) for pair in pairs])
    figures = []
    for weights, limit in (("f32", F32_DIFFERENCE), ("s8", 0.1)):
        model, started = f"{folder}.{weights}.mnw", time.monotonic()
        run(minnow, "convert", folder, "-o", model, "--weights", weights, *flags_of(case, folder))
        converted, size = time.monotonic() - started, os.path.getsize(model)
        found, memory = score(minnow, model, pairs)
        os.unlink(model)
        apart = difference(found, expected)
        figures.append(f"{weights} {size / 1e6:.0f} MB, converted in {converted:.0f} s, scored in "
                       f"{memory / 1e6:.0f} MB, differs by {apart:.1g}")
        expect(apart <= limit and memory <= size + MEMORY, figures[-1])
    return "; ".join(figures)


def shape_of(case, published):
    return {**case.shape, **(case.published if published else {})}


def chosen(only, published):
    cases = families.all_cases()
    return [(i, name, *cases[name]) for i, name in enumerate(cases)
            if (only or "") in name and not (published and cases[name][1].published is None)]


def prepare(family, pairs):
    """A family may say what texts its comparison is good for."""
    clean = getattr(family, "clean", lambda text: text)
    return [(clean(query), [clean(document) for document in documents]) for query, documents in pairs]


def make(family, case, seed, folder, words, published):
    family.make(folder, np.random.default_rng([1, seed]), words, **shape_of(case, published))


def check_all(minnow, cases, pairs, words, published):
    failed = 0
    for seed, name, family, case in cases:
        with tempfile.TemporaryDirectory() as parent:
            folder = os.path.join(parent, name)
            make(family, case, seed, folder, words, published)
            try:
                compare = check_published if published else check
                print(f"ok: {name}: {compare(minnow, family, case, folder, prepare(family, pairs))}", flush=True)
            except Failure as failure:
                print(f"FAILED: {name}: {failure}", flush=True)
                failed += 1
    print(f"{len(cases) - failed} of {len(cases)} checkpoints, {sum(len(d) for _, d in pairs)} pairs each")
    return 1 if failed or not cases else 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("The families")[0])
    parser.add_argument("minnow", nargs="?")
    parser.add_argument("--make")
    parser.add_argument("--only")
    parser.add_argument("--published-size", action="store_true")
    parser.add_argument("--data", default=DATA)
    arguments = parser.parse_args()
    pairs = texts.pairs(arguments.data)
    words = texts.words([text for query, documents in pairs for text in (query, *documents)])
    cases = chosen(arguments.only, arguments.published_size)
    if arguments.make:
        for seed, name, family, case in cases:
            make(family, case, seed, os.path.join(arguments.make, name), words, arguments.published_size)
            print(name, *flags_of(case, os.path.join(arguments.make, name)))
        return 0
    if not arguments.minnow:
        parser.error("MINNOW or --make is needed")
    if arguments.published_size:
        pairs = [(query, documents[:PUBLISHED_PAIRS[1]]) for query, documents in pairs[:PUBLISHED_PAIRS[0]]]
    return check_all(arguments.minnow, cases, pairs, words, arguments.published_size)


if __name__ == "__main__":
    sys.exit(main())
