"""Students whose vectors are not compared by a product but by a small network, as Minnow trains them: modules of
sentence-transformers and, beside them, the folder minnow_head."""
import os

import numpy as np
from make_checkpoints import linear, write_json

from families import sentence as encoders
from families import words as students
from families.parts import checkpoint, reading, scoring, sentence, transformer
from families.parts.case import Case

CASES = {
    "compare-lstm": Case({"student": {"layer": "LSTM", "hidden": 30, "splitter": "pieces"}}),
    "compare-cnn": Case({"student": {"layer": "CNN", "hidden": 16, "pooling": "max", "activation": "relu"},
                         "hidden": 17}),
    "compare-transformer": Case({"student": {}, "hidden": 64}),
}


def make(folder, random, words, student, hidden=40):
    """student: what words.py makes, or sentence.py where it names no layer."""
    (students if "layer" in student else encoders).make(folder, random, words, **student)
    width = sentence.read_encoder(folder, "query")(" ".join(words)).shape[0]
    head = os.path.join(folder, "minnow_head")
    write_json(head, "config.json", {"type": "compare", "hidden": hidden})
    tensors = {**linear(random, "hidden", hidden, 4 * width), **linear(random, "output", 1, hidden)}
    checkpoint.write_weights(head, tensors, "safetensors")


def load(folder):
    weights = reading.read_weights(os.path.join(folder, "minnow_head"))

    def compare(u, v):
        wide = np.maximum(transformer.linear(weights, "hidden", np.concatenate([u, v, np.abs(u - v), u * v])), 0)
        return float(transformer.linear(weights, "output", wide)[0])
    return scoring.of_each(sentence.read_encoder(folder, "query"), sentence.read_encoder(folder, "document"), compare)
