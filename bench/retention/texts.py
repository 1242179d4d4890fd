"""Training texts of a recipe, out of the whole."""
import json
import os
import random


def records(path):
    with open(path, encoding="utf-8") as file:
        yield from map(json.loads, file)


def judgements(folder, count):
    """So many (query, passage) of a collection's training queries, by _id, drawn at random."""
    with open(os.path.join(folder, "qrels", "train.tsv"), encoding="utf-8") as file:
        judged = [line.split("\t")[:2] for line in file][1:]
    return random.Random(1).sample(judged, count)


def texts(path):
    return {record["_id"]: record["text"].replace("\t", " ").replace("\n", " ") for record in records(path)}


def write_pairs(collection, count, words, path):
    """So many questions with as many words of their passages."""
    queries, passages = (texts(os.path.join(collection, name)) for name in ("queries.jsonl", "corpus.jsonl"))
    with open(path, "w", encoding="utf-8") as file:
        for query, passage in judgements(collection, count):
            beginning = " ".join(passages[passage].split()[:words])
            file.write(json.dumps({"query": queries[query], "passage": beginning}) + "\n")


def write_collection(collection, queries, more, folder):
    """A collection with so few of its queries, and the passages of other files beside its own."""
    judged = judgements(collection, queries)
    wanted = {query for query, _ in judged}
    os.makedirs(os.path.join(folder, "qrels"), exist_ok=True)
    with open(os.path.join(folder, "corpus.jsonl"), "w", encoding="utf-8") as file:
        for name, text in texts(os.path.join(collection, "corpus.jsonl")).items():
            file.write(json.dumps({"_id": name, "text": text}) + "\n")
        for path in more:
            for number, record in enumerate(records(path)):
                name = f"{os.path.basename(path)}:{number}"
                file.write(json.dumps({"_id": name, "text": record["passage"]}) + "\n")
    with open(os.path.join(folder, "queries.jsonl"), "w", encoding="utf-8") as file:
        for name, text in texts(os.path.join(collection, "queries.jsonl")).items():
            if name in wanted:
                file.write(json.dumps({"_id": name, "text": text}) + "\n")
    with open(os.path.join(folder, "qrels", "train.tsv"), "w", encoding="utf-8") as file:
        file.write("query-id\tcorpus-id\tscore\n" + "".join(f"{query}\t{passage}\t1\n" for query, passage in judged))
