"""Students that Minnow trains, of every kind, in 8 bits: `minnow score` against NumPy on what
`minnow distill` wrote.

Usage: trained_parity.py MINNOW TEACHER MODEL DATA [--only NAME] [--keep FOLDER]
TEACHER: a bi-encoder's checkpoint, whose layers and words the students begin with, MODEL: the same, converted. DATA:
train/ has questions with their paragraphs, dev/ test collections. A student is trained on hard labels until it tells
passages apart, converted, and scores queries of dev/ with the documents whose words are most like theirs: f32 as NumPy
has it, and in 8 bits in nearly its order (0.995). Scores that random weights give say less: there the first digits
decide nothing.
--keep: checkpoints go there, and one that is there already is not trained again."""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small only make threads wait

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
import families
from families_parity import F32_DIFFERENCE, Failure, difference, expect, prepare, rank_correlation, run, score

import numpy as np

TRAINED_RANKS, BETTER = 0.995, 0.9  # of the loss on what is held out, before the first step
PAIRS, QUERIES, EACH = 2000, 25, 8
TRAINED_CHARACTERS = 250  # of a passage
MOST_CHARACTERS = 400  # of a document: no student's limit cuts them
COLLECTIONS = ("scifact", "squad-dev-a", "cranfield", "tldr", "cisi")
TAUGHT = ("prettr", "tk")  # by the cross-encoder that was trained before, with negatives drawn at random
JOIN = {"join-layer": 2}  # of the PreTTR here; the published one has 3
# name: SPEC, steps, rate, case of families/ that reads its layout
STUDENTS = {
    "bi-encoder": ("layers=0,5", 100, 5e-4, "sentence-mean"),
    "colbert": ("kind=colbert,layers=0,5", 100, 5e-4, "colbert-stanford"),
    "cross-encoder": ("kind=cross-encoder", 100, 5e-4, "cross-encoder"),
    "prettr": ("kind=prettr,join=2", 60, 2e-4, "prettr"),
    "tk": ("kind=tk,layers=2,hidden=96,heads=8,ffn=96", 300, 2e-4, "tk"),
    "lstm": ("kind=lstm,hidden=96,rank=96", 300, 5e-4, "lstm"),
    "cnn": ("kind=cnn,hidden=64,rank=96", 300, 5e-4, "cnn"),
    "static": ("kind=static,rank=128", 300, 5e-4, "static"),
}


def records(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def text_of(document):
    return (document.get("title", "") + " " + document["text"]).strip()


def judgements(folder, split):
    with open(os.path.join(folder, "qrels", split + ".tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    return [(query, document) for query, document, grade in rows if int(grade) > 0]


def write_training(folder, data):
    source = os.path.join(data, "train", "squad-train")
    queries = {record["_id"]: record["text"] for record in records(source, "queries.jsonl")}
    passages = {record["_id"]: text_of(record)[:TRAINED_CHARACTERS] for record in records(source, "corpus.jsonl")}
    pairs = random.Random(1).sample(judgements(source, "train"), PAIRS)
    with open(os.path.join(folder, "pairs.jsonl"), "w", encoding="utf-8") as file:
        for query, document in pairs:
            file.write(json.dumps({"query": queries[query], "passage": passages[document]}) + "\n")


def candidates(folder):
    """[(query, documents)]: some of a collection, each with the documents that share most words with it."""
    documents = [text_of(record)[:MOST_CHARACTERS] for record in records(folder, "corpus.jsonl")]
    words = [set(document.lower().split()) for document in documents]
    pairs = []
    for record in records(folder, "queries.jsonl")[:QUERIES // len(COLLECTIONS)]:
        asked = set(record["text"].lower().split())
        best = sorted(range(len(documents)), key=lambda i: -len(asked & words[i]))[:EACH]
        pairs.append((record["text"], [documents[i] for i in best]))
    return pairs


def teacher_of(options, name, out):
    trained = os.path.join(os.path.dirname(out), "cross-encoder")
    if name in TAUGHT and os.path.exists(trained):
        return ["--teacher", trained]
    return ["--teacher", options.teacher, "--teacher-model", options.model]


def train(options, teacher, training, spec, steps, rate, out):
    run(options.minnow, "distill", *teacher, "--student", spec, "--data", training, "--loss", "contrastive", "--role",
        "both", "--steps", str(steps), "--batch", "8", "--negatives", "3", "--held-out", "0.03", "--evaluate-every",
        str(steps // 2), "--rate", str(rate), "--cache", os.path.join(os.path.dirname(training), "vectors"), "-o", out)


def losses(out):
    """On what was held out: before the first step, and of the best student."""
    values = [record["held_out_loss"] for record in records(out + ".run", "metrics.jsonl")]
    return values[0], min(values)


def check(minnow, case, out, pairs):
    family, case = families.all_cases()[case]
    pairs = prepare(family, pairs)
    reference = family.load(out, **{**case.flags, **(JOIN if "join-layer" in case.flags else {})})
    expected = np.concatenate([reference(*pair) for pair in pairs])
    scores = {}
    for weights in ("f32", "s8"):
        model = f"{out}.{weights}.mnw"
        run(minnow, "convert", out, "-o", model, "--weights", weights)
        scores[weights] = score(pairs, minnow, "score", "-m", model)
    apart, ranks = difference(scores["f32"], expected), rank_correlation(scores["s8"], expected)
    first, best = losses(out)
    figures = (f"held-out loss {first:.3f} to {best:.3f}, f32 differs by {apart:.1g} of the largest, "
               f"s8 ranks {ranks:.4f}")
    expect(best <= BETTER * first and apart <= F32_DIFFERENCE and ranks >= TRAINED_RANKS, figures)
    return figures


def check_student(options, name, folder, pairs):
    spec, steps, rate, case = STUDENTS[name]
    out = os.path.join(options.keep or folder, name)
    if not os.path.exists(out):
        train(options, teacher_of(options, name, out), os.path.join(folder, "training"), spec, steps, rate, out)
    return check(options.minnow, case, out, pairs)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("TEACHER:")[0])
    for name in ("minnow", "teacher", "model", "data"):
        parser.add_argument(name)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    options = parser.parse_args()
    if not os.path.isdir(os.path.join(options.data, "train")):
        print(f"skipped: {options.data} is not here")
        return 0
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "training"))
        write_training(os.path.join(folder, "training"), options.data)
        pairs = [pair for name in COLLECTIONS for pair in candidates(os.path.join(options.data, "dev", name))]
        for name in (name for name in STUDENTS if options.only in name):
            try:
                print(f"ok: {name}: {check_student(options, name, folder, pairs)}", flush=True)
            except Failure as failure:
                failures += 1
                print(f"FAILED: {name}: {failure}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
