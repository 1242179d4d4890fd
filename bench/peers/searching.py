"""Exact search: every engine answers the same queries in turn, one thread each."""
import os
import subprocess

from encoding import median, say
from workers import Worker, WorkerError, first_cores

HERE = os.path.dirname(os.path.abspath(__file__))
NEAREST = 10
VECTORS, VECTORS_QUICK = 1_000_000, 100_000
NOTES = {
    "Minnow exact": "a byte a dimension, a scale a vector", "Minnow approximate": "signs first, then bytes",
    "FAISS flat f32": "the exact answer", "FAISS SQ8": "a byte a dimension, a range for each",
    "FAISS SQ8 signed direct": "a byte a dimension, one scale", "FAISS binary flat": "signs alone",
    "USearch exact int8": "a byte a dimension, one scale",
}


def make_data(options, folders, model, count):
    """The folder with vectors.f32 and queries.f32 of `count` vectors."""
    folder = os.path.join(folders.root, "search", str(count))
    if not os.path.exists(os.path.join(folder, "vectors.f32")):
        say(f"making {count} vectors")
        subprocess.run([folders.python(), os.path.join(HERE, "search_data.py"), os.path.join(options.build, "minnow"),
                        model, folder, str(count)], check=True)
    return folder


class Searcher:
    def __init__(self, name, command, log):
        self.name, self.times, self.found, self.failure, self.worker = name, [], {}, None, None
        try:
            self.worker = Worker(command, first_cores(1), log)
        except (OSError, WorkerError) as failure:
            self.failure = str(failure)
        say(f"{name}: {self.failure or self.worker.greeting}")

    def ask(self, query, counted):
        if self.failure:
            return
        try:
            micros, *found = self.worker.ask("search", query, NEAREST)
        except WorkerError as failure:
            self.failure = str(failure)
            return
        self.found[query] = found
        if counted:
            self.times.append(float(micros) / 1e3)


def recall(searcher, exact):
    if not exact or not exact.found or not searcher.found:
        return None
    shares = [len(set(found) & set(exact.found[query])) / NEAREST for query, found in searcher.found.items()]
    return sum(shares) / len(shares)


def entry(searcher, exact):
    return {"median_ms": median(searcher.times), "min_ms": min(searcher.times), "samples": len(searcher.times),
            "recall": recall(searcher, exact), "memory_mb": float(searcher.worker.greeting.split()[1]),
            "note": NOTES.get(searcher.name, "")}


def measure(searchers, queries, rounds):
    for number in range(rounds + 1):  # the first round warms
        for query in range(queries):
            for searcher in searchers:
                searcher.ask((query + 1) % queries, False)  # its memory is mapped and its core awake again
                searcher.ask(query, number > 0)


def run(commands, folders, dimensions, data, quick):
    """commands: {name: command without its data} -> (results, {name: failure})"""
    count = os.path.getsize(os.path.join(data, "vectors.f32")) // (4 * dimensions)
    files = [os.path.join(data, "vectors.f32"), os.path.join(data, "queries.f32"), str(dimensions)]
    searchers = [Searcher(name, [*command, *files], os.path.join(folders.root, "logs", name.replace(" ", "-") + ".log"))
                 for name, command in commands.items()]
    try:
        measure(searchers, 8 if quick else 32, 1 if quick else 4)
        exact = next((searcher for searcher in searchers if searcher.name == "FAISS flat f32"), None)
        return ({"vectors": count, "dimensions": dimensions,
                 "engines": {searcher.name: entry(searcher, exact) for searcher in searchers if searcher.times}},
                {searcher.name: searcher.failure for searcher in searchers if searcher.failure})
    finally:
        for searcher in searchers:
            if searcher.worker:
                searcher.worker.close()
