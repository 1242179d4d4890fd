"""A million vectors to search: real embeddings, mixed in pairs, with noise; and real queries.

Usage: search_data.py MINNOW MODEL FOLDER COUNT      writes FOLDER/{vectors,queries}.f32, row by row
Needs NumPy: run it in the peers' virtual environment.
"""
import json
import os
import random
import subprocess
import sys

import numpy

import texts

BASES, QUERIES = 6000, 64
CHUNK = 50_000
NOISE = 0.3  # of a vector's length


def encode(minnow, model, role, lines):
    command = [minnow, "encode", "-m", model, "--role", role, "--output-format", "f32", "--threads", "2", "-"]
    out = subprocess.run(command, input="".join(json.dumps({"text": line[:1000]}) + "\n" for line in lines).encode(),
                         capture_output=True, check=True).stdout
    return numpy.frombuffer(out, numpy.float32).reshape(len(lines), -1)


def mix(bases, draw, count):
    """Between two real vectors, nearer to the first, and noise in every direction."""
    first, second = draw.integers(0, len(bases), (2, count))
    weight = draw.uniform(0.5, 1, (count, 1)).astype(numpy.float32)
    noise = draw.standard_normal((count, bases.shape[1]), numpy.float32) * (NOISE / bases.shape[1] ** 0.5)
    mixed = bases[first] * weight + bases[second] * (1 - weight) + noise
    return mixed / numpy.linalg.norm(mixed, axis=1, keepdims=True)


def main(minnow, model, folder, count):
    queries, documents, _ = texts.sources()
    shuffle = random.Random(5)
    shuffle.shuffle(queries)
    shuffle.shuffle(documents)
    bases = encode(minnow, model, "document", documents[:BASES])
    os.makedirs(folder, exist_ok=True)
    encode(minnow, model, "query", queries[:QUERIES]).tofile(os.path.join(folder, "queries.f32"))
    draw = numpy.random.default_rng(6)
    with open(os.path.join(folder, "vectors.f32.part"), "wb") as file:
        for first in range(0, int(count), CHUNK):
            mix(bases, draw, min(CHUNK, int(count) - first)).tofile(file)
    os.rename(os.path.join(folder, "vectors.f32.part"), os.path.join(folder, "vectors.f32"))


if __name__ == "__main__":
    main(*sys.argv[1:])
