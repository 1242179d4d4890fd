"""The table of one run, from its results alone.

Usage: report.py RESULTS.json
"""
import json
import sys

import limits

SINGLE = ("8", "16", "128", "256")
WORKLOADS = (*SINGLE, "bulk")
HEADS = ("8 tokens", "16 tokens", "128 tokens", "256 tokens", "docs/s")


def time_ms(entry, workload, source="text"):
    """Median of one text, in bulk the mean of one text in the median run; None where it was not measured."""
    found = entry["bulk"] if workload == "bulk" else entry["single"].get(workload, {})
    return found[source]["median_ms"] if source in found else None


def short(number):
    if number is None:
        return "-"
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def shown_time(workload, ms):
    """Milliseconds of one text; in bulk, texts a second."""
    return short(1e3 / ms if workload == "bulk" and ms else ms)


def row(name, cells):
    return f"| {name} | " + " | ".join(cells) + " |"


def table(heads, rows):
    return "\n".join([row(heads[0], heads[1:]), "|" + "---|" * len(heads), *rows])


def threads_named(count):
    return f"{count} thread" if int(count) == 1 else f"{count} threads"


def threads_of(results):
    return sorted(results["encoding"], key=int)


def is_minnow(name):
    return name.startswith("Minnow")


# ---- Every encoder's times -----------------------------------------------------------------------

def limit_ms(results, threads, workload, kind="int8"):
    model, peak = results["model"], results["peaks"][threads]
    if workload != "bulk":
        return limits.encoding_ms(model, peak, int(workload), kind)
    counts = results["texts"]["tokens"]["bulk"][:results["bulk_texts"]]
    whole = limits.bulk_ms(model, peak, counts, kind)
    return whole / len(counts) if whole else None


def cosines(results, name):
    found = results["fidelity"].get("cosines", {}).get(name)
    return f"{found['mean']:.5f} / {found['worst']:.5f}" if found else "-"


def time_row(results, name):
    entries = [results["encoding"][threads].get(name) for threads in threads_of(results)]
    cells = [" / ".join(shown_time(workload, time_ms(entry, workload) if entry else None) for entry in entries)
             for workload in WORKLOADS]
    memory = entries[0]["peak_memory_mb"] if entries[0] else None
    return row(name, [*cells, cosines(results, name), short(memory)])


def limit_row(results, kind):
    cells = [" / ".join(shown_time(workload, limit_ms(results, threads, workload, kind))
                        for threads in threads_of(results)) for workload in WORKLOADS]
    return row(f"limit of this machine, {kind}", [*cells, "", ""])


def time_table(results):
    first = results["encoding"][threads_of(results)[0]]
    rows = [limit_row(results, "int8")] + [time_row(results, name) for name in first] + [limit_row(results, "f32")]
    return table(["ms, " + " / ".join(map(threads_named, threads_of(results))),
                  *HEADS, "cosine to f32, mean / worst", "peak MB"], rows)


# ---- Minnow against the best of its class ---------------------------------------------------------

def best_peer(results, threads, workload, kind, source):
    """(ms, name) of the fastest peer of a class, or None."""
    found = [(time_ms(entry, workload, source), name) for name, entry in results["encoding"][threads].items()
             if entry["class"] == kind and not is_minnow(name) and time_ms(entry, workload, source)]
    return min(found) if found else None


def ratio_cell(results, threads, name, workload, source):
    entry = results["encoding"][threads][name]
    best, own = best_peer(results, threads, workload, entry["class"], source), time_ms(entry, workload)
    return f"{best[0] / own:.2f}x {best[1]}" if best and own else "-"


def limit_cell(results, threads, name, workload):
    entry = results["encoding"][threads][name]
    own = time_ms(entry, workload)
    limit = limit_ms(results, threads, workload, "f32" if entry["class"] == "f32" else "int8")
    return f"{100 * limit / own:.0f}%" if own and limit else "-"


