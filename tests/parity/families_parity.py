"""Every family of students in its published layout: `minnow score` against NumPy, on random weights.

Usage: families_parity.py MINNOW [--only NAME] [--published-size] [--data FOLDER]
       families_parity.py --references [--only NAME] [--data FOLDER]
       families_parity.py --make FOLDER [--only NAME] [--published-size]
The families are the modules of families/; NAME: only cases whose name contains it. --references compares NumPy with
the packages that the layouts come from, those that are installed; --make writes the checkpoints and leaves them.
--published-size makes them as large as the published ones, and tells the time and memory taken.
FOLDER has dev/ with test collections (or MINNOW_DATA says where); without it a list of texts is built in."""
import argparse
import functools
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
MEMORY = {"f32": (2.2, 256e6), "s8": (1.1, 128e6)}  # so many times the model file, and so much beside it
WATCH = """import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)"""
DATA = os.environ.get("MINNOW_DATA", os.path.join("..", "shared", "data"))


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def run(*command, text=""):
    result = subprocess.run(command, input=text.encode(), capture_output=True)
    message = result.stderr.decode(errors="replace").strip()
    expect(result.returncode == 0, f"{' '.join(command[1:3])}: exit {result.returncode}: {message}")
    return result.stdout


def flags_of(case, folder):
    """A path among the flags is relative to the checkpoint."""
    paths = {"base": lambda path: os.path.normpath(os.path.join(folder, path))}
    return [word for name, value in case.flags.items() for word in ("--" + name, paths.get(name, str)(value))]


def score(pairs, *command):
    """All scores in a row."""
    lines = "".join(json.dumps({"query": query, "documents": documents}) + "\n" for query, documents in pairs)
    rows = [json.loads(line)["scores"] for line in run(*command, "--json", "-", text=lines).splitlines()]
    counts = [len(documents) for _, documents in pairs]
    expect([len(row) for row in rows] == counts, "another number of scores than of pairs")
    return np.concatenate(rows)


def score_watched(pairs, *command):
    """Also the most memory that the program held, in bytes. Only a small parent can tell: a child's peak begins with
    its parent's."""
    with tempfile.NamedTemporaryFile("r") as peak:
        return score(pairs, sys.executable, "-c", WATCH, peak.name, *command), int(peak.read()) * 1024


def rank_correlation(a, b):
    ranks = [np.argsort(np.argsort(values)) for values in (a, b)]
    return np.corrcoef(*ranks)[0, 1]


def difference(found, expected):
    expect(np.isfinite(found).all(), "a score is not a number")
    return np.abs(found - expected).max() / np.abs(expected).max()


def check_reference(family, case, folder, pairs):
    """Against the package that the layout comes from."""
    reference, peer = family.load(folder, **case.flags), family.peer(folder, **case.flags)
    expected, found = (np.concatenate([scores(*pair) for pair in pairs]) for scores in (reference, peer))
    apart = difference(found, expected)
    expect(apart <= F32_DIFFERENCE, f"{family.PEER} differs by {apart:.2g}")
    return f"{family.PEER} differs by {apart:.1g} of the largest"


def check_route(encode, role, lines, folder, minnow):
    """One side of a pair, converted alone, gives the vectors that it has in the pair."""
    model, path, out = (f"{folder}.{role}.{ending}" for ending in ("mnw", "txt", "npy"))
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    run(minnow, "convert", folder, "-o", model, "--weights", "f32", "--route", role)
    run(minnow, "encode", "-m", model, "--role", role, "--output-format", "npy", "-o", out, path)
    apart = difference(np.load(out), np.array([encode(line) for line in lines]))
    expect(apart <= F32_DIFFERENCE, f"--route {role}: f32 differs by {apart:.1g} of the largest")


def check_routes(family, folder, pairs, minnow):
    """Of families whose sides differ."""
    lines = {"query": [query for query, _ in pairs], "document": [documents[0] for _, documents in pairs]}
    for role in lines if hasattr(family, "encoder_of") else ():
        check_route(family.encoder_of(folder, role), role, lines[role], folder, minnow)


def check(family, case, folder, pairs, minnow):
    reference = family.load(folder, **case.flags)
    expected = np.concatenate([reference(*pair) for pair in pairs])
    found = {}
    for weights in ("f32", "s8"):
        model = f"{folder}.{weights}.mnw"
        run(minnow, "convert", folder, "-o", model, "--weights", weights, *flags_of(case, folder))
        found[weights] = score(pairs, minnow, "score", "-m", model)
    check_routes(family, folder, pairs, minnow)
    apart, ranks = difference(found["f32"], expected), rank_correlation(found["s8"], expected)
    figures = f"f32 differs by {apart:.1g} of the largest, s8 ranks {ranks:.4f}"
    expect(apart <= F32_DIFFERENCE and ranks >= S8_RANKS, figures)
    return figures


