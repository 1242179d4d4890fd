"""A paper's headline on real collections: students with its method beside students without, over seeds.

Usage: run.py BUILD DATA RECIPE [--seeds N] [--threads N] [--quick] [--out FILE]
RECIPE: embed_distill, lead, document_retrieval or margin_mse, a file here each. BUILD has minnow and all-MiniLM-L6-v2,
converted to f32 and to 8 bits. DATA has train/ and dev/. What was trained stays in BUILD/retention/RECIPE and in
BUILD/retention/common, and a run that was interrupted goes on. --quick: a few steps on a few texts, which shows that it works. FILE: the table, Markdown."""
import argparse
import importlib
import os
import statistics
import sys

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Lab  # noqa: E402

RECIPES = ("embed_distill", "lead", "document_retrieval", "margin_mse")


def spread(values):
    """Mean and standard deviation."""
    return f"{statistics.mean(values):.4f}" + (f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else "")


def figures_table(results):
    """results: for each seed, {arm: {figure: value}}."""
    arms = list(results[0])
    names = list(dict.fromkeys(name for arm in arms for name in results[0][arm]))
    yield "| student | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    for arm in arms:
        cells = [spread([result[arm][name] for result in results]) if name in results[0][arm] else "" for name in names]
        yield f"| {arm} | " + " | ".join(cells) + " |"


def claims_table(claims, results):
    """claims: (what the paper says, arm with its method, arm without, figure)."""
    yield "| with its method, less without | difference | better in |"
    yield "|---|---|---|"
    for says, method, without, figure in claims:
        gains = [result[method][figure] - result[without][figure] for result in results]
        better = sum(gain > 0 for gain in gains)
        yield f"| {says}: {method}, less {without} | {spread(gains)} | {better} of {len(gains)} seeds |"


def report(recipe, results, options):
    yield f"# {recipe.TITLE}\n"
    yield " ".join(recipe.__doc__.split()) + "\n"
    if options.quick:
        yield "A few steps on a few texts: this shows that it works, not what it gives.\n"
    yield f"{len(results)} seeds, mean ± standard deviation.\n"
    yield from figures_table(results)
    yield ""
    yield from claims_table(recipe.CLAIMS, results)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("data")
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out")
    options = parser.parse_args()
    if not os.path.isdir(os.path.join(options.data, "train")):
        print(f"skipped: {options.data} is not here")
        return
    recipe = importlib.import_module(options.recipe)
    lab = Lab(options.build, options.data, options.recipe, options.threads, options.quick)
    results = [recipe.measure(lab, seed) for seed in range(1, options.seeds + 1)]
    table = "\n".join(report(recipe, results, options)) + "\n"
    print(table)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(table)


if __name__ == "__main__":
    main()
