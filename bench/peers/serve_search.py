"""One search engine in one process, asked by lines on standard input.

Usage: serve_search.py PEER VECTORS QUERIES DIMENSIONS      files of f32, row by row
    search QUERY COUNT      -> ok, microseconds, and the numbers of the COUNT nearest vectors, best first
It greets with "ready MEGABYTES": what its vectors take.
"""
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what libraries print is no answer

import numpy

from peers import engine_module, find


def rows(path, dimensions):
    return numpy.memmap(path, numpy.float32, "r").reshape(-1, dimensions)


def answer(engine, queries, line):
    name, query, count = line.split()
    if name != "search":
        return f"error no request {name!r}"
    prepared, count = engine.prepare(queries[int(query):int(query) + 1]), int(count)
    started = time.perf_counter()
    found = engine.search(prepared, count)
    took = time.perf_counter() - started
    return f"ok {took * 1e6:.1f} " + " ".join(str(int(key)) for key in found)


def main(peer, vectors, queries, dimensions):
    name, variant, _ = find(peer)
    engine = engine_module(name).SearchEngine(variant, rows(vectors, int(dimensions)))
    print(f"ready {engine.memory_bytes / 1e6:.1f}", file=ANSWERS)
    queries = rows(queries, int(dimensions))
    for line in sys.stdin:
        try:
            print(answer(engine, queries, line), file=ANSWERS)
        except Exception as error:  # the runner reports it
            print("error " + repr(error).replace("\n", " ")[:300], file=ANSWERS)


if __name__ == "__main__":
    main(*sys.argv[1:])
