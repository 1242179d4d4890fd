"""Models of every family, from index to search.

Environment: as for command_line.py."""
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from command_line import MINNOW, MODEL, PYTHON, FAMILIES, minnow, strict_json, json_lines, CommandLine


@unittest.skipUnless(PYTHON, "PYTHON with NumPy is not told")
class Families(CommandLine):
    """Models of random weights: late interaction, cross-encoder, PreTTR, TK."""
    NAMES = {"colbert-stanford": "maxsim", "bert-cat": "joint", "prettr": "joint", "tk": "joint"}

    @classmethod
    def setUpClass(cls):
        parent = tempfile.TemporaryDirectory()
        cls.addClassCleanup(parent.cleanup)
        cls.models = {}
        for name in cls.NAMES:
            made = subprocess.run([PYTHON, FAMILIES, "--make", parent.name, "--only", name], check=True,
                                  stdout=subprocess.PIPE).stdout.decode()
            folder, *flags = next(line for line in made.splitlines() if line.split()[0].endswith("/" + name)).split()
            cls.models[name] = os.path.join(parent.name, name + ".mnw")
            subprocess.run([MINNOW, "convert", folder, "-o", cls.models[name], *flags], check=True,
                           stdout=subprocess.DEVNULL)

    def index(self, name):
        database = self.path(name + ".db")
        self.good("index", database, "-m", self.models[name], self.documents())
        return database

    def hits(self, command, *arguments):
        return strict_json(self.good(command, "--json", *arguments))["hits"]

    def test_index_and_search(self):
        for name, similarity in self.NAMES.items():
            if name == "bert-cat":
                continue
            database, model = self.index(name), self.models[name]
            everything = self.hits("rerank", "a cat on the sofa", database, "-m", model, "--all")
            self.assertEqual(len(everything), 5)
            found = self.hits("search", database, "-m", model, "a cat on the sofa", "--threads", "2")
            if similarity == "joint":  # of those that have the query's words
                everything = [hit for hit in everything if {"a", "on", "the"} & set(hit["text"].split())]
            self.assertEqual([(hit["id"], hit["score"]) for hit in found],
                             [(hit["id"], hit["score"]) for hit in everything])
            for options in (["--approximate"], ["--isa", "reference"]):
                self.assertEqual(self.hits("search", database, "-m", model, "a cat on the sofa", *options), found)
            self.good("index", database, "-m", model, "--remove", "d2")
            self.assertNotIn("d2", [hit["id"] for hit in self.hits("search", database, "-m", model, "a cat")])

    def test_stored_parts_and_texts_score_alike(self):
        for name in self.NAMES:
            if name == "bert-cat":
                continue
            stored = self.hits("rerank", "a cat", self.index(name), "-m", self.models[name], "--all")
            texts = self.hits("rerank", "a cat", self.documents(), "-m", self.models[name])
            largest = max(abs(hit["score"]) for hit in texts)
            for hit in stored:
                score = next(other["score"] for other in texts if other["id"] == hit["id"])
                self.assertAlmostEqual(hit["score"], score, delta=0.05 * largest)

    def test_cross_encoder_over_any_index(self):
        model = self.models["bert-cat"]
        texts = self.hits("rerank", "a cat", self.documents(), "-m", model)
        for name in ("colbert-stanford", "prettr", "tk"):
            self.assertEqual(self.hits("rerank", "a cat", self.index(name), "-m", model, "--all"), texts)
            self.bad(1, "search", self.path(name + ".db"), "-m", model, "a cat", says=b"rerank")
        self.bad(1, "index", self.path("cat.db"), "-m", model, self.documents(), says=b"minnow rerank")
        self.assertFalse(os.path.exists(self.path("cat.db")))

    def test_spaces_are_not_mixed(self):
        database = self.index("colbert-stanford")
        for model in (MODEL, self.models["prettr"], self.models["tk"]):
            for command in (["search", database, "x"], ["index", database, self.documents()]):
                self.bad(1, *command, "-m", model, says=b"made in space")

    def test_encode(self):
        texts = b"a cat sleeps, on the sofa\nriver\n"
        records = json_lines(self.good("encode", "-m", self.models["colbert-stanford"], stdin=texts))
        tokens = [len(ids) for ids in json_lines(self.good("tokenize", "-m", self.models["colbert-stanford"],
                                                           stdin=texts))]
        self.assertEqual([len(record["vectors"]) for record in records], [tokens[0] - 1, tokens[1]])  # no comma
        for vector in records[0]["vectors"]:
            self.assertAlmostEqual(sum(x * x for x in vector), 1, places=4)
        query = json_lines(self.good("encode", "-m", self.models["colbert-stanford"], "--role", "query", stdin=texts))
        self.assertEqual([len(record["vectors"]) for record in query], [32, 32])
        for form in ("npy", "f32", "s8", "bits"):
            self.bad(1, "encode", "-m", self.models["colbert-stanford"], "--output-format", form, stdin=texts,
                     says=b"jsonl")
        for name in ("bert-cat", "prettr", "tk"):
            self.bad(1, "encode", "-m", self.models[name], stdin=texts, says=b"scores pairs")

    def test_info(self):
        info = {name: strict_json(self.good("info", "-m", model, "--json")) for name, model in self.models.items()}
        for name, similarity in self.NAMES.items():
            self.assertEqual(info[name]["similarity"], similarity)
            self.assertEqual(info[name]["token_vectors"], similarity == "maxsim")
            table = self.good("info", "-m", self.models[name]).decode()
            self.assertIn(f"similarity      {similarity}: ", table)
            self.good("verify", "-m", self.models[name])
        late, layers = info["colbert-stanford"]["inputs"], info["prettr"]["layers"]
        self.assertEqual((late["query"]["leading"], late["query"]["filled_to"]), (["[CLS]", "[unused0]"], 32))
        self.assertEqual((late["document"]["leading"], late["document"]["skipped_tokens"]), (["[CLS]", "[unused1]"], 32))
        self.assertEqual((layers["joint"][0], layers["query"]), ("encoder block", layers["document"]))
        self.assertEqual(list(info["bert-cat"]["layers"]), ["joint"])
        self.assertEqual(info["bert-cat"]["dimensions"], 0)
        self.assertEqual(info["tk"]["layers"]["joint"], ["kernel pooling"])
        self.assertEqual(info["tk"]["inputs"]["document"]["first_position"], 30)

    def test_bench(self):
        for name, similarity in self.NAMES.items():
            options = ["bench", "-m", self.models[name], "--tokens", "10", "--batch", "3"]
            report = strict_json(self.good(*options, "--json"))
            self.assertEqual(report["work"], "score" if similarity == "joint" else "encode_tokens")
            self.assertGreater(report["encode"][0]["median_ms"], 0)
            if sys.platform == "linux":
                self.assertGreater(report["encode"][0]["first_vector_ms"], 0)
            self.assertIn("Texts are documents", self.good(*options).decode())
        limit = strict_json(self.good("info", "-m", self.models["bert-cat"], "--json"))["max_tokens"]["document"]
        self.bad(1, "bench", "-m", self.models["bert-cat"], "--tokens", str(limit), says=b"--tokens")

    def test_eval(self):
        folder, temporary = self.collection(), self.path("temporary")
        os.mkdir(temporary)
        for name, similarity in self.NAMES.items():
            result = strict_json(self.good("eval", folder, "-m", self.models[name], "--json", "--run", self.path("run"),
                                           env={**os.environ, "TMPDIR": temporary}))
            self.assertEqual(result.get("candidates"), 100 if similarity == "joint" else None)
            self.assertEqual((result["documents"], result["queries"]), (5, 2))
            lines = [line.split(" ") for line in self.read("run").decode().splitlines()]
            if similarity == "maxsim":
                self.assertEqual((len(lines), result["recall@100"]), (10, 1))
            else:  # no document has a word of the queries
                self.assertEqual((len(lines), result["recall@100"]), (0, 0))
            self.assertEqual(os.listdir(temporary), [])
        self.assertIn("by BM25", self.good("eval", folder, "-m", self.models["tk"]).decode())
        self.bad(1, "eval", folder, "-m", self.models["tk"], env={**os.environ, "TMPDIR": self.path("no")},
                 says=b"TMPDIR")
        self.bad(1, "eval", folder, "-m", self.models["tk"], "--query-model", MODEL, says=b"different spaces")

    def test_damaged_parts(self):
        """A part that says another size, or that no vector can have, is an error that names the file."""
        for name in ("colbert-stanford", "tk"):
            for change in ("codes = zeroblob(length(codes) - 1)", "scales = zeroblob(7)", "codes = 'text'",
                           "scales = x'0000c07f' || zeroblob(length(scales) - 4)"):
                database = self.index(name)
                with contextlib.closing(sqlite3.connect(database)) as connection:
                    connection.execute("UPDATE parts SET " + change)
                    connection.commit()
                self.bad(1, "search", database, "-m", self.models[name], "a cat on the sofa", says=database.encode())
                os.remove(database)


if __name__ == "__main__":
    unittest.main()
