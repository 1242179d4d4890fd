"""Output that cannot be written, and readers that leave.

Environment: as for command_line.py."""
import os
import subprocess
import unittest

from command_line import MINNOW, MODEL, minnow, CommandLine


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
    unittest.main()
