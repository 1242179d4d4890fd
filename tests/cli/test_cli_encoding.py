"""tokenize and encode: forms, odd texts, output files.

Environment: as for command_line.py."""
import json
import os
import struct
import subprocess
import unittest

from command_line import MINNOW, MODEL, ODD, minnow, strict_json, json_lines, CommandLine


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


if __name__ == "__main__":
    unittest.main()
