"""Commands around a model file: info, verify, convert, bench, eval.

Environment: as for command_line.py."""
import csv
import io
import os
import sys
import unittest

from command_line import MODEL, CHECKPOINT, strict_json, CommandLine


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


if __name__ == "__main__":
    unittest.main()
