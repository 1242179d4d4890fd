"""score and rerank.

Environment: as for command_line.py."""
import json
import unittest

from command_line import MODEL, ODD, strict_json, json_lines, CommandLine


class Reranking(CommandLine):
    def rerank(self, *arguments, model=MODEL, **options):
        return strict_json(self.good("rerank", "-m", model, "--json", *arguments, **options))

    def test_files(self):
        result = self.rerank("-k", "2", "sleeping pet", self.documents())
        self.assertEqual((result["query"], result["documents"]), ("sleeping pet", 5))
        self.assertEqual([(hit["rank"], hit["id"], hit["title"]) for hit in result["hits"]][0], (1, "d2", "Title 2"))
        self.assertEqual(len(result["hits"]), 2)
        lines = b"".join(b"line %d about nothing\n" % i for i in range(600)) + b"a cat sleeps\n"
        result = self.rerank("-k", "1000", "sleeping pet", stdin=lines)
        self.assertEqual((result["hits"][0]["id"], len(result["hits"])), ("601", 601))
        self.assertEqual(self.rerank("x", stdin=b"")["hits"], [])
        table = self.good("rerank", "-m", MODEL, "sleeping pet", self.documents()).decode()
        self.assertIn("d2", table.splitlines()[0])
        self.assertEqual(len(table.splitlines()), 6)

    def test_scores_are_those_of_score(self):
        hits = self.rerank("sleeping pet", self.documents())["hits"]
        line = {"query": "sleeping pet", "documents": [f"{hit['title']} {hit['text']}" for hit in hits]}
        scores = json_lines(self.good("score", "-m", MODEL, stdin=json.dumps(line).encode()))[0]["scores"]
        self.assertEqual([hit["score"] for hit in hits], scores)

    def test_index(self):
        database = self.path("i.db")
        self.good("index", database, "-m", MODEL, self.documents())
        found = strict_json(self.good("search", database, "-m", MODEL, "--json", "a cat on the sofa"))["hits"]
        self.assertEqual(self.rerank("a cat on the sofa", database, "--all")["hits"], found)
        self.assertEqual([hit["id"] for hit in self.rerank("compiler oven", database)["hits"]], ["d3", "d4"])
        self.assertEqual(len(self.rerank("compiler oven", database, "--candidates", "1")["hits"]), 1)
        self.assertEqual(self.rerank("zebra", database)["hits"], [])

    def test_errors(self):
        missing = self.path("missing")
        self.bad(1, "rerank", "-m", missing, "q", stdin=b"x\n", says=missing.encode())
        self.bad(1, "rerank", "-m", MODEL, "q", missing, says=missing.encode())
        self.bad(1, "rerank", "-m", MODEL, "q", self.write("bad.jsonl", "{"), says=b":1:")
        self.bad(1, "rerank", "-m", MODEL, "q", self.write("foreign.db", b"SQLite format 3\0" + b"\1" * 5000),
                 says=b"foreign.db")

    def test_odd_texts(self):
        for text in ODD:
            if b"\x00" not in text:
                result = self.rerank("--", text, stdin=b"\n".join(ODD) + b"\n")
                self.assertEqual((result["documents"], len(result["hits"])), (len(ODD), 10))


if __name__ == "__main__":
    unittest.main()
