"""minnow generate-queries: what is drawn, what is kept, and that it can be had again.

Environment: MINNOW (the program), MODEL (a teacher), DATA (the folder of test collections).
"""
import collections
import json
import os
import re
import struct
import unittest

from command_line import MODEL, CommandLine

DATA = os.environ["DATA"]
KINDS = ("title", "sentence", "phrase", "terms", "masked")


def rows(data, dimensions):
    values = struct.unpack(f"<{len(data) // 4}f", data)
    return [values[i:i + dimensions] for i in range(0, len(values), dimensions)]


def words(text):
    return re.findall(r"\S+", text)


class GenerateQueries(CommandLine):
    def corpus(self, count=120):
        with open(os.path.join(DATA, "dev", "tldr", "corpus.jsonl"), encoding="utf-8") as file:
            return [json.loads(next(file)) for _ in range(count)]

    def generate(self, corpus, *options):
        path = self.write("corpus.jsonl", "".join(json.dumps(line) + "\n" for line in corpus))
        report = json.loads(self.good("generate-queries", path, "-m", MODEL, "-o", self.path("out.jsonl"), "--json",
                                      *options))
        return report, [json.loads(line) for line in self.read("out.jsonl").decode().splitlines()]

    def vectors(self, texts, role):
        path = self.write("texts.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
        data = self.good("encode", "-m", MODEL, "--role", role, "--output-format", "f32", path)
        return rows(data, len(data) // 4 // len(texts))

    def places(self, corpus, queries):
        """By the vectors that `minnow encode` gives: how many documents come before each query's own."""
        documents = self.vectors([f"{d['title']} {d['text']}" for d in corpus], "document")
        owner = {d["_id"]: i for i, d in enumerate(corpus)}
        for query, vector in zip(queries, self.vectors([q["text"] for q in queries], "query")):
            scores = [sum(a * b for a, b in zip(vector, document)) for document in documents]
            own = scores[owner[query["document"]]]
            yield sum(score > own + 1e-5 for score in scores)

    def test_queries_come_from_their_documents(self):
        corpus = self.corpus()
        report, queries = self.generate(corpus, "--per-document", "6", "--keep-rank", "1000")
        by_id = {d["_id"]: d for d in corpus}
        kinds = collections.Counter(q["kind"] for q in queries)
        for q in queries:
            document = by_id[q["document"]]
            plain = " ".join(words(document["text"]))
            if q["kind"] == "title":
                self.assertEqual(q["text"], " ".join(words(document["title"])))
            elif q["kind"] == "terms":
                self.assertIn(len(words(q["text"])), range(1, 6))
                self.assertTrue(all(term in plain for term in words(q["text"])), q)
            else:
                self.assertIn(q["text"], plain)
                self.assertLessEqual(len(words(q["text"])), 16)  # twelve, and punctuation marks between them
        self.assertEqual(set(kinds), set(KINDS) - {"masked"})
        self.assertEqual(len({q["text"] for q in queries}), len(queries))
        self.assertEqual(len({q["_id"] for q in queries}), len(queries))
        self.assertEqual(report["kept"], len(queries))
        self.assertEqual(report["drawn"], len(queries))  # a rank of 1000 among 120 keeps all
        for kind in KINDS:
            self.assertEqual(report["kinds"][kind]["kept"], kinds[kind])
        self.assertGreater(kinds["phrase"], kinds["sentence"])

    def test_terms_are_rare_words(self):
        corpus = [{"_id": str(i), "title": "", "text": f"the cat and the dog saw zebra{i} with quagga{i}"}
                  for i in range(9)]
        _, queries = self.generate(corpus, "--per-document", "20", "--keep-rank", "9")
        terms = [q for q in queries if q["kind"] == "terms"]
        self.assertTrue(terms)
        for q in terms:  # all other words are in every document, and tell nothing
            self.assertEqual(q["text"], f"zebra{q['document']} quagga{q['document']}")

    def test_kept_are_those_found_again(self):
        corpus = self.corpus()
        _, every = self.generate(corpus, "--keep-rank", "120")
        _, kept = self.generate(corpus, "--keep-rank", "2")
        kept_texts = {q["text"] for q in kept}
        self.assertTrue(0 < len(kept) < len(every))
        for q, place in zip(every, self.places(corpus, every)):
            self.assertEqual(q["text"] in kept_texts, place < 2, (q, place))

    def test_real_queries_are_masked(self):
        corpus = self.corpus()
        real = ["compress a file with a given level of compression please", "list all of the running jobs in the shell",
                "show where a symbolic link really leads to"]
        path = self.write("real.txt", "".join(f"{text}\n" for text in real))
        _, queries = self.generate(corpus, "--keep-rank", "120", "--queries", path)
        masked = [q for q in queries if q["kind"] == "masked"]
        self.assertEqual(len(masked), len(real))
        for text, q in zip(real, masked):
            common = len(set(words(text)) & set(words(q["text"])))
            self.assertNotEqual(text, q["text"])
            self.assertGreaterEqual(common, len(set(words(text))) * 2 // 3 - 1)

    def test_seeds(self):
        corpus = self.corpus(40)
        first = self.generate(corpus)
        self.assertEqual(self.generate(corpus), first)
        self.assertEqual(self.generate(corpus, "--threads", "2"), first)
        self.assertNotEqual(self.generate(corpus, "--seed", "2")[1], first[1])

    def test_odd_documents(self):
        odd = [{"_id": "\u0000\ud83d\ude00", "title": "\n", "text": ""}, {"_id": "b", "title": "", "text": "..., !?"},
               {"_id": "c", "title": "\t one\u3000title ", "text": "word"},
               {"_id": "d", "title": "", "text": "a " * 9000},
               {"_id": "e", "title": "", "text": "\u0000 nul\u0000nul \u202e \u0007"},
               {"_id": "f", "title": "", "text": "x" * 99999}]
        report, queries = self.generate(odd, "--keep-rank", "100")
        self.assertEqual(report["documents"], len(odd))
        self.assertIn("one title", [q["text"] for q in queries])
        self.assertFalse([q for q in queries if q["document"] == "b"])
        self.assertTrue(all(q["text"] == " ".join(words(q["text"])) and q["text"] for q in queries))

    def test_failures(self):
        corpus = self.documents()
        self.bad(2, "generate-queries", "-m", MODEL, says=b"CORPUS")
        self.bad(2, "generate-queries", corpus, "-m", MODEL, says=b"-o OUT")
        self.bad(1, "generate-queries", self.path("none"), "-m", MODEL, "-o", self.path("out"), says=b"none")
        self.bad(1, "generate-queries", self.write("empty", ""), "-m", MODEL, "-o", self.path("out"), says=b"no texts")
        self.bad(1, "generate-queries", corpus, "-m", MODEL, "-o", self.path("out"), "--queries", self.path("none"),
                 says=b"none")
        self.assertFalse(os.path.exists(self.path("out")))


if __name__ == "__main__":
    unittest.main()
