"""The command line: every command, exit codes, JSON, odd inputs, output that cannot be written.

Environment: MINNOW (the program), MODEL (a model file), CHECKPOINT (the folder it was made from); PYTHON, optional: one
with NumPy and tokenizers, for models of every family.
Usage: MINNOW=... MODEL=... CHECKPOINT=... test_cli.py [unittest options]
"""
import contextlib
import csv
import io
import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
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


class Usage(CommandLine):
    def test_help_and_version(self):
        text = self.good("--help").decode()
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", text)
            self.assertIn(f"usage: minnow {command}", self.good(command, "--help").decode())
            self.assertEqual(self.good(command, "-h"), self.good(command, "--help"))
        self.assertRegex(self.good("--version").decode(), r"^minnow \d+\.\d+\.\d+\n$")

    def test_help_lists_the_words_that_users_rely_on(self):
        words = {"convert": "-o --weights --calibrate --query-prompt --document-prompt --pooling --max-tokens --base "
                            "--similarity --join-layer --mask-tokens --query-length --document-length --route "
                            "--threads --eval --json", "info": "-m --json", "verify": "-m",
                 "tokenize": "-m --no-truncation --role",
                 "encode": "-m --role --output-format --dimensions --isa --threads -o",
                 "index": "-m --dimensions --remove", "rerank": "-m -k --candidates --all --threads --json",
                 "search": "-m -k --hybrid --approximate --json", "eval": "-m --query-model --split --run --json",
                 "bench": "-m --tokens --batch --threads --isa --seconds --json --csv --once",
                 "distill": "--teacher --student --data --loss -o --role --steps --epochs --minutes --batch --rate "
                            "--warm-up --seed --threads --evaluate --evaluate-every --patience --held-out --resume "
                            "--cache --negatives --crops --no-crops --temperature --teacher-scores --json "
                            "--teacher-model --soft-temperature --alpha --layers"}
        for command, options in words.items():
            text = self.good(command, "--help").decode()
            for option in options.split():
                self.assertIn(f" {option}", text, command)

    def test_wrong_usage(self):
        self.bad(2)
        self.bad(2, "")
        self.bad(2, "serach", says=b"did you mean 'search'")
        self.bad(2, "--nothing", says=b"unknown option")
        self.bad(2, "encode", "--output-formt", "npy", says=b"did you mean '--output-format'")
        self.bad(2, "encode", "--zzzzzzzzz", says=b"unknown option '--zzzzzzzzz'")
        self.bad(2, "encode", "-z", says=b"unknown option '-z'")
        self.bad(2, "encode", "--role", "both", says=b"query|document")
        self.bad(2, "encode", "--role=quer", says=b"query|document")
        self.bad(2, "encode", "--role", says=b"needs a value")
        self.bad(2, "encode", "one", "two", says=b"unexpected argument 'two'")
        self.bad(2, "info", "extra", says=b"unexpected argument")
        self.bad(2, "info", "--json=yes", says=b"takes no value")
        self.bad(2, "search", "only.db", says=b"INDEX.db QUERY")
        self.bad(2, "eval", says=b"BEIR_FOLDER")
        self.bad(2, "convert", "folder", says=b"-o")
        self.bad(2, "convert", "folder", "-o", "x", "--weights", "s5", says=b"s8|s4|f32")
        self.bad(2, "rerank", says=b"QUERY")
        self.bad(2, "rerank", "q", "x.db", "--candidates", "5", "--all", "-m", "x", says=b"choose one")
        self.bad(2, "rerank", "q", "--candidates", "5", "-m", MODEL, says=b"index", stdin=b"x\n")
        self.bad(2, "index", "x.db", "file", "--remove", "a", "-m", "x", says=b"--remove")
        for number in ("0", "-1", "x", "", "1x", "1.5", "99999999999", " 1"):
            self.bad(2, "encode", "--threads", number, says=b"whole number")
        for numbers in ("1,,2", "1,", ",", "0,1", "1,x", ",".join(["1"] * 33)):
            self.bad(2, "bench", "--tokens", numbers, says=b"commas")
        for names in ("", ",", "a,,b", "a,", "x" * 32, ",".join(["a"] * 17)):
            self.bad(2, "bench", "--isa", names, says=b"commas")
        self.bad(2, "bench", "--json", "--csv", says=b"choose one")
        self.bad(2, "bench", "--seconds", "3601", says=b"3600")

    def test_option_forms(self):
        expected = self.good("encode", "-m", MODEL, "--role", "query", stdin=b"x\n")
        for form in (["--model", MODEL, "--role=query"], [f"--model={MODEL}", "--role", "query", "-"],
                     [f"-m{MODEL}", "--role=query", "--", "-"]):
            self.assertEqual(self.good("encode", *form, stdin=b"x\n"), expected)

    def test_missing_files(self):
        missing = self.path("missing")
        for arguments in (["info"], ["verify"], ["tokenize"], ["encode"], ["bench"], ["eval", self.folder],
                          ["search", "x.db", "q"], ["index", "x.db"]):
            self.bad(1, *arguments, "-m", missing, says=missing.encode())
        self.bad(1, "encode", "-m", MODEL, missing, says=missing.encode())
        self.bad(1, "tokenize", "-m", MODEL, missing, says=missing.encode())
        self.bad(1, "tokenize", "-m", MODEL, self.folder, says=b"folder")
        self.bad(1, "search", "-m", MODEL, missing, "q", says=missing.encode())
        self.bad(1, "eval", "-m", MODEL, missing, says=b"corpus.jsonl")
        self.bad(1, "convert", missing, "-o", self.path("x"), says=missing.encode())
        self.bad(1, "index", self.path("x.db"), "-m", MODEL, missing, says=missing.encode())
        self.assertEqual(os.listdir(self.folder), [])

    def test_not_a_model(self):
        with open(MODEL, "rb") as file:
            beginning = file.read(100000)
        for name, data in (("empty", b""), ("text", b"hello\n" * 1000), ("cut", beginning)):
            path = self.write(name, data)
            for command in ("info", "verify", "encode"):
                self.bad(1, command, "-m", path, says=path.encode())
        self.bad(1, "info", "-m", MODEL, "--isa", "pentium", says=b"pentium")


