"""Small random checkpoints of every supported shape against a NumPy forward pass in f64.

Usage: checkpoint_parity.py MINNOW [TOKENIZER_FOLDER]
make_checkpoints.py writes them, with its own tiny tokenizer or the one of TOKENIZER_FOLDER. Token ids
come from `minnow tokenize`, so that the network alone is compared; prompts and limits are checked apart.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small only make threads wait
import numpy as np

sys.dont_write_bytecode = True  # the import leaves nothing in the tree
from families.parts import reading, transformer

WEIGHTS = ("f32", "s8", "s4")
F32_WORST, F32_DIFFERENCE, S8_MEAN, S4_MEAN = 0.99999, 1e-4, 0.999, 0.985
ROLES = {"query": ("query",), "document": ("document", "passage", "corpus")}


class Failure(Exception):
    pass


# ---- Texts -------------------------------------------------------------------------------------

def make_texts():
    """From nothing to far beyond every limit; one a line."""
    source = random.Random(7)
    words = "the river of small fish search model query what is water text device how who in on".split()
    words += "Xylophone 1984 naïve COLD, end. (well) re-use 水 don't unbelievably zq".split()
    lengths = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9] * 2 + [12, 15, 20, 25, 30, 40, 80, 300]
    texts = [" ".join(source.choice(words) for _ in range(length)) for length in lengths]
    return ["a", ""] + texts + ["", "   ", "?!", "x" * 150]


def write_texts(folder, name, texts):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(text + "\n" for text in texts))
    return path


# ---- The command line --------------------------------------------------------------------------

def run(*command):
    result = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    if result.returncode:
        raise Failure(f"{' '.join(command[1:3])}: exit {result.returncode}: {result.stderr.decode(errors='replace')}")
    return result.stdout


def convert(minnow, checkpoint, model, *options):
    run(minnow, "convert", checkpoint, "-o", model, *options)
    return model


def tokenize(minnow, model, role, path):
    return [json.loads(line) for line in run(minnow, "tokenize", "-m", model, "--role", role, path).splitlines()]


def encode(minnow, model, role, path, *options):
    out = model + ".npy"
    run(minnow, "encode", "-m", model, "--role", role, "--output-format", "npy", "-o", out, *options, path)
    return np.load(out)


# ---- The network -------------------------------------------------------------------------------

def read_network(checkpoint, spec):
    """Everything in f64."""
    dense = [reading.read_weights(os.path.join(checkpoint, f"{2 + i}_Dense"), dtype="f8") for i in range(len(spec["dense"]))]
    weights = reading.read_weights(checkpoint, spec["prefix"], "f8")
    return transformer.Transformer(weights, reading.read_json(checkpoint, "config.json")), dense


def forward(network, dense, spec, ids):
    x = network(ids)
    x = {"cls": lambda: x[:1], "mean": lambda: x.mean(0)[None], "max": lambda: x.max(0)[None]}[spec["pooling"]]()
    for layer, (_, activation, _) in zip(dense, spec["dense"]):
        x = transformer.ACTIVATIONS[activation.lower()](transformer.linear(layer, "linear", x))
    return (x / np.linalg.norm(x) if spec["normalize"] else x)[0]


# ---- The comparison ----------------------------------------------------------------------------

def cosines(a, b):
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def expect(condition, message):
    if not condition:
        raise Failure(message)


def check_tokens(minnow, models, spec, role, path, texts):
    """With the prompt stored in the model, and written before each text by hand."""
    prompt = next((spec["prompts"][name] for name in ROLES[role] if name in spec["prompts"]), "")
    limit = spec["max_tokens"] or spec["positions"]
    ids = tokenize(minnow, models["f32"], role, path)
    longest = max(len(row) for row in ids)
    expect(len(ids) == len(texts), f"{role}: {len(ids)} rows of tokens, expected {len(texts)}")
    expect(longest == limit, f"{role}: the longest text has {longest} tokens, expected the limit, {limit}")
    if "bare" in models:
        by_hand = write_texts(os.path.dirname(path), role + ".txt", [prompt + text for text in texts])
        expect(ids == tokenize(minnow, models["bare"], role, by_hand), f"{role}: tokens do not begin with \"{prompt}\"")
    return ids


def check_role(minnow, models, network, spec, role, path, texts):
    """The cosines of every text's f32, s8 and s4 vectors to NumPy's, and what f32 differs by."""
    ids = check_tokens(minnow, models, spec, role, path, texts)
    expected = np.array([forward(*network, spec, row) for row in ids])
    f32, s8, s4 = (encode(minnow, models[name], role, path) for name in WEIGHTS)
    shapes = [found.shape for found in (f32, s8, s4)]
    expect(shapes == 3 * [expected.shape], f"{role}: shapes {shapes}, not {expected.shape}")
    difference = np.abs(f32 - expected).max() / np.abs(expected).max()
    expect(difference <= F32_DIFFERENCE, f"{role}: f32 differs by {difference:.2g} of the largest value")
    for name, found in (("s8", s8), ("s4", s4)):
        reference = encode(minnow, models[name], role, path, "--isa", "reference")
        expect(found.tobytes() == reference.tobytes(), f"{role}: {name} has other bits with --isa reference")
    return *(cosines(found, expected) for found in (f32, s8, s4)), difference


def check(minnow, folder, name, spec, path, texts):
    checkpoint = os.path.join(folder, name)
    model = os.path.join(folder, name + ".{}.mnw").format
    pooling = ("--pooling", spec["pooling"]) if spec["plain"] else ()  # what a folder without modules.json does not say
    models = {weights: convert(minnow, checkpoint, model(weights), "--weights", weights, *pooling) for weights in WEIGHTS}
    if spec["prompts"]:
        no_prompts = ("--weights", "f32", "--query-prompt", "", "--document-prompt", "")
        models["bare"] = convert(minnow, checkpoint, model("bare"), *no_prompts)
    network = read_network(checkpoint, spec)
    roles = ROLES if spec["prompts"] else ("document",)
    results = [check_role(minnow, models, network, spec, role, path, texts) for role in roles]
    f32, s8, s4 = (np.concatenate([result[i] for result in results]) for i in range(3))
    figures = (f"f32 worst {f32.min():.7f}, difference {max(result[3] for result in results):.1g}, "
               f"s8 mean {s8.mean():.5f}, worst {s8.min():.5f}, s4 mean {s4.mean():.5f}, worst {s4.min():.5f}")
    expect(f32.min() >= F32_WORST and s8.mean() >= S8_MEAN and s4.mean() >= S4_MEAN, figures)
    return figures


def main(minnow, *tokenizer):
    failed, texts = 0, make_texts()
    make = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make_checkpoints.py")
    with tempfile.TemporaryDirectory() as folder:
        options = ["--tokenizer", *tokenizer] if tokenizer else []
        subprocess.run([sys.executable, make, "--out", folder, *options], check=True)
        path = write_texts(folder, "texts.txt", texts)
        with open(os.path.join(folder, "checkpoints.json"), encoding="utf-8") as file:
            specs = json.load(file)
        for name, spec in specs.items():
            try:
                print(f"ok: {name}: {check(minnow, folder, name, spec, path, texts)}", flush=True)
            except Failure as failure:
                print(f"FAILED: {name}: {failure}", flush=True)
                failed += 1
    print(f"{len(specs) - failed} of {len(specs)} checkpoints, {len(texts)} texts each")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
