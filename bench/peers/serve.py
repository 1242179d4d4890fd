"""One peer in one process, asked by lines on standard input. bench/worker.c speaks the same lines for Minnow.

Usage: serve.py PEER THREADS ROOT CHECKPOINT
    single WORKLOAD COUNT ids|text     -> ok and COUNT times in microseconds, a text each, in turn
    bulk BATCH LANES COUNT ids|text    -> ok and the seconds that the first COUNT texts of `bulk` took
    vectors WORKLOAD FILE              -> ok and the count of texts whose vectors (f32) are in FILE
    memory                             -> ok and the peak of resident memory in kilobytes
`ids`: tokens are ready before the clock starts; `text`: making them is part of the time.
An answer is one line, "ok ..." or "error ...".
"""
import os
import resource
import sys
import time

PEER, THREADS = sys.argv[1], int(sys.argv[2])
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["RAYON_NUM_THREADS"] = str(THREADS)
os.environ["TOKENIZERS_PARALLELISM"] = "true" if THREADS > 1 else "false"
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(THREADS)
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what libraries print is no answer

from concurrent.futures import ThreadPoolExecutor

import numpy

from folders import Folders
from peers import engine_module, find

clock = time.perf_counter


def batches(ids, size, most_tokens):
    """Sorted by length, so that little is padded, and cut."""
    groups, room = [], 0
    for row in sorted(ids, key=len, reverse=True):
        if not groups or len(groups[-1]) == size or len(row) > room:
            groups.append([])
            room = most_tokens
        groups[-1].append(row)
        room -= len(row)
    return groups


class Server:
    def __init__(self, folders, engine):
        self.folders, self.engine = folders, engine
        self.texts, self.lanes, self.ready = {}, {}, {}
        self.only_texts = hasattr(engine, "encode")

    def texts_of(self, workload):
        if workload not in self.texts:
            self.texts[workload] = self.folders.read_texts(workload)
        return self.texts[workload]

    def prepared(self, workload):
        if workload not in self.ready:
            ids = self.engine.tokenize(self.texts_of(workload))
            self.ready[workload] = [self.engine.prepare([row]) for row in ids]
        return self.ready[workload]

    def encode_text(self, text):
        """Seconds."""
        started = clock()
        if self.only_texts:
            self.engine.encode([text], 1)
            return clock() - started
        batch = self.engine.prepare(self.engine.tokenize([text]))
        self.engine.run(batch)
        took = clock() - started
        self.engine.release(batch)
        return took

    def run_ready(self, batch):
        started = clock()
        self.engine.run(batch)
        return clock() - started

    def single(self, workload, count, source):
        if source == "ids":
            items, encode = self.prepared(workload), self.run_ready
        else:
            items, encode = self.texts_of(workload), self.encode_text
        return " ".join(f"{encode(items[i % len(items)]) * 1e6:.1f}" for i in range(int(count)))

    def make_batches(self, texts, size):
        groups = batches(self.engine.tokenize(texts), size, self.engine.largest_batch_tokens)
        return [self.engine.prepare(group) for group in groups]

    def drain(self, work, lanes):
        if lanes == 1:
            for batch in work:
                self.engine.run(batch)
            return
        if lanes not in self.lanes:
            self.lanes[lanes] = self.engine.lanes(lanes), ThreadPoolExecutor(lanes)
        functions, pool = self.lanes[lanes]
        rest = iter(work)  # next() of a list's iterator is atomic
        list(pool.map(lambda function: [function(batch) for batch in rest], functions))

    def bulk(self, size, lanes, count, source):
        texts, size, lanes = self.texts_of("bulk")[:int(count)], int(size), int(lanes)
        if self.only_texts:
            started = clock()
            self.engine.encode(texts, size)
            return f"{clock() - started:.6f}"
        work = self.make_batches(texts, size) if source == "ids" else None
        started = clock()
        work = work or self.make_batches(texts, size)
        self.drain(work, lanes)
        took = clock() - started
        for batch in work:
            self.engine.release(batch)
        return f"{took:.6f}"

    def vectors(self, workload, path):
        if self.only_texts:
            made = self.engine.encode(self.texts_of(workload), 1)
        else:
            made = numpy.concatenate([self.engine.run(batch) for batch in self.prepared(workload)])
        numpy.asarray(made, numpy.float32).tofile(path)
        return len(made)

    def memory(self):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def answer(self, line):
        name, *arguments = line.split()
        if name not in ("single", "bulk", "vectors", "memory"):
            return f"error no request {name!r}"
        try:
            return f"ok {getattr(self, name)(*arguments)}"
        except Exception as error:  # the runner reports it and goes on with the other peers
            return "error " + repr(error).replace("\n", " ")[:300]


def main():
    engine, variant, _ = find(PEER)
    folders = Folders(*sys.argv[3:5])
    server = Server(folders, engine_module(engine).Engine(folders, variant, THREADS))
    print("ready", file=ANSWERS)
    for line in sys.stdin:
        print(server.answer(line), file=ANSWERS)
    ANSWERS.flush()
    os._exit(0)  # some peers crash on their way out


if __name__ == "__main__":
    main()
