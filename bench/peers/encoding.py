"""Time and fidelity of every encoder, interleaved: each is asked for a few samples in turn, round after round."""
import array
import math
import os
import sys

from workers import Worker, WorkerError, first_cores

SINGLE = ("8", "16", "128", "256")
# One visit: samples before those that count, samples that count.
WARM_MS, WARM_LEAST, WARM_MOST = 6, 2, 8
COUNTED_MS, COUNTED_LEAST, COUNTED_MOST = 20, 2, 24
SLOW = 4  # times the fastest


def say(text):
    print(text, file=sys.stderr, flush=True)


def at_most(budget_ms, one_ms, least, most):
    return max(least, min(most, int(budget_ms / max(one_ms, 1e-3))))


class Encoder:
    """One worker, what it measured, and why it stopped, if it did."""

    def __init__(self, name, kind, command, cores, log, home, both):
        self.name, self.kind, self.failure = name, kind, None
        self.sources = ("text", "ids") if both else ("text",)
        self.times, self.bulk_times, self.batching, self.estimate = {}, {}, (1, 1), {}
        try:
            self.worker = Worker(command, cores, log, {"HOME": home})
        except (OSError, WorkerError) as failure:
            self.worker, self.failure = None, str(failure)

    def ask(self, *words):
        """None, and no more requests, after an error."""
        if self.failure:
            return None
        try:
            return self.worker.ask(*words)
        except WorkerError as failure:
            self.failure = f"{words[0]}: {failure}"
            say(f"{self.name}: {self.failure}")
            return None

    def visit(self, workload, source):
        known = self.estimate.get((workload, source), 1e3)
        warm = at_most(WARM_MS, known, WARM_LEAST, WARM_MOST)
        answer = self.ask("single", workload, warm + at_most(COUNTED_MS, known, COUNTED_LEAST, COUNTED_MOST), source)
        if answer:
            times = [float(time) / 1e3 for time in answer[warm:]]
            self.estimate[workload, source] = min(times)
            self.times.setdefault((workload, source), []).extend(times)

    def choose_batching(self, threads):
        """The fastest of a few ways on the first 32 texts; the first try of each warms up."""
        tried = []
        ways = [(batch, 1) for batch in (1, 4, 8, 32)]
        if threads > 1:
            ways += [(batch, threads) for batch in (1, 4, 8)]
        for batch, lanes in ways:
            seconds = [self.try_batching(batch, lanes) for _ in range(2)]
            if all(seconds):
                tried.append((min(seconds), (batch, lanes)))
        if tried:
            self.batching = min(tried)[1]

    def try_batching(self, batch, lanes):
        if self.failure:
            return None
        try:
            return float(self.worker.ask("bulk", batch, lanes, 32, "text")[0])
        except WorkerError as failure:
            if self.worker.process.poll() is not None:
                self.failure = f"bulk: {failure}"
            return None  # a way that it does not have

    def bulk(self, texts, source):
        answer = self.ask("bulk", *self.batching, texts, source)
        if answer:
            self.bulk_times.setdefault(source, []).append(float(answer[0]) * 1e3 / texts)

    def close(self):
        if self.worker:
            self.worker.close()


def median(values):
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def summary(times):
    return {"median_ms": median(times), "min_ms": min(times), "samples": len(times)}


def nested(pairs):
    """{(a, b): times} -> {a: {b: summary}}"""
    made = {}
    for (outer, inner), times in pairs.items():
        made.setdefault(outer, {})[inner] = summary(times)
    return made


def read_vectors(path, count):
    values = array.array("f")
    with open(path, "rb") as file:
        values.frombytes(file.read())
    size = len(values) // count
    return [values[i * size:(i + 1) * size] for i in range(count)]


def cosine(a, b):
    return math.sumprod(a, b) / math.sqrt(math.sumprod(a, a) * math.sumprod(b, b)) if hasattr(math, "sumprod") else \
        sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def fidelity(encoders, folder):
    """{name: {mean, worst}} of the cosine to the first f32 encoder, whose name comes too."""
    vectors = {}
    for encoder in encoders:
        path = os.path.join(folder, encoder.name.replace(" ", "-") + ".f32")
        answer = encoder.ask("vectors", "fidelity", path)
        if answer:
            vectors[encoder.name] = read_vectors(path, int(answer[0]))
    exact = [encoder.name for encoder in encoders if encoder.kind == "f32" and encoder.name in vectors]
    if not exact:
        return None, {}
    reference = exact[-1]
    cosines = {name: [cosine(a, b) for a, b in zip(made, vectors[reference])] for name, made in vectors.items()}
    return reference, {name: {"mean": sum(found) / len(found), "worst": min(found)} for name, found in cosines.items()}


def is_slow(encoder, encoders):
    """Far behind in bulk: two rounds say enough, and would cost as much time as all the others together."""
    best = [min(other.bulk_times["text"]) for other in encoders if other.bulk_times.get("text")]
    return bool(encoder.bulk_times.get("text")) and min(encoder.bulk_times["text"]) > SLOW * min(best)


def measure(encoders, threads, effort):
    for number in range(effort.rounds):
        for workload in SINGLE:
            for encoder in encoders:
                for source in encoder.sources:
                    encoder.visit(workload, source)
        say(f"{threads} threads: round {number + 1} of {effort.rounds}")
    for encoder in encoders:
        encoder.choose_batching(threads)
    for number in range(effort.bulk_rounds):
        for encoder in encoders:
            if number > 1 and is_slow(encoder, encoders):
                continue
            for source in encoder.sources:
                encoder.bulk(effort.bulk_texts, source)
        say(f"{threads} threads: bulk {number + 1} of {effort.bulk_rounds}")


def results(encoders):
    made = {}
    for encoder in encoders:
        memory = encoder.ask("memory")
        made[encoder.name] = {
            "class": encoder.kind, "failure": encoder.failure, "single": nested(encoder.times),
            "bulk": {source: summary(times) for source, times in encoder.bulk_times.items()},
            "batching": list(encoder.batching), "peak_memory_mb": int(memory[0]) / 1024 if memory else None,
            "greeting": encoder.worker.greeting if encoder.worker else None}
    return made


def run(commands, threads, effort, root, with_fidelity):
    """commands: [(name, class, command, is Minnow)] -> (results by name, (reference, fidelity by name))"""
    logs = os.path.join(root, "logs")
    os.makedirs(logs, exist_ok=True)
    cores = first_cores(threads)
    encoders = []
    for name, kind, command, minnow in commands:
        log = os.path.join(logs, f"{name.replace(' ', '-')}-{threads}.log")
        encoders.append(Encoder(name, kind, command, cores, log, os.path.join(root, "home"),
                                both=not minnow and kind in ("int8", "int4")))
        say(f"{name}: {encoders[-1].failure or encoders[-1].worker.greeting}")
    try:
        exactness = fidelity(encoders, logs) if with_fidelity else (None, {})
        measure(encoders, threads, effort)
        return results(encoders), exactness
    finally:
        for encoder in encoders:
            encoder.close()
