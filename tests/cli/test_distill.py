"""minnow distill: a student of a real teacher, from the command line to a model that answers.

Environment: MINNOW (the program), CHECKPOINT (the teacher's folder), MODEL (a model file of it).
"""
import json
import os
import random
import signal
import struct
import subprocess
import unittest

from command_line import CHECKPOINT, MINNOW, MODEL, CommandLine

SPEC = "layers=0,5,rank=64"

# Texts that need no data beside the repository: every combination of a few parts.
WHO = ("a river pilot", "the night nurse", "an old printer", "the city council", "my neighbour", "a young violinist")
DOES = ("repairs", "describes", "sells", "looks for", "measures", "photographs", "forgets")
WHAT = ("a leaking water pump", "the train timetable", "wild mushrooms", "a solar panel", "medieval maps",
        "the price of bread", "a broken leg", "an encrypted message", "the northern lights")


def texts():
    every = [f"{who} {does} {what}" for who in WHO for does in DOES for what in WHAT]
    random.Random(1).shuffle(every)
    return every


def rows(data, dimensions=384):
    values = struct.unpack(f"<{len(data) // 4}f", data)
    return [values[i:i + dimensions] for i in range(0, len(values), dimensions)]


class Distill(CommandLine):
    def data_folder(self):
        folder = self.path("data")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "texts.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(texts()[:200]) + "\n")
        return folder

    def options(self, output, *more):
        return ["distill", "--teacher", CHECKPOINT, "--data", self.data_folder(), "-o", self.path(output), "--cache",
                self.path("cache"), "--student", SPEC, "--loss", "embedding-cosine", "--batch", "16", "--rate", "0.001",
                "--held-out", "0.1", *more]

    def distill(self, output, *more):
        return json.loads(self.good(*self.options(output, "--json", *more)))

    def vectors(self, model, role):
        path = self.write("queries.txt", "\n".join(texts()[300:340]) + "\n")
        return rows(self.good("encode", "-m", self.path(model), "--role", role, "--output-format", "f32", path))

    def cosine_to_teacher(self, model):
        pairs = zip(self.vectors(model, "query"), self.vectors("teacher.mnw", "query"))
        cosines = [sum(a * b for a, b in zip(x, y)) for x, y in pairs]
        return sum(cosines) / len(cosines)

    def convert(self, checkpoint, model, *more):
        self.good("convert", checkpoint, "-o", self.path(model), "--weights", "f32", *more)

    def space(self, model):
        return json.loads(self.good("info", "-m", self.path(model), "--json"))["space"]

    def test_a_student_of_queries_comes_near_its_teacher(self):
        begun = self.distill("begun", "--steps", "1", "--rate", "0.000001")
        result = self.distill("student", "--steps", "30", "--evaluate-every", "15")
        self.assertGreater(result["cosine"], begun["cosine"] + 0.1)
        self.assertEqual(result["steps"], 30)
        self.convert(CHECKPOINT, "teacher.mnw")
        self.convert(self.path("begun"), "begun.mnw", "--route", "query")
        self.convert(self.path("student"), "student.mnw", "--route", "query")
        self.good("verify", "-m", self.path("student.mnw"))
        self.assertEqual(self.space("student.mnw"), self.space("teacher.mnw"))
        self.assertGreater(self.cosine_to_teacher("student.mnw"), self.cosine_to_teacher("begun.mnw") + 0.1)
        metrics = [json.loads(line) for line in self.read("student.run/metrics.jsonl").decode().splitlines()]
        self.assertEqual([line["step"] for line in metrics], [0, 15, 30])
        self.assertIn(b"<svg", self.read("student.run/curve.svg"))

    def test_an_interrupted_run_goes_on_to_the_same_bits(self):
        steps = ["--steps", "6", "--evaluate-every", "3", "--threads", "1"]
        self.distill("whole", *steps)
        process = subprocess.Popen([MINNOW, *self.options("parts", *steps)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        for line in process.stderr:
            if line.startswith(b"step 3"):
                process.send_signal(signal.SIGINT)
                break
        process.communicate()
        self.assertTrue(os.path.exists(self.path("parts.run/state")))
        self.distill("parts", *steps, "--resume")
        weights = "query_0_Transformer/model.safetensors"
        self.assertEqual(self.read(f"whole/{weights}"), self.read(f"parts/{weights}"))

    def test_a_student_is_begun_with_without_its_teachers_route(self):
        first = self.distill("first", "--steps", "1")
        options = self.options("second", "--json", "--steps", "1", "--rate", "0.000001")
        options[options.index("--student") + 1] = self.path("first")
        second = json.loads(self.good(*options))
        self.assertEqual(second["parameters"], first["parameters"])
        self.assertAlmostEqual(second["cosine"], first["cosine"], delta=0.001)

    def test_a_student_trained_for_4_bits_loses_nothing_by_them(self):
        lost = {}
        for name, more in (("plain", []), ("rounded", ["--quantize", "s4"])):
            self.distill(name, "--steps", "2", *more)
            found = json.loads(self.good("convert", self.path(name), "-o", self.path(f"{name}.mnw"), "--weights", "s4",
                                         "--route", "query", "--json"))
            lost[name] = 1 - found["mean_cosine"]
        self.assertLess(lost["rounded"], 0.002)
        self.assertLess(lost["rounded"], lost["plain"] / 4)

    def test_a_teacher_in_8_bits_is_the_same_teacher(self):
        exact = self.distill("exact", "--steps", "2", "--role", "both")
        rounded = self.distill("rounded", "--steps", "2", "--role", "both", "--teacher-model", MODEL)
        self.assertAlmostEqual(exact["cosine"], rounded["cosine"], delta=0.002)
        self.assertFalse(self.read("exact/model.safetensors") == self.read("rounded/model.safetensors"))
        self.convert(self.path("exact"), "other.mnw")
        self.bad(1, *self.options("x", "--teacher-model", self.path("other.mnw")), says=b"is of another space")

    def test_words_are_those_of_score_files(self):
        folder = self.path("scores")
        os.makedirs(folder)
        some = texts()[:90]
        with open(os.path.join(folder, "scores.tsv"), "w", encoding="utf-8") as file:
            for query, passage, other in zip(some[::3], some[1::3], some[2::3]):
                file.write(f"3.5\t1\t{query}\t{passage}\t{other}\n")
        options = self.options("few", "--role", "both", "--steps", "1")
        for name, value in (("--data", folder), ("--student", "teacher-layers=0,vocab=1500"), ("--loss", "margin-mse")):
            options[options.index(name) + 1] = value
        self.good(*options)
        self.convert(self.path("few"), "few.mnw")
        self.convert(CHECKPOINT, "teacher.mnw")
        path = self.write("some.txt", "\n".join(some) + "\n")
        few, teacher = (self.good("tokenize", "-m", self.path(model), path).splitlines()
                        for model in ("few.mnw", "teacher.mnw"))
        self.assertEqual([len(json.loads(line)) for line in few], [len(json.loads(line)) for line in teacher])

    def test_what_is_wrong_is_named(self):
        self.bad(2, "distill", "--data", self.data_folder(), says=b"--student CHECKPOINT|SPEC is needed")
        self.bad(2, *self.options("x", "--rate", "fast"), says=b"--rate: found 'fast', expected a number")
        self.bad(2, *self.options("x", "--alpha", "some"), says=b"--alpha: found 'some', expected a number")
        options = self.options("x")
        options[options.index("embedding-cosine")] = "margin"
        self.bad(1, *options, says=b"found 'margin', expected NAME[:WEIGHT]")


if __name__ == "__main__":
    unittest.main()
