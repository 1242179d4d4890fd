"""Where things are below build/peers, and what this CPU can do."""
import json
import os


class Folders:
    def __init__(self, root, checkpoint):
        self.root, self.checkpoint = os.path.abspath(root), os.path.abspath(checkpoint)
        self.models = os.path.join(self.root, "models")
        self.texts = os.path.join(self.root, "texts")
        self.home = os.path.join(self.root, "home")  # for packages that write there
        self.state = os.path.join(self.root, "state")

    def model(self, name):
        return os.path.join(self.models, name)

    def python(self, venv="venv"):
        return os.path.join(self.root, venv, "bin", "python")

    def config(self):
        with open(os.path.join(self.checkpoint, "config.json"), encoding="utf-8") as file:
            return json.load(file)

    def read_texts(self, workload):
        with open(os.path.join(self.texts, workload + ".txt"), encoding="utf-8") as file:
            return file.read().splitlines()

    def tokens(self, workload):
        """Ids of a workload's texts, by the `tokenizers` package."""
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(os.path.join(self.checkpoint, "tokenizer.json"))
        tokenizer.enable_truncation(256)
        tokenizer.no_padding()
        return [tokenizer.encode(text).ids for text in self.read_texts(workload)]

    @staticmethod
    def cpu_flags():
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith(("flags", "Features")):
                    return set(line.split(":", 1)[1].split())
        return set()

    def has(self, flag):
        return flag in self.cpu_flags()

    def has_vnni(self):
        return bool(self.cpu_flags() & {"avx512_vnni", "avx_vnni", "asimddp"})
