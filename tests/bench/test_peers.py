"""The benchmark's own parts: the report on recorded numbers, limits, texts, processes, Minnow's worker. No peer runs.

Environment: WORKER (build/bench/worker), PEAK (build/peak), MINNOW (the program), MODEL (a model file).
Usage: WORKER=... PEAK=... MINNOW=... MODEL=... test_peers.py [unittest options]
"""
import array
import copy
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

NEEDED = ("WORKER", "PEAK", "MINNOW", "MODEL")
WORKER, PEAK, MINNOW, MODEL = (os.path.abspath(os.environ.get(name, "")) for name in NEEDED)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bench", "peers"))

import encoding
import install
import limits
import peers
import report
import searching
import texts
from packages import ENGINES
from workers import Worker, WorkerError, first_cores


def encoder(kind, ms, bulk_ms, ids_ms=None, failure=None):
    def both(text, ids):
        return {source: {"median_ms": value} for source, value in (("text", text), ("ids", ids)) if value}
    single = {size: both(ms * factor, ids_ms and ids_ms * factor) for size, factor in
              (("8", 1), ("16", 2), ("128", 16), ("256", 32))} if ms else {}
    return {"class": kind, "failure": failure, "single": single, "bulk": both(bulk_ms, None), "batching": [1, 1],
            "peak_memory_mb": 36.5, "greeting": "ready"}


RESULTS = {
    "date": "2026-01-02", "cpu": "A CPU", "cpus": 2, "system": "Linux 6", "load_before": 0.1, "commit": "abc",
    "quick": False,
    "texts": {"origin": "somewhere", "tokens": {"bulk": [100, 300, 7]}}, "bulk_texts": 2, "versions": {"litert": "2.3"},
    "model": {"hidden": 10, "layers": 2, "intermediate": 40},
    "peaks": {"1": {"gmac_s": {"int8_avx2": 0.1, "int8_avx512vnni": 0.001, "f32_avx2": 0.01},
                    "gb_s": {"1": 1e-3, "9": 5e-4}}},
    "encoding": {"1": {"Minnow s8": encoder("int8", 0.5, 4), "Slow int8": encoder("int8", 2, 10, 1.5),
                       "Fast int8": encoder("int8", 1, 8, 0.75), "An f32": encoder("f32", 0.1, 0.1),
                       "Broken": encoder("int8", None, None, failure="single: it ended with 1: no memory")}},
    "fidelity": {"reference": "An f32", "cosines": {"Minnow s8": {"mean": 0.99971, "worst": 0.998}}},
    "search": {"vectors": 1000, "dimensions": 10, "engines": {
        "Minnow exact": {"median_ms": 2, "min_ms": 1, "recall": 0.97, "memory_mb": 1, "note": "a note"},
        "FAISS flat f32": {"median_ms": 5, "min_ms": 4, "recall": None, "memory_mb": 4, "note": ""}}},
    "missing": {"Absent int4": "shared.log: ERROR: no such package"},
}


