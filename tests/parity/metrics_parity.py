"""nDCG@10, MRR@10 and Recall@100 of `minnow eval` against trec_eval, from the run file it writes.

Usage: metrics_parity.py MINNOW MODEL DATA [--all]
trec_eval is the pytrec_eval package where it is installed; without it the definitions below, in
plain Python, are the check. Among the collections are graded ones, and one made here with many ties,
with zero and negative judgements, and with judged documents that the corpus lacks.
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

try:
    import pytrec_eval
except ImportError:
    pytrec_eval = None

QUICK = ("adi",)
COLLECTIONS = ("adi", "cranfield", "dbpedia-tiny")
NAMES = ("ndcg@10", "mrr@10", "recall@100")


def read_qrels(path):
    qrels = {}
    with open(path, newline="", encoding="utf-8") as file:
        for query, document, score in list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]:
            qrels.setdefault(query, {})[document] = int(score)
    return {query: judged for query, judged in qrels.items() if any(score > 0 for score in judged.values())}


def read_run(path):
    run = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            query, _, document, _, score, _ = line.split(" ")
            run.setdefault(query, {})[document] = float(score)
    return run


def rank(scores):
    """Best first; ties by document id, descending."""
    by_id = sorted(scores, key=lambda document: document.encode(), reverse=True)
    return sorted(by_id, key=lambda document: -scores[document])


def gain(relevances):
    return sum(r / math.log2(i + 2) for i, r in enumerate(relevances[:10]) if r > 0)


def plain_query(judged, scores):
    ranked = [judged.get(document, 0) for document in rank(scores)]
    first = next((i for i, r in enumerate(ranked[:10]) if r > 0), None)
    return (gain(ranked) / gain(sorted(judged.values(), reverse=True)),
            0 if first is None else 1 / (first + 1),
            sum(r > 0 for r in ranked[:100]) / sum(r > 0 for r in judged.values()))


def trec_query(judged, scores):
    """recip_rank has no cut in trec_eval: its run is cut to the first ten instead."""
    evaluate = pytrec_eval.RelevanceEvaluator({"q": judged}, {"ndcg_cut.10", "recall.100"})
    values = evaluate.evaluate({"q": scores})["q"]
    ten = {document: scores[document] for document in rank(scores)[:10]}
    reciprocal = pytrec_eval.RelevanceEvaluator({"q": judged}, {"recip_rank"}).evaluate({"q": ten})["q"]
    return values["ndcg_cut_10"], reciprocal["recip_rank"], values["recall_100"]


def mean(function, qrels, run):
    values = [function(qrels[query], run[query]) for query in qrels if query in run]
    return [sum(column) / len(values) for column in zip(*values)], len(values)


def check(minnow, model, folder, split="test"):
    with tempfile.TemporaryDirectory() as temporary:
        run_path = os.path.join(temporary, "run.trec")
        out = subprocess.run([minnow, "eval", folder, "-m", model, "--split", split, "--json",
                              "--run", run_path], check=True, stdout=subprocess.PIPE).stdout
        run = read_run(run_path)
    found = json.loads(out)
    qrels = read_qrels(os.path.join(folder, "qrels", split + ".tsv"))
    good = True
    for kind, function in (("plain", plain_query), ("trec_eval", trec_query if pytrec_eval else None)):
        if not function:
            continue
        expected, queries = mean(function, qrels, run)
        same = queries == found["queries"] and all(abs(found[n] - e) < 1e-6 for n, e in zip(NAMES, expected))
        good &= same
        figures = ", ".join(f"{n} {found[n]:.6f} / {e:.6f}" for n, e in zip(NAMES, expected))
        print(f"{'ok' if same else 'FAILED'}: {os.path.basename(folder)} against {kind}, {queries} queries: {figures}")
    return good


def write_ties(folder):
    """Every text three times, under ids whose order as numbers and as bytes differs; graded, zero
    and negative judgements, one of a document that is not there, one query without a relevant one."""
    words = "river stone paper engine garden window copper violin harbor pepper".split()
    os.makedirs(os.path.join(folder, "qrels"))
    with open(os.path.join(folder, "corpus.jsonl"), "w", encoding="utf-8") as file:
        for i in range(150):
            text = f"{words[i // 3 % 10]} {words[i // 30]}"
            file.write(json.dumps({"_id": str(i * 7), "title": "", "text": text}) + "\n")
    with open(os.path.join(folder, "queries.jsonl"), "w", encoding="utf-8") as file:
        for i, word in enumerate(words):
            file.write(json.dumps({"_id": f"q{i}", "text": word}) + "\n")
    with open(os.path.join(folder, "qrels", "test.tsv"), "w", encoding="utf-8") as file:
        file.write("query-id\tcorpus-id\tscore\n")
        for i in range(10):
            judged = [(d, (d + i) % 5 - 1 if i else -(d % 2)) for d in range(i, 150, 11)]
            for document, score in judged:
                file.write(f"q{i}\t{document * 7}\t{score}\n")
            file.write(f"q{i}\tnot-there\t{2 if i else 0}\n")
        file.write("unknown-query\t7\t1\n")


def main(minnow, model, data, everything):
    if not pytrec_eval:
        print("pytrec_eval is not installed: compared with the definitions alone")
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.join(temporary, "ties")
        write_ties(folder)
        good = check(minnow, model, folder)
    if not os.path.isdir(os.path.join(data, "dev")):
        print(f"skipped: {data} is not here")
        return 0 if good else 1
    names = COLLECTIONS if everything else QUICK
    return 0 if all([good] + [check(minnow, model, os.path.join(data, "dev", name)) for name in names]) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:4], "--all" in sys.argv))
