"""What a document costs with students of every kind beside the cross-encoder that teaches them, in one run.

Usage: students.py BUILD [--rounds N] [--threads N] [--documents FILE] [--check]
Makes checkpoints of random weights at the published sizes (speed does not depend on the weights), converts them to
8 bits, and lets BUILD/bench/students score the same documents with each in turn. Prints a Markdown table. --check fails
unless LSTM, CNN and TK students need at most a tenth of BERT_CAT's time. FILE: a text a line; built-in ones otherwise."""
import argparse
import os
import subprocess
import sys

import numpy

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "parity"))
import families  # noqa: E402
from families.parts import texts  # noqa: E402

WORDS = {"vocabulary": 30522, "width": 300, "hidden": 128, "pooling": "max", "splitter": "pieces"}
# Shown name, case of families/, shape where it differs from the published one, whether --check asks for a tenth.
STUDENTS = [
    ("BERT_CAT, 12 layers of 768", "bert-cat-bert", {}, False),
    ("DistilBERT_CAT, 6 layers of 768", "bert-cat", {}, False),
    ("PreTTR, 6 layers of 768, joined after 3", "prettr", {}, False),
    ("ColBERT, 12 layers of 768, 128 a token", "colbert-stanford", {}, False),
    ("TK, 2 layers of 300", "tk", {}, True),
    ("BiLSTM, 300 to 2 x 128", "lstm", WORDS, True),
    ("CNN, 300 to 3 x 128", "cnn", WORDS, True),
    ("static table, 256", "model2vec", {}, False),
]
QUERY = "small language models on phones"
TEXTS = [document for _, document in texts.BUILT_IN]
DOCUMENT_WORDS, DOCUMENTS = 100, 64


def convert(build, name, shape):
    """The model file of a student, made where it is missing."""
    family, case = families.all_cases()[name]
    folder = os.path.join(build, "students", name)
    model = folder + ".mnw"
    if not os.path.exists(model):
        random = numpy.random.default_rng(1)
        family.make(folder, random, texts.words([QUERY, *TEXTS]), **{**case.shape, **(case.published or {}), **shape})
        flags = [word for flag, value in case.flags.items()
                 for word in ("--" + flag, os.path.normpath(os.path.join(folder, value)) if flag == "base" else str(value))]
        subprocess.run([os.path.join(build, "minnow"), "convert", folder, "-o", model, *flags], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["rm", "-r", folder], check=True)
    return model


def write_documents(path):
    """Documents of words that every student's vocabulary holds."""
    words = " ".join(TEXTS).split()
    with open(path, "w") as file:
        for i in range(DOCUMENTS):
            start = 37 * i % len(words)
            file.write(" ".join((words[start:] + words * 3)[:DOCUMENT_WORDS]) + "\n")
    return path


def measure(arguments, models):
    documents = arguments.documents or write_documents(os.path.join(arguments.build, "students", "documents.txt"))
    out = subprocess.run([os.path.join(arguments.build, "bench", "students"), str(arguments.rounds),
                          str(arguments.threads), QUERY, documents, *models], check=True, stdout=subprocess.PIPE)
    return [line.split("\t")[1:] for line in out.stdout.decode().splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--documents")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(os.path.join(arguments.build, "students"), exist_ok=True)
    rows = measure(arguments, [convert(arguments.build, name, shape) for _, name, shape, _ in STUDENTS])
    print("| student, 8 bits | ms a document | times faster | million parameters | MB |\n|---|---|---|---|---|")
    slow = []
    for (shown, _, _, asked), (time_ms, ratio, parameters, size) in zip(STUDENTS, rows):
        print(f"| {shown} | {float(time_ms):.3f} | {float(ratio):.1f} | {int(parameters) / 1e6:.1f} | {int(size) / 1e6:.1f} |")
        slow += [shown] * (asked and float(ratio) < 10)
    if arguments.check and slow:
        sys.exit(f"less than 10 times as fast as BERT_CAT: {', '.join(slow)}")


if __name__ == "__main__":
    main()