def cells(text, begins):
    line = next(line for line in text.splitlines() if line.startswith(f"| {begins}"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


class Report(unittest.TestCase):
    text = report.report(RESULTS)

    def test_times(self):
        self.assertEqual(cells(self.text, "Minnow s8 |"),
                         ["0.50", "1.00", "8.00", "16.0", "250", "0.99971 / 0.99800", "36.5"])
        self.assertEqual(cells(self.text, "Fast int8 |")[5], "-")

    def test_ratios_are_to_the_fastest_of_the_class(self):
        self.assertEqual(cells(self.text, "Minnow s8, 1 thread: times faster"), ["2.00x Fast int8"] * 5)
        self.assertEqual(cells(self.text, "Minnow s8, 1 thread: the same"), ["1.50x Fast int8"] * 4 + ["-"])

    def test_share_of_the_limit(self):
        # 8 tokens: 2 * (400 + 800) weights * 8 + 2 * 2 * 10 * 64 = 21760 at 0.1e9 a second: 0.2176 ms;
        # 2400 bytes at 5e-4 GB/s: 4.8 ms, the larger.
        self.assertEqual(cells(self.text, "Minnow s8, 1 thread: of the limit")[0], "960%")
        # 100 and 300 tokens in bulk: (2400 * 400 + 40 * (1e4 + 9e4)) / 0.1e9 / 2 texts = 24.8 ms each.
        self.assertEqual(cells(self.text, "Minnow s8, 1 thread: of the limit")[4], "620%")

    def test_nothing_is_dropped_in_silence(self):
        self.assertIn("- Absent int4: shared.log: ERROR: no such package", self.text)
        self.assertIn("- Broken, 1 thread: single: it ended with 1: no memory", self.text)
        self.assertEqual(cells(self.text, "Broken |")[:5], ["-"] * 5)

    def test_search(self):
        self.assertEqual(cells(self.text, "FAISS flat f32"), ["5.00", "2.50", "-", "4.00", ""])
        self.assertEqual(cells(self.text, "reading a byte"), ["20.0", "10.00", "", "", "at the measured bandwidth"])

    def test_two_threads_share_a_cell(self):
        two = copy.deepcopy(RESULTS)
        two["encoding"]["2"] = {"Minnow s8": encoder("int8", 0.25, 2)}
        two["peaks"]["2"] = two["peaks"]["1"]
        self.assertEqual(cells(report.report(two), "Minnow s8 |")[:2], ["0.50 / 0.25", "1.00 / 0.50"])
        self.assertEqual(cells(report.report(two), "An f32 |")[:2], ["0.10 / -", "0.20 / -"])

    def test_minnow_alone(self):
        alone = {**RESULTS, "encoding": {"1": {"Minnow s8": encoder("int8", 0.5, 4)}}, "search": {}, "missing": {},
                 "versions": {}, "fidelity": {"reference": None, "cosines": {}}}
        self.assertIn("Minnow alone.", report.report(alone))
        self.assertNotIn("Missing", report.report(alone))


class Parts(unittest.TestCase):
    def test_reading_rate_is_of_the_size_that_holds_it(self):
        peak = {"gb_s": {"32": 9, "512": 5, "1024": 2}}
        rates = [limits.reading_rate(peak, size) for size in (1, 32768, 32769, 1 << 20, 1 << 30)]
        self.assertEqual(rates, [9, 9, 5, 2, 2])

    def test_every_peer_has_packages_and_a_driver(self):
        for engine, _, _ in [*peers.ENCODERS.values(), *peers.SEARCHERS.values()]:
            self.assertIn(engine, ENGINES)
            self.assertTrue(os.path.exists(os.path.join(ROOT, "bench", "peers", "engines", engine + ".py")), engine)

    def test_a_failed_installation_says_why(self):
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "x.log")
            with self.assertRaisesRegex(install.Failed, "^x.log: exit 3: ERROR: no such package$"):
                install.run(["sh", "-c", "echo 'ERROR: no such package'; echo more; exit 3"], log)
            with self.assertRaisesRegex(install.Failed, "^x.log: exit -9: it said nothing$"):
                install.run(["sh", "-c", "kill -9 $$"], log)

    def test_median_and_cosine(self):
        self.assertEqual([encoding.median(values) for values in ([3, 1, 2], [4, 1, 2, 3])], [2, 2.5])
        self.assertAlmostEqual(encoding.cosine([1, 1], [0, 2]), 0.5 ** 0.5)

    def test_recall(self):
        def searcher(found):
            made = searching.Searcher.__new__(searching.Searcher)
            made.found = found
            return made
        ten = [str(number) for number in range(10)]
        exact, half = searcher({0: ten, 1: ten}), searcher({0: ten, 1: ten[5:] + list("abcde")})
        self.assertEqual([searching.recall(half, exact), searching.recall(half, None)], [0.75, None])

    def test_texts_have_exact_tokens_without_data(self):
        made, origin = texts.workloads(MINNOW, MODEL, data="nowhere")
        self.assertIn("own texts", origin)
        for size in texts.SINGLE:
            self.assertEqual(texts.tokenize(MINNOW, MODEL, made[str(size)]), [size] * texts.VARIANTS)
        counts = texts.tokenize(MINNOW, MODEL, made["bulk"])
        self.assertTrue(len(counts) == 256 and min(counts) >= 32 and max(counts) <= 256, counts)
        self.assertFalse(set(made["calibration"]) & set(made["fidelity"]))

    def test_peak(self):
        measured = json.loads(subprocess.check_output([PEAK, "1"]))
        self.assertEqual(measured["threads"], 1)
        self.assertTrue(all(rate > 0 for rate in [*measured["gmac_s"].values(), *measured["gb_s"].values()]), measured)
        self.assertEqual(subprocess.run([PEAK, "0"], stderr=subprocess.DEVNULL).returncode, 2)


class Processes(unittest.TestCase):
    def start(self, code):
        log = tempfile.NamedTemporaryFile(delete=False)
        log.close()
        self.addCleanup(os.unlink, log.name)
        worker = Worker([sys.executable, "-c", code], first_cores(1), log.name)
        self.addCleanup(worker.close)
        return worker

    def test_a_worker_that_is_not_asked_stands_still(self):
        worker = self.start("import threading, sys\n"
                            "count = 0\n"
                            "def spin():\n"
                            "    global count\n"
                            "    while True: count += 1\n"
                            "threading.Thread(target=spin, daemon=True).start()\n"
                            "print('ready', flush=True)\n"
                            "for line in sys.stdin: print('ok', count, flush=True)")
        def used():
            with open(f"/proc/{worker.process.pid}/stat", encoding="ascii") as file:
                return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))
        self.assertGreater(int(worker.ask("x")[0]), 0)
        time.sleep(0.05)
        before = used()
        time.sleep(0.3)
        self.assertEqual(used(), before)

    def test_errors_are_told(self):
        worker = self.start("import sys\nprint('ready', flush=True)\nfor line in sys.stdin:\n"
                            "    if line != 'a\\n': sys.exit('out of luck')\n"
                            "    print('error no such thing', flush=True)")
        with self.assertRaisesRegex(WorkerError, "no such thing"):
            worker.ask("a")
        with self.assertRaisesRegex(WorkerError, "ended with 1: out of luck"):
            worker.ask("b")
        with self.assertRaises(WorkerError):
            self.start("raise SystemExit(3)")


