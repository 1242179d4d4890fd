"""Help, options, and what is wrong with them.

Environment: as for command_line.py."""
import os
import unittest

from command_line import MODEL, COMMANDS, minnow, CommandLine


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
                            "--teacher-model --soft-temperature --alpha --layers --quantize "
                            "--teacher-rate"}
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


if __name__ == "__main__":
    unittest.main()