def check_published(family, case, folder, pairs, minnow):
    """Converts, fits and gives the reference's scores; s8 only has to keep near them."""
    reference = family.load(folder, **case.flags)
    expected = np.concatenate([reference(*pair) for pair in pairs])
    figures = []
    for weights, limit in (("f32", F32_DIFFERENCE), ("s8", 0.1)):
        model, started = f"{folder}.{weights}.mnw", time.monotonic()
        run(minnow, "convert", folder, "-o", model, "--weights", weights, "--threads", "2", *flags_of(case, folder))
        converted, size = time.monotonic() - started, os.path.getsize(model)
        found, memory = score_watched(pairs, minnow, "score", "-m", model)
        os.unlink(model)
        apart = difference(found, expected)
        figures.append(f"{weights} {size / 1e6:.0f} MB, converted in {converted:.0f} s, scored in "
                       f"{memory / 1e6:.0f} MB, differs by {apart:.1g}")
        times, more = MEMORY[weights]
        expect(apart <= limit and memory <= times * size + more, figures[-1])
    return "; ".join(figures)


def shape_of(case, published):
    return {**case.shape, **(case.published if published else {})}


def chosen(only, published):
    cases = families.all_cases()
    return [(name, *cases[name]) for name in cases
            if (only or "") in name and not (published and cases[name][1].published is None)]


def prepare(family, pairs):
    """A family may say what texts its comparison is good for."""
    clean = getattr(family, "clean", lambda text: text)
    return [(clean(query), [clean(document) for document in documents]) for query, documents in pairs]


def make(family, case, folder, words, published):
    """A case's weights depend on its name alone."""
    random = np.random.default_rng(list(os.path.basename(folder).encode()))
    family.make(folder, random, words, **shape_of(case, published))


def check_one(compare, family, case, folder, pairs):
    """"ok", "FAILED" or "skipped", and why."""
    try:
        return "ok", compare(family, case, folder, prepare(family, pairs))
    except Failure as failure:
        return "FAILED", failure
    except ImportError as missing:
        return "skipped", f"{missing.name} is not here"


def check_all(compare, cases, pairs, words, published):
    states = []
    for name, family, case in cases:
        with tempfile.TemporaryDirectory() as parent:
            folder = os.path.join(parent, name)
            make(family, case, folder, words, published)
            state, figures = check_one(compare, family, case, folder, pairs)
            print(f"{state}: {name}: {figures}", flush=True)
            states.append(state)
    print(f"{states.count('ok')} of {len(cases)} checkpoints, {sum(len(d) for _, d in pairs)} pairs each")
    return 1 if "FAILED" in states or not cases else 0


def make_all(cases, parent, words, published):
    """Prints what `minnow convert` must be told of each."""
    for name, family, case in cases:
        folder = os.path.join(parent, name)
        make(family, case, folder, words, published)
        print(folder, *flags_of(case, folder))
    return 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("The families")[0])
    parser.add_argument("minnow", nargs="?")
    parser.add_argument("--make", metavar="FOLDER")
    parser.add_argument("--references", action="store_true")
    parser.add_argument("--only", metavar="NAME")
    parser.add_argument("--published-size", action="store_true")
    parser.add_argument("--data", default=DATA)
    arguments = parser.parse_args()
    pairs, published = texts.pairs(arguments.data), arguments.published_size
    words = texts.words([text for query, documents in pairs for text in (query, *documents)])
    cases = chosen(arguments.only, published)
    if arguments.make:
        return make_all(cases, arguments.make, words, published)
    if arguments.references:
        return check_all(check_reference, [case for case in cases if hasattr(case[1], "peer")], pairs, words, published)
    if not arguments.minnow:
        parser.error("MINNOW, --references or --make is needed")
    if published:
        pairs = [(query, documents[:PUBLISHED_PAIRS[1]]) for query, documents in pairs[:PUBLISHED_PAIRS[0]]]
    compare = functools.partial(check_published if published else check, minnow=arguments.minnow)
    return check_all(compare, cases, pairs, words, published)


if __name__ == "__main__":
    sys.exit(main())