class Models(CommandLine):
    def test_info(self):
        info = strict_json(self.good("info", "-m", MODEL, "--json"))
        self.assertEqual(info["file_bytes"], os.path.getsize(MODEL))
        self.assertGreater(info["parameters"], 0)
        self.assertRegex(info["space"], "^[0-9a-f]{64}$")
        table = self.good("info", "-m", MODEL).decode()
        for value in (info["name"], info["space"], info["source_sha256"], str(info["dimensions"])):
            self.assertIn(value, table)

    def test_verify(self):
        self.assertRegex(self.good("verify", "-m", MODEL).decode(), r"^ok: \d+ texts, tokens and vectors equal")

    def test_verify_finds_a_changed_weight(self):
        with open(MODEL, "rb") as file:
            data = bytearray(file.read())
        data[len(data) // 2] ^= 1
        self.bad(1, "verify", "-m", self.write("changed.mnw", bytes(data)))

    def test_convert(self):
        texts = self.write("texts.txt", "one text\nanother text about rivers\na third, longer than the others\n")
        out = self.path("model.mnw")
        arguments = ["convert", CHECKPOINT, "-o", out, "--calibrate", texts, "--query-prompt", "query: ",
                     "--max-tokens", "16", "--pooling=cls", "--threads", "2", "--json"]
        report = strict_json(self.good(*arguments))
        self.assertEqual(os.listdir(self.folder).count("model.mnw"), 1)
        self.assertEqual(report["file_bytes"], os.path.getsize(out))
        self.assertGreater(report["mean_cosine"], 0.98)
        self.assertGreaterEqual(report["mean_cosine"], report["worst_cosine"])
        info = strict_json(self.good("info", "-m", out, "--json"))
        self.assertEqual(info["prompts"], {"query": "query: ", "document": ""})
        self.assertEqual(info["max_tokens"], {"query": 16, "document": 16})
        self.good("verify", "-m", out)
        self.good("encode", "-m", out, stdin=b"x\n")

    def test_convert_with_eval(self):
        folder = self.collection()
        report = strict_json(self.good("convert", CHECKPOINT, "-o", self.path("f32.mnw"), "--weights", "f32",
                                       "--calibrate", self.documents(), "--eval", folder, "--json"))
        self.assertEqual(report["eval"]["f32"], report["eval"]["written"])
        self.assertEqual(report["eval"]["f32"]["documents"], 5)

    def test_failed_convert_leaves_what_was_there(self):
        out = self.write("model.mnw", b"before")
        self.bad(1, "convert", self.folder, "-o", out, says=self.folder.encode())
        self.bad(1, "convert", out, "-o", out, says=b"folder")
        self.bad(1, "convert", CHECKPOINT, "-o", out, "--calibrate", self.path("missing"))
        self.bad(1, "convert", CHECKPOINT, "-o", out, "--eval", self.path("missing"))
        self.assertEqual(self.read("model.mnw"), b"before")
        self.assertEqual(os.listdir(self.folder), ["model.mnw"])
        self.bad(1, "convert", CHECKPOINT, "-o", self.path("no/such/folder/model.mnw"),
                 "--calibrate", self.write("t", "x\n"))

    def test_bench(self):
        report = strict_json(self.good("bench", "-m", MODEL, "--tokens", "4,9", "--batch", "1,2", "--threads", "1,2",
                                       "--json", timeout=300))
        cores = max(t["threads"] for t in report["encode"])  # one or two: never more than there are
        self.assertLessEqual(cores, 2)
        self.assertEqual([(t["threads"], t["tokens"], t["batch"]) for t in report["encode"]],
                         [(t, n, b) for t in (1, cores) for n in (4, 9) for b in (1, 2)])
        for timing in report["encode"]:
            self.assertLessEqual(0, timing["min_ms"])
            for less, more in (("min", "median"), ("median", "p90"), ("p90", "p99"), ("min", "mean")):
                self.assertLessEqual(timing[less + "_ms"], timing[more + "_ms"])
            self.assertLessEqual(0, timing["deviation_ms"])
            self.assertGreaterEqual(timing["runs"], 10)
            self.assertAlmostEqual(timing["tokens_per_second"] / timing["texts_per_second"], timing["tokens"], places=4)
        self.bad(1, "bench", "-m", MODEL, "--tokens", "100000", says=b"100000")
        self.bad(1, "bench", "-m", MODEL, "--tokens", "1", says=b"--tokens")
        self.bad(1, "bench", "-m", MODEL, "--isa", "reference,pentium", says=b"pentium")

    def test_bench_of_several_tiers(self):
        options = ["bench", "-m", MODEL, "--tokens", "8", "--batch", "1"]
        report = strict_json(self.good(*options, "--isa", "reference,reference", "--json"))
        self.assertEqual([t["isa"] for t in report["encode"]], ["reference"] * 2)
        rows = list(csv.DictReader(io.StringIO(self.good(*options, "--isa", "all", "--csv").decode())))
        self.assertEqual(rows[0]["isa"], "reference")
        self.assertEqual(len({row["isa"] for row in rows}), len(rows))
        self.assertTrue(set(report["encode"][0]) <= set(rows[0]))
        table = self.good(*options, "--isa", "reference").decode()
        for row in rows:
            for key in ("version", "commit", "compiler", "cpu"):
                self.assertEqual(row[key], report[key])
                self.assertIn(row[key], table)
            self.assertGreater(float(row["median_ms"]), 0)
        self.assertRegex(report["commit"], r"^(unknown|[0-9a-f]{7,}\+?)$")
        self.assertRegex(report["compiler"], r"^(gcc|clang) \d+")

    @unittest.skipUnless(sys.platform == "linux", "asks the kernel")
    def test_bench_of_fresh_processes(self):
        report = strict_json(self.good("bench", "-m", MODEL, "--tokens", "8", "--batch", "1", "--json"))
        timing, once = report["encode"][0], self.good("bench", "-m", MODEL, "--once", stdin=b"one\ntwo\n")
        self.assertGreater(timing["first_vector_ms"], timing["cold_open_ms"])
        self.assertGreater(timing["first_vector_ms"], timing["min_ms"])
        self.assertGreater(timing["peak_rss_bytes"], 1 << 20)
        self.assertEqual(strict_json(once)["texts"], 2)
        self.bad(1, "bench", "-m", self.path("missing"), "--once", says=b"missing")

    def test_eval(self):
        folder, run = self.collection(), self.path("run.trec")
        result = strict_json(self.good("eval", folder, "-m", MODEL, "--run", run, "--json"))
        self.assertEqual(set(result), {"documents", "queries", "ndcg@10", "mrr@10", "recall@100"})
        self.assertEqual((result["documents"], result["queries"]), (5, 2))
        self.assertEqual((result["ndcg@10"], result["mrr@10"], result["recall@100"]), (1, 1, 1))
        lines = [line.split(" ") for line in self.read("run.trec").decode().splitlines()]
        self.assertEqual(len(lines), 10)
        self.assertEqual({(line[0], line[3]): line[2] for line in lines}[("q1", "1")], "d2")
        dev = strict_json(self.good("eval", folder, "-m", MODEL, "--query-model", MODEL, "--split", "dev", "--json"))
        self.assertLess(dev["mrr@10"], 1)
        self.assertIn("nDCG@10", self.good("eval", folder, "-m", MODEL).decode())
        self.bad(1, "eval", folder, "-m", MODEL, "--split", "train", says=b"train.tsv")

    def test_eval_refuses_ids_that_a_run_cannot_hold(self):
        folder, run = self.collection(), self.path("run.trec")
        with open(self.path("beir/corpus.jsonl"), "a", encoding="utf-8") as file:
            file.write('{"_id":"two words","text":"x"}\n')
        self.good("eval", folder, "-m", MODEL)
        self.bad(1, "eval", folder, "-m", MODEL, "--run", run, says=b"two words")
        self.assertFalse(os.path.exists(run))


class Encoding(CommandLine):
    def test_tokenize(self):
        self.assertEqual(self.good("tokenize", "-m", MODEL, stdin=b""), b"")
        lines = json_lines(self.good("tokenize", "-m", MODEL, stdin=b"hello world\n\nhello world"))
        self.assertEqual(len(lines), 3)
        self.assertEqual(lines[0], lines[2])
        self.assertEqual(len(lines[0]), 4)
        self.assertEqual(len(lines[1]), 2)
        jsonl = b'{"text":"world","title":"hello"}\n'
        self.assertEqual(json_lines(self.good("tokenize", "-m", MODEL, "--role", "query", stdin=jsonl)), [lines[0]])

    def test_truncation_is_reported(self):
        limit = strict_json(self.good("info", "-m", MODEL, "--json"))["max_tokens"]["document"]
        text = b"short\n" + b"word " * 1000 + b"\n"
        for command in ("tokenize", "encode"):
            result = minnow(command, "-m", MODEL, stdin=text)
            self.assertEqual(result.returncode, 0)
            self.assertIn(b"1 of 2 texts were longer than %d tokens" % limit, result.stderr)
        self.assertEqual(len(json_lines(self.good("tokenize", "-m", MODEL, stdin=text))[1]), limit)
        whole = minnow("tokenize", "-m", MODEL, "--no-truncation", stdin=text)
        self.assertEqual(len(json_lines(whole.stdout)[1]), 1002)
        self.assertEqual(whole.stderr, b"")
        result = minnow("index", self.path("i.db"), "-m", MODEL, stdin=text)
        self.assertIn(b"1 of 2 texts", result.stderr)

    def test_formats_agree(self):
        texts = b"".join(b"text number %d\n" % i for i in range(600))  # more than two batches
        records = json_lines(self.good("encode", "-m", MODEL, stdin=texts))
        self.assertEqual([record["_id"] for record in records], [str(i + 1) for i in range(600)])
        dimensions = len(records[0]["vector"])
        floats = self.good("encode", "-m", MODEL, "--output-format", "f32", "--threads", "2", stdin=texts)
        self.assertEqual(len(floats), 600 * dimensions * 4)
        from_json = struct.pack(f"<{600 * dimensions}f", *[x for record in records for x in record["vector"]])
        self.assertEqual(from_json, floats)
        npy = self.good("encode", "-m", MODEL, "--output-format", "npy", stdin=texts)
        self.check_npy(npy, 600, dimensions, floats)
        self.good("encode", "-m", MODEL, "--output-format", "npy", "-o", self.path("v.npy"), stdin=texts)
        self.assertEqual(self.read("v.npy"), npy)
        reference = self.good("encode", "-m", MODEL, "--output-format", "f32", "--isa", "reference",
                              stdin=b"text number 0\ntext number 1\n")
        self.assertEqual(reference, floats[:2 * dimensions * 4])

    def test_small_forms(self):
        texts = b"".join(b"text number %d\n" % i for i in range(300))
        vectors = [record["vector"] for record in json_lines(self.good("encode", "-m", MODEL, stdin=texts))]
        size, rows = len(vectors[0]), self.good("encode", "-m", MODEL, "--output-format", "s8", stdin=texts)
        self.assertEqual(len(rows), 300 * (4 + size))
        for i, vector in enumerate(vectors):
            scale, *codes = struct.unpack(f"<f{size}b", rows[i * (4 + size):(i + 1) * (4 + size)])
            self.assertEqual(max(map(abs, codes)), 127)
            self.assertAlmostEqual(scale * 127, max(map(abs, vector)), places=6)
            for x, code in zip(vector, codes):
                self.assertLessEqual(abs(x - scale * code), scale * 0.5001)
        bits = self.good("encode", "-m", MODEL, "--output-format", "bits", stdin=texts)
        expected = bytearray(300 * ((size + 7) // 8))
        for i, vector in enumerate(vectors):
            for j, x in enumerate(vector):
                expected[i * ((size + 7) // 8) + j // 8] |= (x > 0) << 7 - j % 8
        self.assertEqual(bits, bytes(expected))

    def test_cut_vectors(self):
        whole = json_lines(self.good("encode", "-m", MODEL, stdin=b"a text\n"))[0]["vector"]
        cut = json_lines(self.good("encode", "-m", MODEL, "--dimensions", "20", stdin=b"a text\n"))[0]["vector"]
        length = sum(x * x for x in whole[:20]) ** 0.5
        self.assertEqual(len(cut), 20)
        for x, y in zip(whole, cut):
            self.assertAlmostEqual(x / length, y, places=5)
        self.bad(1, "encode", "-m", MODEL, "--dimensions", "100000", stdin=b"x\n", says=b"100000")

    def check_npy(self, npy, rows, dimensions, floats):
        self.assertEqual(npy[:8], b"\x93NUMPY\x01\x00")
        size = struct.unpack("<H", npy[8:10])[0]
        self.assertEqual((10 + size) % 64, 0)
        header = npy[10:10 + size]
        self.assertTrue(header.endswith(b"\n"))
        self.assertEqual(eval(header), {"descr": "<f4", "fortran_order": False, "shape": (rows, dimensions)})
        self.assertEqual(npy[10 + size:], floats)

    def test_no_texts(self):
        dimensions = strict_json(self.good("info", "-m", MODEL, "--json"))["dimensions"]
        self.assertEqual(self.good("encode", "-m", MODEL), b"")
        self.assertEqual(self.good("encode", "-m", MODEL, "--output-format", "f32"), b"")
        self.check_npy(self.good("encode", "-m", MODEL, "--output-format", "npy"), 0, dimensions, b"")
        self.good("encode", "-m", MODEL, "--output-format", "npy", "-o", self.path("v.npy"))
        self.check_npy(self.read("v.npy"), 0, dimensions, b"")

    def test_odd_texts(self):
        data = b"\n".join(ODD) + b"\n"
        records = json_lines(self.good("encode", "-m", MODEL, stdin=data))
        self.assertEqual(len(records), len(ODD))
        self.assertEqual(len(json_lines(self.good("tokenize", "-m", MODEL, self.write("odd.txt", data)))), len(ODD))
        alone = json_lines(self.good("encode", "-m", MODEL, stdin=ODD[9] + b"\n"))
        self.assertEqual(alone[0]["vector"], records[9]["vector"])

    def test_odd_json(self):
        lines = [json.dumps({"_id": text.decode("latin-1"), "text": text.decode("latin-1")}).encode() for text in ODD]
        records = json_lines(self.good("encode", "-m", MODEL, stdin=b"\n".join(lines)))
        self.assertEqual([record["_id"] for record in records], [text.decode("latin-1") for text in ODD])
        raw = b'{"_id":"caf\xe9 \x00 \\ud800 \\u0000","text":"x"}\n'
        record = json_lines(self.good("encode", "-m", MODEL, stdin=raw))[0]
        self.assertEqual(record["_id"], "caf\ufffd \x00 \ufffd \x00")

    def test_bad_json(self):
        path = self.write("bad.jsonl", '{"text":"a"}\n{"text":"b"\n')
        self.assertIn(b":2:", minnow("encode", "-m", MODEL, path).stderr)
        self.bad(1, "encode", "-m", MODEL, path, "-o", self.path("out"), says=path.encode() + b":2:")
        self.assertEqual(os.listdir(self.folder), ["bad.jsonl"])
        self.assertEqual(minnow("tokenize", "-m", MODEL, path).returncode, 1)

    def test_output_file_is_whole_or_absent(self):
        self.write("out.npy", b"before")
        bad = self.write("bad.jsonl", '{"text":"a"}\n{}\n')
        self.bad(1, "encode", "-m", MODEL, "--output-format", "npy", "-o", self.path("out.npy"), bad)
        self.assertEqual(self.read("out.npy"), b"before")
        self.assertEqual(sorted(os.listdir(self.folder)), ["bad.jsonl", "out.npy"])
        self.good("encode", "-m", MODEL, "-o", self.path("out.npy"), stdin=b"x\n")
        self.assertEqual(len(json_lines(self.read("out.npy"))), 1)
        self.bad(1, "encode", "-m", MODEL, "-o", self.path("no/such/out"), stdin=b"x\n")

    def test_killed_while_encoding(self):
        self.write("out", b"before")
        process = subprocess.Popen([MINNOW, "encode", "-m", MODEL, "-o", self.path("out")], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.stdin.write(b"some text\n" * 600)
        process.stdin.flush()
        process.kill()
        process.wait()
        process.stdin.close()
        self.assertEqual(self.read("out"), b"before")


class Searching(CommandLine):
    def index(self):
        database = self.path("index.db")
        result = strict_json(self.good("index", database, "-m", MODEL, self.documents(), "--json"))
        self.assertEqual((result["added"], result["total"]), (5, 5))
        return database

    def search(self, database, *arguments):
        return strict_json(self.good("search", database, "-m", MODEL, "--json", *arguments))

    def test_search(self):
        database = self.index()
        result = self.search(database, "-k", "2", "sleeping pet")
        self.assertEqual(result["query"], "sleeping pet")
        self.assertGreaterEqual(result["took_ms"], 0)
        self.assertEqual([hit["rank"] for hit in result["hits"]], [1, 2])
        self.assertEqual(set(result["hits"][0]), {"rank", "id", "score", "title", "text"})
        self.assertEqual((result["hits"][0]["id"], result["hits"][0]["title"]), ("d2", "Title 2"))
        self.assertEqual(len(self.search(database, "-k", "4000000000", "x")["hits"]), 5)
        self.assertEqual(self.search(database, "--hybrid", "oven")["hits"][0]["id"], "d4")
        self.assertEqual(self.search(database, "--approximate", "sleeping pet")["hits"],
                         self.search(database, "sleeping pet")["hits"])  # few documents: all are looked at
        table = self.good("search", database, "-m", MODEL, "sleeping pet").decode()
        self.assertIn("d2", table.splitlines()[0])
        self.assertEqual(len(table.splitlines()), 6)

    def test_add_replace_remove(self):
        database = self.index()
        again = strict_json(self.good("index", database, "-m", MODEL, "-", "--json",
                                      stdin=b'{"_id":"d0","text":"entirely new words"}\n{"_id":"new","text":"y"}\n'))
        self.assertEqual((again["added"], again["total"]), (2, 6))
        self.assertEqual(self.search(database, "entirely new words")["hits"][0]["id"], "d0")
        self.good("index", database, "-m", MODEL, "--remove", "d0")
        self.assertNotIn("d0", [hit["id"] for hit in self.search(database, "entirely new words")["hits"]])
        result = minnow("index", database, "-m", MODEL, "--remove", "d0")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b'no document "d0"', result.stderr)

    def test_cut_index(self):
        database = self.path("cut.db")
        self.good("index", database, "-m", MODEL, "--dimensions", "64", self.documents())
        self.assertEqual(self.search(database, "sleeping pet")["hits"][0]["id"], "d2")
        again = strict_json(self.good("index", database, "-m", MODEL, "--json", stdin=b"one more\n"))
        self.assertEqual(again["total"], 6)
        self.bad(1, "index", database, "-m", MODEL, "--dimensions", "32", stdin=b"x\n", says=b"64 dimensions")
        self.bad(1, "index", self.path("no.db"), "-m", MODEL, "--dimensions", "100000", stdin=b"x\n", says=b"100000")
        self.assertFalse(os.path.exists(self.path("no.db")))

    def test_empty_index(self):
        database = self.path("empty.db")
        self.good("index", database, "-m", MODEL)
        self.assertEqual(self.search(database, "x")["hits"], [])

    def test_odd_queries(self):
        database = self.index()
        for text in ODD:
            if b"\x00" in text:
                continue  # no argument can hold it
            for options in ([], ["--hybrid"]):
                result = strict_json(self.good("search", database, "-m", MODEL, "--json", *options, "--", text))
                self.assertEqual(result["query"], text.decode("utf-8", "replace"))
                self.assertEqual(len(result["hits"]), 5)
            self.good("search", database, "-m", MODEL, "--", text)
        self.assertEqual(len(self.search(database, "--", "-k")["hits"]), 5)

    def test_odd_documents(self):
        database = self.path("odd.db")
        self.good("index", database, "-m", MODEL, stdin=b"\n".join(ODD) + b"\n")
        hits = self.search(database, "-k", "100", "x")["hits"]
        self.assertEqual(sorted((int(hit["id"]), hit["text"]) for hit in hits),
                         [(i + 1, text.decode("utf-8", "replace")) for i, text in enumerate(ODD)])
        lines = self.good("search", database, "-m", MODEL, "-k", "100", "x").split(b"\n")
        self.assertEqual(len(lines), len(ODD) + 2)
        for line in lines:
            self.assertTrue(line.decode("utf-8").isprintable(), line)
            self.assertLessEqual(len(line.decode("utf-8")), 160)

    def test_index_stops_at_a_bad_line(self):
        lines = [json.dumps({"_id": str(i), "text": "x"}) for i in range(300)] + ["{"]
        path = self.write("bad.jsonl", "\n".join(lines))
        database = self.path("i.db")
        error = self.bad(1, "index", database, "-m", MODEL, path, says=b":301:")
        self.assertIn(b"256 documents had been added", error)
        self.assertEqual(self.search(database, "x")["documents"], 256)

    def test_interrupted_index_keeps_what_it_has(self):
        database = self.path("i.db")
        process = subprocess.Popen([MINNOW, "index", database, "-m", MODEL], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        signal_timer = threading.Timer(1.0, process.send_signal, [signal.SIGINT])
        signal_timer.start()
        try:
            while process.poll() is None:
                process.stdin.write(b"a line of text\n" * 64)
                process.stdin.flush()
        except BrokenPipeError:
            pass
        out, error = process.stdout.read(), process.stderr.read()
        self.assertEqual(process.wait(), 1, error)
        self.assertIn(b"interrupted", error)
        count = self.search(database, "x")["documents"]
        self.assertIn(b"added %d document" % count, out)
        self.assertEqual(count % 256, 0)
        for stream in (process.stdin, process.stdout, process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass

    def test_not_an_index(self):
        path = self.write("text.db", "not a database at all\n" * 500)
        self.bad(1, "search", path, "-m", MODEL, "x", says=path.encode())
        self.bad(1, "index", path, "-m", MODEL, stdin=b"x\n", says=path.encode())
        self.assertEqual(self.read("text.db"), b"not a database at all\n" * 500)


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


class BrokenOutput(CommandLine):
    def commands(self):
        database, documents = self.path("i.db"), self.documents()
        self.good("index", database, "-m", MODEL, documents)
        model = ["-m", MODEL]
        return [["--help"], ["--version"], ["encode", "--help"], ["info", *model], ["info", *model, "--json"],
                ["verify", *model], ["tokenize", *model, documents], ["encode", *model, documents],
                ["encode", *model, "--output-format", "npy", documents],
                ["encode", *model, "--output-format", "f32", documents], ["search", *model, database, "x"],
                ["search", *model, "--json", database, "x"], ["rerank", *model, "x", database],
                ["rerank", *model, "--json", "x", documents], ["index", *model, database, documents],
                ["bench", *model, "--tokens", "8", "--batch", "1"]]

    @unittest.skipUnless(os.path.exists("/dev/full"), "/dev/full is not here")
    def test_full_disk(self):
        for command in self.commands():
            with open("/dev/full", "wb") as full:
                result = subprocess.run([MINNOW, *command], stdin=subprocess.DEVNULL, stdout=full,
                                        stderr=subprocess.PIPE)
            self.assertEqual(result.returncode, 1, command)
            self.assertIn(b"standard output could not be written", result.stderr, command)

    def test_closed_pipe(self):
        for command in self.commands():
            reader, writer = os.pipe()
            os.close(reader)
            result = subprocess.run([MINNOW, *command], stdin=subprocess.DEVNULL, stdout=writer,
                                    stderr=subprocess.PIPE)
            os.close(writer)
            self.assertEqual(result.returncode, 1, command)

    def test_closed_standard_output(self):
        for command in self.commands():
            result = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", MINNOW, *command], stdin=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE)
            self.assertEqual(result.returncode, 1, command)

    def test_reader_that_leaves_ends_the_work(self):
        process = subprocess.Popen([MINNOW, "tokenize", "-m", MODEL], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.close()
        with self.assertRaises(BrokenPipeError):
            for _ in range(100000):
                process.stdin.write(b"many words of text\n" * 100)
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(process.wait(), 1)
        process.stderr.close()

    def test_progress_stays_off_what_is_no_terminal(self):
        self.assertEqual(minnow("encode", "-m", MODEL, stdin=b"x\n" * 1000).stderr, b"")


if __name__ == "__main__":
    for name in ("MINNOW", "MODEL", "CHECKPOINT"):
        if not os.path.exists(os.environ.get(name, "")):
            sys.exit(f"{name} is not set, or is not there.\n{__doc__}")
    unittest.main()
