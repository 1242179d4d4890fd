"""What the built-in model keeps of its teacher, all-MiniLM-L6-v2: alone, and with its queries over the teacher's
documents.

Usage: default_model.py BUILD DATA [--threads N] [--model FILE] [--check]
BUILD has minnow and all-MiniLM-L6-v2, converted to f32 and to 8 bits; DATA has dev/. Prints a Markdown table. --check
fails where the mean of seven collections' nDCG@10 by the teacher's, each 1 at most, is below 0.92 alone or 0.96 with
the teacher's documents.
FILE: another student in its place."""
import argparse
import os
import sys

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import SETS, Lab, kept  # noqa: E402

DEFAULT = os.path.join("runtime", "default_model", "default.mnw")
LEAST = {"alone": 0.92, "queries": 0.96}
SHOWN = {"scifact": "SciFact", "cranfield": "Cranfield", "cacm": "CACM", "cisi": "CISI", "squad-dev-a": "SQuAD (dev)",
         "tldr": "tldr pages", "dbpedia-tiny": "DBpedia (5,000)"}


def measure(lab, student):
    """nDCG@10 of each collection: the teacher's, the student's, its queries' over the teacher's documents."""
    return {"teacher": lab.measure(lab.teacher + ".f32.mnw"), "alone": lab.measure(student),
            "queries": lab.measure(lab.teacher + ".mnw", student)}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("data")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not os.path.isdir(os.path.join(options.data, "dev")):
        print(f"skipped: {options.data} is not here")
        return 0
    lab = Lab(options.build, options.data, "default_model", options.threads)
    found = measure(lab, options.model)
    shares = {way: kept(found[way], found["teacher"]) for way in LEAST}
    print("| nDCG@10 | teacher, f32 | student alone | its queries, the 8-bit teacher's documents |\n|---|---|---|---|")
    for name in SETS:
        print(f"| {SHOWN[name]} | " + " | ".join(f"{found[way][name]:.4f}" for way in found) + " |")
    print("| kept, mean of seven | 100% | " + " | ".join(f"{100 * shares[way]:.1f}%" for way in LEAST) + " |")
    return 1 if options.check and any(shares[way] < least for way, least in LEAST.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
