"""Minnow and its peers in one run, interleaved; prints the table and writes bench/results/<date>-<cpu>.{md,json}.

Usage: run.py BUILD --model NAME=CLASS=FILE ... [--peers yes|no] [--threads 1,2] [--only NAME,...] [--quick]
              [--no-search] [--output FOLDER]
"""
import argparse
import collections
import datetime
import glob
import json
import os
import re
import subprocess
import sys

import encoding
import report
import searching
from folders import Folders
from packages import ENGINES
from peers import ENCODERS, SEARCHERS, find

HERE = os.path.dirname(os.path.abspath(__file__))
Effort = collections.namedtuple("Effort", "rounds bulk_rounds bulk_texts")
FULL, QUICK = Effort(12, 5, 256), Effort(3, 1, 64)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=CLASS=FILE")
    parser.add_argument("--peers", choices=["yes", "no"], default="yes")
    parser.add_argument("--threads", default=None, help="numbers of threads, 1 and the physical cores up to 2")
    parser.add_argument("--only", help="these peers, by name")
    parser.add_argument("--quick", action="store_true", help="a look: too few samples for a claim")
    parser.add_argument("--no-search", action="store_true")
    parser.add_argument("--output", help="bench/results; of a quick or partial run BUILD/peers/results")
    options = parser.parse_args()
    partial = options.quick or options.only or options.no_search and options.peers == "yes"
    options.output = options.output or os.path.join(*([options.build, "peers"] if partial else ["bench"]), "results")
    return options


def missing_engines(folders):
    """{engine: reason}"""
    reasons = {}
    for path in glob.glob(os.path.join(folders.state, "*.json")):
        with open(path, encoding="utf-8") as file:
            reasons[os.path.basename(path)[:-5]] = json.load(file)["missing"]
    return reasons


def split_missing(table, folders, chosen):
    """(names that can run, {name: reason})"""
    reasons, missing = missing_engines(folders), {}
    for name, (engine, _, _) in table.items():
        reason = reasons.get(engine, "not installed: run bench/peers/install.py")
        if reason:
            missing[name] = reason
    names = [name for name in table if name not in missing and (not chosen or name in chosen)]
    return names, {name: reason for name, reason in missing.items() if not chosen or name in chosen}


def encoder_commands(options, folders, names, threads):
    made = []
    for model in options.model:
        name, kind, path = model.split("=", 2)
        made.append((name, kind, [os.path.join(options.build, "bench", "worker"), path, str(threads), folders.texts],
                     True))
    for name in names:
        made.append((name, find(name)[2], [folders.python(), os.path.join(HERE, "serve.py"), name, str(threads),
                                           folders.root, folders.checkpoint], False))
    return made


def search_commands(options, folders, names):
    """{name: command, up to the files}"""
    made = {name: [folders.python(), os.path.join(HERE, "serve_search.py"), name] for name in names}
    own = os.path.join(options.build, "bench", "search")
    if os.path.exists(own):
        made = {**{f"Minnow {mode}": [own, "--serve", mode] for mode in ("exact", "approximate")}, **made}
    return made


def measure_search(options, folders, chosen, results):
    names, missing = split_missing(SEARCHERS, folders, chosen)
    results["missing"].update(missing)
    results["versions"].update(versions(folders, names))
    count = searching.VECTORS_QUICK if options.quick else searching.VECTORS
    data = searching.make_data(options, folders, options.model[0].split("=", 2)[2], count)
    commands = search_commands(options, folders, names)
    results["search"], failures = searching.run(commands, folders, results["model"]["hidden"], data, options.quick)
    results["missing"].update(failures)


def output_of(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else os.uname().machine


def versions(folders, names):
    shown = sorted({ENGINES[find(name)[0]].shown for name in names})
    code = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    found = output_of([folders.python(), "-c", code, *shown]) if shown else "{}"
    return json.loads(found) if found.startswith("{") else {}


def model_shape(folders):
    config = folders.config()
    return {"hidden": config["hidden_size"], "layers": config["num_hidden_layers"],
            "intermediate": config["intermediate_size"]}


def thread_counts(options):
    if options.threads:
        return [int(count) for count in options.threads.split(",")]
    cores = len(encoding.first_cores(1024))
    return [1, 2] if cores > 1 else [1]


def measure_encoders(options, folders, names, results):
    effort = QUICK if options.quick else FULL
    for threads in thread_counts(options):
        peak = json.loads(subprocess.check_output([os.path.join(options.build, "peak"), str(threads)]))
        commands = encoder_commands(options, folders, names, threads)
        first = not results["encoding"]
        found, (reference, exactness) = encoding.run(commands, threads, effort, folders.root, first)
        if first:
            results["fidelity"] = {"reference": reference, "cosines": exactness}
        results["peaks"][str(threads)], results["encoding"][str(threads)] = peak, found


def describe(options, folders):
    with open(os.path.join(folders.texts, "texts.json"), encoding="utf-8") as file:
        texts = json.load(file)
    effort = QUICK if options.quick else FULL
    return {"date": datetime.date.today().isoformat(), "cpu": cpu_name(), "cpus": os.cpu_count(),
            "system": f"{os.uname().sysname} {os.uname().release}", "load_before": round(os.getloadavg()[0], 1),
            "commit": output_of(["git", "describe", "--always", "--dirty"]), "quick": options.quick,
            "texts": texts, "bulk_texts": effort.bulk_texts, "model": model_shape(folders),
            "peaks": {}, "encoding": {}, "fidelity": {}, "search": {}, "missing": {}}


def write(results, folder):
    cpu = re.sub(r"[^a-z0-9]+", "-", results["cpu"].lower()).strip("-")
    path = os.path.join(folder, f"{results['date']}-{cpu}")
    os.makedirs(folder, exist_ok=True)
    with open(path + ".json", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")
    text = report.report(results)
    with open(path + ".md", "w", encoding="utf-8") as file:
        file.write(text)
    print(text)
    print(f"written: {path}.md and .json", file=sys.stderr)


def main():
    options = arguments()
    folders = Folders(os.path.join(options.build, "peers"), os.path.join(options.build, "all-MiniLM-L6-v2"))
    results = describe(options, folders)
    chosen = options.only.split(",") if options.only else None
    names, results["missing"] = split_missing(ENCODERS, folders, chosen) if options.peers == "yes" else ([], {})
    results["versions"] = versions(folders, names)
    measure_encoders(options, folders, names, results)
    if options.peers == "yes" and not options.no_search:
        measure_search(options, folders, chosen, results)
    write(results, options.output)


if __name__ == "__main__":
    main()
