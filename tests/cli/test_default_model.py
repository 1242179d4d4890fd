"""The built-in model: commands without -m.

Environment: as for command_line.py."""
import os
import sys
import unittest

sys.dont_write_bytecode = True  # the import leaves nothing in the tree
from command_line import CommandLine, strict_json

DEFAULT_MODEL = os.path.abspath(os.path.join("runtime", "default_model", "default.mnw"))


class DefaultModel(CommandLine):
    def both(self, command, *operands, **options):
        """The same without a model and with the file that is built in."""
        found = self.good(command, *operands, **options)
        self.assertTrue(found == self.good(command, *operands, "-m", DEFAULT_MODEL, **options), command)
        return found

    def test_every_command_takes_it(self):
        self.assertEqual(strict_json(self.both("info", "--json"))["similarity"], "cosine")
        self.both("verify")
        self.both("tokenize", stdin=b"hello\n")
        self.both("encode", stdin=b"hello\nworld\n")
        self.both("eval", self.collection(), "--json")
        self.both("score", stdin=b'{"query": "a pet", "documents": ["a cat", "an oven"]}\n')
        self.assertIn(b"cat", self.good("rerank", "a pet", "-k", "1", stdin=b"an oven\na cat\n"))
        self.good("generate-queries", os.path.join(self.path("beir"), "corpus.jsonl"), "-o", self.path("queries.jsonl"))
        self.good("bench", "--tokens", "8", "--batch", "1", "--seconds", "1", "--json")

    def test_it_finds(self):
        self.good("index", self.path("x.db"), self.documents())
        hits = self.good("search", self.path("x.db"), "-k", "1", "sleeping pet", "--json")
        self.assertIn(b"a cat sleeps on the sofa", hits)
        self.good("search", self.path("x.db"), "-k", "1", "sleeping pet", "-m", DEFAULT_MODEL)


if __name__ == "__main__":
    unittest.main()