class MinnowWorker(unittest.TestCase):
    LINES = ["how do I undo the last commit?", "", "caf\u00e9 na\u00efve \u4e2d\u6587", "word " * 400]

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for name in ("few", "bulk"):
            with open(os.path.join(self.folder.name, name + ".txt"), "w", encoding="utf-8") as file:
                file.write("".join(line + "\n" for line in self.LINES))

    def ask(self, *lines):
        out = subprocess.run([WORKER, MODEL, "1", self.folder.name], input="".join(line + "\n" for line in lines),
                             text=True, stdout=subprocess.PIPE, check=True).stdout.splitlines()
        self.assertRegex(out[0], "^ready Minnow [0-9.]+, s8 weights, kernels [a-z0-9]+, compiler ")
        return out[1:]

    def test_vectors_are_those_of_encode(self):
        path = os.path.join(self.folder.name, "few.f32")
        self.assertEqual(self.ask(f"vectors few {path}"), [f"ok {len(self.LINES)}"])
        records = "".join(json.dumps({"text": line}) + "\n" for line in self.LINES)
        command = [MINNOW, "encode", "-m", MODEL, "--output-format", "f32", "-"]
        expected = subprocess.run(command, input=records.encode(), stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, check=True).stdout
        with open(path, "rb") as file:
            self.assertEqual(file.read(), expected)
        self.assertEqual(len(array.array("f", expected)) % len(self.LINES), 0)

    def test_times_and_memory(self):
        single, bulk, memory = self.ask("single few 7 text", "bulk 1 1 4 text", "memory")
        times = [float(word) for word in single.split()[1:]]
        self.assertTrue(len(times) == 7 and min(times) > 0, single)
        self.assertGreater(float(bulk.split()[1]), 0)
        self.assertGreater(int(memory.split()[1]), 1000)

    def test_requests_that_cannot_be_met(self):
        answers = self.ask("single nothing 1 text", "single few 1001 text", "bulk 1 1 5 text", "dance",
                           "vectors few /no/such/folder/file", "memory")
        self.assertEqual([answer.split()[0] for answer in answers], ["error"] * 5 + ["ok"])

    def test_a_model_that_is_not_there(self):
        result = subprocess.run([WORKER, "/no/such/model", "1", self.folder.name], stdout=subprocess.PIPE, text=True)
        self.assertEqual((result.returncode, result.stdout.split()[0]), (1, "error"))


if __name__ == "__main__":
    for name in NEEDED:
        if not os.path.exists(os.environ.get(name, "")):
            sys.exit(f"{name} is not set, or is not there.\n{__doc__}")
    unittest.main()
