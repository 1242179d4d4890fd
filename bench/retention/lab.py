"""Where a recipe works: students are trained once each and kept, so that a run that was interrupted goes on."""
import json
import os
import subprocess

import texts
import triples

# The collections that retention is the mean over; nothing is tuned on them.
SETS = ("scifact", "cranfield", "cacm", "cisi", "squad-dev-a", "tldr", "dbpedia-tiny")
PAIRS, WORDS = 10000, 64  # questions, with as many words of the paragraph that answers each
CROSS_ENCODER_STEPS = 300
QUICK = {"sets": ("cisi",), "passages": ("manpages.jsonl",), "queries": 100, "pairs": 200, "steps": 4}


def kept(quality, whole):
    """Mean of a student's nDCG@10 by its teacher's, each 1 at most."""
    return sum(min(1, quality[name] / whole[name]) for name in quality) / len(quality)


def made(folder, make):
    """The folder, which make(folder) makes once, whole or not at all."""
    if not os.path.exists(folder):
        os.makedirs(folder + ".new", exist_ok=True)
        make(folder + ".new")
        os.rename(folder + ".new", folder)
    return folder


class Lab:
    def __init__(self, build, data, name, threads, quick=False):
        self.build, self.data, self.threads, self.quick = build, data, threads, quick
        self.minnow = os.path.join(build, "minnow")
        self.teacher = os.path.join(build, "all-MiniLM-L6-v2")
        self.folder = os.path.join(build, "retention", name + "-quick" * quick)
        self.common = os.path.join(build, "retention", "common" + "-quick" * quick)
        for folder in (self.folder, self.common):
            os.makedirs(folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words):
        """What it prints."""
        done = subprocess.run([self.minnow, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, words))}\n{done.stderr.decode()}")
        return done.stdout.decode()

    def ask(self, *words):
        return json.loads(self.run(*words, "--json"))

    def few_queries(self, sources, queries):
        """A folder of passages, with questions for a few of them."""
        train = os.path.join(self.data, "train")
        sources = [os.path.join(train, name) for name in (QUICK["passages"] if self.quick else sources)]
        queries = QUICK["queries"] if self.quick else queries
        return made(self.path("few-queries"), lambda folder: texts.write_collection(
            os.path.join(train, "squad-train"), queries, sources, folder))

    def pairs(self):
        """A folder of questions, each with the paragraph that answers it; the same for all recipes."""
        count = QUICK["pairs"] if self.quick else PAIRS
        return made(os.path.join(self.common, "pairs"), lambda folder: texts.write_pairs(
            os.path.join(self.data, "train", "squad-train"), count, WORDS, os.path.join(folder, "pairs.jsonl")))

    def train(self, name, student, data, *options, steps, teacher=None, model=None):
        """A student's checkpoint. name: of a folder here, or a path."""
        out = self.path(name)
        unfinished = os.path.exists(os.path.join(out + ".run", "state"))
        if unfinished or not os.path.exists(out):
            taught = ["--teacher", teacher or self.teacher]
            if not teacher or model:
                taught += ["--teacher-model", model or self.teacher + ".mnw"]
            resumed = ["--resume"] if unfinished else []
            steps = QUICK["steps"] if self.quick else steps
            self.run("distill", *taught, "--student", student, "--data", data, "--steps", steps, "--threads",
                     self.threads, "--cache", self.path("vectors"), "-o", out, *options, *resumed)
        return out

    def convert(self, checkpoint, *options):
        model = checkpoint + ".mnw"
        if not os.path.exists(model) or os.path.getmtime(model) < os.path.getmtime(checkpoint):
            self.run("convert", checkpoint, "-o", model, *options)
        return model

    def measure(self, documents, queries=None, sets=SETS):
        """nDCG@10 of each collection, measured now."""
        pair = ["--query-model", queries] if queries else []
        return {name: self.ask("eval", os.path.join(self.data, "dev", name), "-m", documents, *pair, "--threads",
                               self.threads)["ndcg@10"] for name in sets}

    def quality(self, documents, queries=None, sets=SETS):
        """The same, kept beside the student's model."""
        student = queries or documents
        known, found = student + f".{'asymmetric' if queries else 'alone'}.json", {}
        if os.path.exists(known) and os.path.getmtime(known) > os.path.getmtime(student):
            with open(known, encoding="utf-8") as file:
                found = json.load(file)
        sets = QUICK["sets"] if self.quick else sets
        missing = [name for name in sets if name not in found]
        if missing:
            found |= self.measure(documents, queries, missing)
            with open(known, "w", encoding="utf-8") as file:
                json.dump(found, file)
        return {name: found[name] for name in sets}

    @staticmethod
    def mean(quality):
        return sum(quality.values()) / len(quality)

    def teacher_quality(self):
        """Of the teacher in f32."""
        return self.quality(self.teacher + ".f32.mnw")

    def retention(self, queries, documents=None):
        """Mean of a student's nDCG@10 by the teacher's, each 1 at most."""
        return kept(self.quality(documents, queries) if documents else self.quality(queries), self.teacher_quality())

    def megabytes(self, model):
        return os.path.getsize(model) / 1e6

    def parameters(self, model):
        """Millions."""
        return self.ask("info", "-m", model)["parameters"] / 1e6

    def documents_per_second(self, model):
        """Of 128 tokens, one thread; a model of pairs scores them with a short query."""
        bench = self.ask("bench", "-m", model, "--tokens", 128, "--batch", 32, "--threads", 1, "--seconds", 2)
        return next(row["texts_per_second"] for rows in bench.values() if isinstance(rows, list) for row in rows)

    def cross_encoder(self, seed=1):
        """all-MiniLM-L6-v2, fine-tuned on the pairs; the same for all recipes."""
        out = os.path.abspath(os.path.join(self.common, f"cross-encoder.{seed}"))
        return self.train(out, "kind=cross-encoder", self.pairs(), "--loss", "contrastive", "--role", "both", "--batch",
                          "8", "--negatives", "3", "--rate", "0.0003", "--no-crops", "--seed", seed,
                          steps=CROSS_ENCODER_STEPS)

    def scored(self, teachers, count):
        """Triples of the pairs with each teacher's scores, a file each."""
        paths = [self.path(f"{os.path.basename(teacher)}.tsv") for teacher in teachers]
        if not all(map(os.path.exists, paths)):
            drawn = triples.draw(self.minnow, self.teacher + ".mnw", os.path.join(self.pairs(), "pairs.jsonl"), count,
                                 self.threads)
            for teacher, path in zip(teachers, paths):
                triples.write(path, triples.score(self.minnow, self.convert(teacher), drawn, self.threads), drawn)
        return paths