def ratio_rows(results, threads, name):
    entry, label = results["encoding"][threads][name], f"{name}, {threads_named(threads)}"
    rows = []
    for source, what in (("text", "times faster than the best peer"), ("ids", "the same, that peer given token ids")):
        cells = [ratio_cell(results, threads, name, workload, source) for workload in WORKLOADS]
        if any(cell != "-" for cell in cells):
            rows.append(row(f"{label}: {what} of class {entry['class']}" if source == "text" else f"{label}: {what}",
                            cells))
    rows.append(row(f"{label}: of the limit", [limit_cell(results, threads, name, workload) for workload in WORKLOADS]))
    return rows


def ratio_table(results):
    rows = [line for threads in threads_of(results) for name in results["encoding"][threads] if is_minnow(name)
            for line in ratio_rows(results, threads, name)]
    return table(["Minnow", *HEADS], rows)


# ---- Search, peaks, and what a reader must know -----------------------------------------------------

def search_table(results):
    search = results["search"]
    own = search["engines"].get("Minnow exact", {}).get("median_ms")
    rows = []
    for name, entry in search["engines"].items():
        recall = f"{entry['recall']:.4f}" if entry["recall"] is not None else "-"
        ratio = f"{entry['median_ms'] / own:.2f}" if own else "-"
        rows.append(row(name, [short(entry["median_ms"]), ratio, recall, short(entry["memory_mb"]), entry["note"]]))
    limit = limits.reading_ms(results["peaks"]["1"], search["vectors"] * search["dimensions"])
    rows.append(row("reading a byte a dimension", [short(limit), f"{limit / own:.2f}" if own else "-", "", "",
                                                   "at the measured bandwidth"]))
    return table([f"top 10 of {search['vectors']:,} x {search['dimensions']}, 1 thread", "median ms",
                  "times Minnow exact", "recall@10 of f32", "vectors MB", ""], rows)


def peak_table(results):
    threads = list(results["peaks"])
    first = results["peaks"][threads[0]]
    rows = [row(f"{name}, 10^9 multiply-adds a second", [short(results["peaks"][count]["gmac_s"][name])
                                                        for count in threads]) for name in first["gmac_s"]]
    rows += [row(f"reading {int(size):,} KB, GB/s", [short(results["peaks"][count]["gb_s"][size]) for count in threads])
             for size in first["gb_s"]]
    return table(["measured peak", *map(threads_named, threads)], rows)


def missing_list(results):
    failed = {f"{name}, {threads_named(threads)}": entry["failure"] for threads, found in results["encoding"].items()
              for name, entry in found.items() if entry["failure"]}
    lines = [f"- {name}: {reason}" for name, reason in {**results["missing"], **failed}.items()]
    return "\n".join(["Missing here, and why:", *lines]) if lines else ""


def notes(results):
    greetings = [entry["greeting"] for entry in results["encoding"][threads_of(results)[0]].values()
                 if entry["greeting"] and entry["greeting"].startswith("ready Minnow")]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [
        f"{results['date']}, {results['cpu']}, {results['cpus']} CPUs, {results['system']}, "
        f"commit {results['commit']}, load before the run {results['load_before']}.",
        *(f"{greeting[6:]}." for greeting in greetings),
        f"Peers: {versions}." if versions else "Minnow alone.",
        "Medians of samples taken in turns, one process each, the others stopped meanwhile. Text in, vector out: "
        "making tokens is part of every time, except where \"given token ids\" says that the peer had them ready "
        "(Minnow never has). docs/s: texts of 32 to 256 tokens, each peer with its best way to batch them.",
        f"Texts: {results['texts']['origin']}. Cosines are to {results['fidelity'].get('reference') or 'nothing'}.",
    ]
    if results["quick"]:
        lines.insert(0, "**A quick look, with too few samples for a claim.**")
    return "\n".join(lines)


def report(results):
    parts = ["# Encoding and search, beside the peers", notes(results), time_table(results), ratio_table(results)]
    if results["search"]:
        parts.append(search_table(results))
    parts += [peak_table(results), missing_list(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as source:
        print(report(json.load(source)), end="")
