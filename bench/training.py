"""How fast students train beside PyTorch: the same shape, batch and threads, f32, in turns in one run.

Usage: training.py BUILD [--threads N] [--rounds N] [--check]
BUILD has bench/training (its header says what a step is); the Python that runs this has PyTorch. Prints a Markdown
table of texts a second, medians over the rounds. --check fails where PyTorch is faster."""
import argparse
import os
import statistics
import subprocess
import sys
import time

# Layers, hidden, heads, intermediate, vocabulary; texts a step, tokens each.
SHAPES = {
    "2 layers of 384, queries": ((2, 384, 12, 1536, 30522), (128, 16)),
    "2 layers of 384, passages": ((2, 384, 12, 1536, 30522), (32, 128)),
    "6 layers of 384, queries": ((6, 384, 12, 1536, 30522), (64, 16)),
    "3 layers of 128, queries": ((3, 128, 2, 512, 16000), (128, 16)),
}
STEPS, WARM_UP, POSITIONS = 12, 3, 512


def minnow(build, shape, batch, threads):
    words = map(str, (*shape, *batch, threads, STEPS))
    line = subprocess.run([os.path.join(build, "bench", "training"), *words], check=True, stdout=subprocess.PIPE).stdout
    return float(line.split()[2])


class Torch:
    """bench/training's step as PyTorch does it: its encoder with fused attention, AdamW over all weights at once."""

    def __init__(self, shape, batch):
        import torch
        from torch import nn
        layers, hidden, heads, intermediate, vocabulary = shape
        block = nn.TransformerEncoderLayer(hidden, heads, intermediate, dropout=0, activation="gelu", batch_first=True)
        self.torch, self.texts = torch, batch[0]
        self.model = nn.ModuleDict({
            "words": nn.Embedding(vocabulary, hidden), "positions": nn.Embedding(POSITIONS, hidden),
            "types": nn.Embedding(2, hidden), "norm": nn.LayerNorm(hidden),
            "blocks": nn.TransformerEncoder(block, layers, enable_nested_tensor=False)}).train()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, foreach=True)
        self.ids = torch.randint(vocabulary, batch)
        self.places, self.types = torch.arange(batch[1]), torch.zeros_like(self.ids)
        self.wanted = nn.functional.normalize(torch.randn(batch[0], hidden), dim=1)

    def step(self):
        model = self.model
        rows = model["words"](self.ids) + model["positions"](self.places) + model["types"](self.types)
        vectors = model["blocks"](model["norm"](rows)).mean(dim=1)
        vectors = self.torch.nn.functional.normalize(vectors, dim=1)
        loss = (1 - (vectors * self.wanted).sum(dim=1)).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        self.optimizer.step()

    def texts_per_second(self):
        seconds = []
        for _ in range(STEPS):
            started = time.perf_counter()
            self.step()
            seconds.append(time.perf_counter() - started)
        return self.texts / statistics.median(seconds[WARM_UP:])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    import torch
    torch.set_num_threads(options.threads)
    slower = 0
    print(f"PyTorch {torch.__version__}, {options.threads} threads\n")
    print("| student | Minnow, texts/s | PyTorch | ratio |\n|---|---|---|---|")
    for name, (shape, batch) in SHAPES.items():
        peer, ours, theirs = Torch(shape, batch), [], []
        for _ in range(options.rounds):
            ours.append(minnow(options.build, shape, batch, options.threads))
            theirs.append(peer.texts_per_second())
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        slower += ratio < 1
        print(f"| {name} | {statistics.median(ours):.0f} | {statistics.median(theirs):.0f} | {ratio:.2f} |", flush=True)
    return 1 if options.check and slower else 0


if __name__ == "__main__":
    sys.exit(main())
