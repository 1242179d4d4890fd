"""Triples in the form that Margin-MSE's teacher scores are published in: pos_score neg_score query passage passage."""
import json
import os
import random
import subprocess

import numpy

CANDIDATES = 50  # the bi-encoder's best passages, of which one that is not relevant is drawn


def vectors(minnow, model, texts, role, threads):
    given = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    done = subprocess.run([minnow, "encode", "-m", model, "--role", role, "--output-format", "f32", "--threads",
                           str(threads)], input=given.encode(), stdout=subprocess.PIPE, check=True)
    return numpy.frombuffer(done.stdout, dtype="<f4").reshape(len(texts), -1)


def draw(minnow, model, path, count, threads):
    """[(query, relevant passage, another)]: the other is among those that the bi-encoder finds best."""
    rng = random.Random(1)
    with open(path, encoding="utf-8") as file:
        pairs = [(record["query"], record["passage"]) for record in map(json.loads, file)][:count]
    passages = list(dict.fromkeys(passage for _, passage in pairs))
    found = vectors(minnow, model, passages, "document", threads)
    asked = vectors(minnow, model, [query for query, _ in pairs], "query", threads)
    triples = []
    for row, (query, relevant) in enumerate(pairs):
        best = numpy.argsort(-(found @ asked[row]), kind="stable")[:CANDIDATES]
        triples.append((query, relevant, rng.choice([passages[i] for i in best if passages[i] != relevant])))
    return triples


def score(minnow, model, triples, threads):
    """[(of the relevant passage, of the other)]"""
    given = "".join(json.dumps({"query": query, "documents": both}) + "\n" for query, *both in triples)
    done = subprocess.run([minnow, "score", "-m", model, "--threads", str(threads)], input=given.encode(),
                          stdout=subprocess.PIPE, check=True)
    return [json.loads(line)["scores"] for line in done.stdout.splitlines()]


def write(path, scores, triples):
    with open(path + ".new", "w", encoding="utf-8") as file:
        for (relevant, other), texts in zip(scores, triples):
            file.write("\t".join([repr(relevant), repr(other), *texts]) + "\n")
    os.replace(path + ".new", path)
