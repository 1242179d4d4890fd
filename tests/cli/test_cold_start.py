"""A fresh process: the time from its start to its first vector, and the most memory it has.

Environment: MINNOW (the program), MODEL (a model file), FIRST_VECTOR_MS (the limit; 15).
The model file is in the page cache. Where other work keeps the CPUs busy, a process that never waited for
one is as good as none: there its own CPU time is held against the limit, and both are printed.
"""
import json
import os
import random
import resource
import subprocess
import sys
import time

MINNOW, MODEL = os.environ["MINNOW"], os.environ["MODEL"]
LIMIT_MS = float(os.environ.get("FIRST_VECTOR_MS", "15"))
STARTS = 30
SINGLE_MB, BULK_MB = 12, 32  # beyond the model's size

WORDS = ("the river runs to a sea while engines compress files under warm light and cats sleep on old stone walls "
         "because bread is baked before morning by those who never asked why numbers grow").split()


def text(words, seed):
    drawn = random.Random(seed)
    return " ".join(drawn.choice(WORDS) for _ in range(words))


def once(texts, *options):
    """What `minnow bench --once` says, with the milliseconds from before its start, and of its CPU time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.clock_gettime(time.CLOCK_MONOTONIC)
    result = subprocess.run([MINNOW, "bench", "--once", "-m", MODEL, *options], input="\n".join(texts).encode() + b"\n",
                            stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(result.stdout)
    report["first_vector_ms"] = report["done_clock_ms"] - started * 1e3
    report["cpu_ms"] = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3
    assert report["texts"] == len(texts)
    return report


def first_vector():
    reports = [once(["how do I undo the last commit?"]) for _ in range(STARTS)]
    best, median = (sorted(r["first_vector_ms"] for r in reports)[i] for i in (0, STARTS // 2))
    cpu = min(r["cpu_ms"] for r in reports)
    steps = ", ".join(f"{name} {min(r[name + '_ms'] for r in reports):.2f}" for name in ("open", "session", "encode"))
    print(f"first vector after {best:.1f} ms at best, {median:.1f} ms in the median of {STARTS} starts; "
          f"{cpu:.1f} ms of CPU time to the end of the process; of these {steps} ms; limit {LIMIT_MS:g} ms")
    busy = os.getloadavg()[0] > 0.5 * os.cpu_count()
    return best <= LIMIT_MS or (busy and cpu <= LIMIT_MS)


def memory(what, limit_mb, texts, *options):
    size, peak = os.path.getsize(MODEL), once(texts, *options).get("peak_rss_bytes")
    if not peak:
        print("skipped: this system does not tell a process its peak of memory")
        return True
    print(f"{what}: {peak / 1e6:.1f} MB at most, {(peak - size) / 1e6:+.1f} MB to the model; "
          f"limit {limit_mb:+d} MB")
    return peak <= size + limit_mb * 1e6


def main():
    checks = [first_vector(),
              memory("one short text", SINGLE_MB, [text(6, 0)]),
              memory("one long text", SINGLE_MB, [text(250, 1)]),
              memory("400 texts, one thread", BULK_MB, [text(20 + i % 230, i) for i in range(400)]),
              memory("400 texts, two threads", BULK_MB, [text(20 + i % 230, i) for i in range(400)], "--threads", "2"),
              memory("2000 short texts, two threads", BULK_MB, [text(6, i) for i in range(2000)], "--threads", "2")]
    print("in order" if all(checks) else f"FAILED: {checks.count(False)} of {len(checks)}")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
