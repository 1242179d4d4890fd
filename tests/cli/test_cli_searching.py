"""index and search.

Environment: as for command_line.py."""
import json
import os
import signal
import subprocess
import threading
import unittest

from command_line import MINNOW, MODEL, ODD, minnow, strict_json, CommandLine


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


if __name__ == "__main__":
    unittest.main()
