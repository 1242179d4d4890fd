"""What tests of the command line share.

Environment: MINNOW (the program), MODEL (a model file), CHECKPOINT (the folder it was made from); PYTHON, optional: one
with NumPy and tokenizers, for models of every family.
"""
import json
import os
import subprocess
import tempfile
import unittest

MINNOW, MODEL, CHECKPOINT = (os.path.abspath(os.environ.get(name, "")) for name in ("MINNOW", "MODEL", "CHECKPOINT"))
PYTHON, FAMILIES = os.environ.get("PYTHON"), os.path.join("tests", "parity", "families_parity.py")
COMMANDS = ("convert", "info", "verify", "tokenize", "encode", "index", "search", "rerank", "eval", "bench", "distill",
            "generate-queries")

# Texts that break programs. As lines they must not hold a newline. Blank lines at the beginning of a
# file count as empty texts, so another comes first.
ODD = [b"x", b"", b" ", b"   \t  ", b"a" * 100000, b"word " * 20000, b"\xff\xfe\xfd", b"caf\xe9", b"\xe2\x82",
       b"nul \x00 inside", b"\x00", b"\x01\x02\x1b[31m", "\u202eright to left \U0001f600".encode(), b"[CLS] [SEP]",
       b"\"quoted\" \\ back", "\ufffd\uffff".encode()]


def minnow(*arguments, stdin=b"", **options):
    return subprocess.run([MINNOW, *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def strict_json(data):
    """Valid UTF-8 and valid JSON, or an exception."""
    def refuse(constant):
        raise ValueError(constant)
    return json.loads(data.decode("utf-8"), parse_constant=refuse)


def json_lines(data):
    return [strict_json(line) for line in data.split(b"\n")[:-1]]


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def good(self, *arguments, **options):
        result = minnow(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def bad(self, code, *arguments, says=b"", **options):
        """Fails with this code, a message, and nothing on standard output."""
        result = minnow(*arguments, **options)
        self.assertEqual(result.returncode, code, (arguments, result.stdout[:200], result.stderr))
        self.assertEqual(result.stdout, b"")
        self.assertIn(says, result.stderr)
        self.assertNotEqual(result.stderr, b"")
        return result.stderr

    def documents(self, count=5):
        lines = [{"_id": f"d{i}", "title": f"Title {i}", "text": text} for i, text in enumerate(
            ("a river runs to the sea", "compress files to save space", "a cat sleeps on the sofa",
             "the compiler makes machine code", "bread is baked in an oven")[:count])]
        return self.write("documents.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    def collection(self):
        os.makedirs(self.path("beir/qrels"))
        os.rename(self.documents(), self.path("beir/corpus.jsonl"))
        self.write("beir/queries.jsonl", '{"_id":"q1","text":"sleeping pet"}\n{"_id":"q2","text":"zip archive"}\n'
                                         '{"_id":"q3","text":"not judged"}\n{"_id":"q4","text":"none relevant"}\n')
        self.write("beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td1\t2\nq2\td3\t0\nq4\td1\t0\n")
        self.write("beir/qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq1\td0\t1\n")
        return self.path("beir")
