"""nDCG@10 on test collections: f32 against the known figures, s8 and s4 against f32.

Usage: retrieval_parity.py MINNOW F32_MODEL S8_MODEL S4_MODEL DATA [--all]
Without --all only the collections that take seconds.
"""
import json
import os
import subprocess
import sys

# all-MiniLM-L6-v2, 256 tokens, exact cosine (DATA/README.md).
KNOWN = {"adi": 0.4975, "cacm": 0.4093, "cisi": 0.4071, "cranfield": 0.3736, "dbpedia-tiny": 0.5114,
         "pubmedqa": 0.9847, "scifact": 0.6451, "squad-dev-a": 0.7780, "tldr": 0.4679}
QUICK = ("adi", "cacm")


def evaluate(minnow, model, folder):
    out = subprocess.run([minnow, "eval", folder, "-m", model, "--json"], check=True,
                         stdout=subprocess.PIPE).stdout
    return json.loads(out)


def check(minnow, models, data, name):
    """Of few queries, one that swaps its tenth document for its eleventh moves the mean by more than 0.003."""
    results = [evaluate(minnow, model, os.path.join(data, "dev", name)) for model in models]
    f32, s8, s4 = (result["ndcg@10"] for result in results)
    queries = results[0]["queries"]
    limit8, limit4 = max(0.003, 0.5 / queries), max(0.01, 1 / queries)
    good = abs(f32 - KNOWN[name]) <= 0.001 and abs(s8 - f32) <= limit8 and s4 >= f32 - limit4
    print(f"{'ok' if good else 'FAILED'}: {name}, {queries} queries: nDCG@10 known {KNOWN[name]:.4f}, f32 {f32:.4f}, "
          f"s8 {s8:.4f} ({s8 - f32:+.4f}, limit {limit8:.4f}), s4 {s4:.4f} ({s4 - f32:+.4f}, limit {limit4:.4f})",
          flush=True)
    return good, s8 - f32, s4 - f32


def main(minnow, f32_model, s8_model, s4_model, data, everything):
    if not os.path.isdir(os.path.join(data, "dev")):
        print(f"skipped: {data} is not here")
        return 0
    checks = [check(minnow, (f32_model, s8_model, s4_model), data, name) for name in (KNOWN if everything else QUICK)]
    good = all(passed for passed, _, _ in checks)
    if everything:
        mean8, mean4 = (sum(values) / len(checks) for values in list(zip(*checks))[1:])
        good &= abs(mean8) <= 0.002 and mean4 >= -0.01
        print(f"mean over the collections: s8 {mean8:+.4f}, s4 {mean4:+.4f}")
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) not in (6, 7):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:6], "--all" in sys.argv))
