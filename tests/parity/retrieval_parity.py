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


def ndcg(minnow, model, folder):
    out = subprocess.run([minnow, "eval", folder, "-m", model, "--json"], check=True,
                         stdout=subprocess.PIPE).stdout
    return json.loads(out)["ndcg@10"]


def check(minnow, models, data, name):
    folder = os.path.join(data, "dev", name)
    f32, s8, s4 = (ndcg(minnow, model, folder) for model in models)
    good = abs(f32 - KNOWN[name]) <= 0.001 and abs(s8 - f32) <= 0.003 and s4 >= f32 - 0.01
    print(f"{'ok' if good else 'FAILED'}: {name}: nDCG@10 known {KNOWN[name]:.4f}, f32 {f32:.4f}, "
          f"s8 {s8:.4f} ({s8 - f32:+.4f}), s4 {s4:.4f} ({s4 - f32:+.4f})", flush=True)
    return good


def main(minnow, f32_model, s8_model, s4_model, data, everything):
    if not os.path.isdir(os.path.join(data, "dev")):
        print(f"skipped: {data} is not here")
        return 0
    names = KNOWN if everything else QUICK
    return 0 if all([check(minnow, (f32_model, s8_model, s4_model), data, name) for name in names]) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (6, 7):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:6], "--all" in sys.argv))
