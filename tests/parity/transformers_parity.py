"""The BERT family against `transformers` itself: it makes the checkpoints, saves them and computes what is expected.

Usage: transformers_parity.py MINNOW [--data FOLDER]
FOLDER: as families_parity.py. Skipped where transformers or torch is not here."""
import os
import sys
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
import families_parity
from families.parts import peers, scoring, texts, tokenizer
from families_parity import Failure, difference, expect, rank_correlation, run

F32_DIFFERENCE, S8_COSINE, S8_RANKS = 1e-4, 0.995, 0.98
SMALL = {"vocab_size": 1000, "max_position_embeddings": 200}
BERT = {**SMALL, "hidden_size": 60, "num_hidden_layers": 3, "num_attention_heads": 5, "intermediate_size": 130}
DISTILBERT = {**SMALL, "dim": 64, "n_layers": 2, "n_heads": 4, "hidden_dim": 150}
CASES = {  # name: (model, its configuration, how tokens are pooled or None for a classifier)
    "bert-mean": ("BertModel", BERT, "mean"),
    "bert-cls": ("BertModel", {**BERT, "layer_norm_eps": 1e-3}, "cls"),
    "bert-max-relu": ("BertModel", {**BERT, "hidden_act": "relu"}, "max"),
    "bert-types": ("BertModel", {**BERT, "type_vocab_size": 4}, "mean"),
    "distilbert-mean": ("DistilBertModel", DISTILBERT, "mean"),
    "distilbert-cls": ("DistilBertModel", {**DISTILBERT, "activation": "relu"}, "cls"),
    "bert-classifier": ("BertForSequenceClassification", {**BERT, "num_labels": 1}, None),
    "distilbert-classifier": ("DistilBertForSequenceClassification", {**DISTILBERT, "num_labels": 1}, None),
}


def make(transformers, torch, kind, settings, folder, words, seed):
    """A model of random weights that was saved and loaded again, and its tokenizer."""
    torch.manual_seed(seed)
    model_class = getattr(transformers, kind)
    model = model_class(model_class.config_class(**settings))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "LayerNorm.weight" in name or "layer_norm.weight" in name:
                value.uniform_(0.8, 1.2)
            else:
                value.normal_(0, 0.4 if "embeddings" in name else 1.2 / value.shape[-1] ** 0.5)
    model.save_pretrained(folder)
    tokenizer.write(folder, tokenizer.make_vocabulary(words, settings["vocab_size"]),
                    limit=settings["max_position_embeddings"])
    return model_class.from_pretrained(folder).eval(), transformers.AutoTokenizer.from_pretrained(folder)


def vectors(torch, model, tokens, pooling, lines):
    rows = []
    for line in lines:
        with torch.no_grad():
            state = model(**tokens(line, truncation=True, return_tensors="pt")).last_hidden_state[0].numpy()
        rows.append({"cls": lambda: state[0], "mean": lambda: state.mean(0), "max": lambda: state.max(0)}[pooling]())
    return scoring.unit(np.array(rows))


def logits(torch, model, tokens, pairs):
    rows = []
    for query, documents in pairs:
        for document in documents:
            given = tokens(query, document, truncation=True, return_tensors="pt")
            with torch.no_grad():
                rows.append(float(model(**given).logits[0, 0]))
    return 1 / (1 + np.exp(-np.array(rows)))  # what a folder that names no activation means


def convert(minnow, folder, weights, *options):
    model = f"{folder}.{weights}.mnw"
    run(minnow, "convert", folder, "-o", model, "--weights", weights, *options)
    return model


def encode(minnow, model, path):
    out = model + ".npy"
    run(minnow, "encode", "-m", model, "--output-format", "npy", "-o", out, path)
    return np.load(out)


def check_vectors(minnow, folder, pooling, expected, lines):
    path = folder + ".txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    found = {weights: encode(minnow, convert(minnow, folder, weights, "--pooling", pooling), path)
             for weights in ("f32", "s8")}
    apart = np.abs(scoring.unit(found["f32"]) - expected).max() / np.abs(expected).max()
    cosine = (scoring.unit(found["s8"]) * expected).sum(1).mean()
    figures = f"f32 differs by {apart:.1g} of the largest, s8 cosine {cosine:.5f}, {len(lines)} texts"
    expect(apart <= F32_DIFFERENCE and cosine >= S8_COSINE, figures)
    return figures


def check_scores(minnow, folder, expected, pairs):
    found = {weights: families_parity.score(pairs, minnow, "score", "-m", convert(minnow, folder, weights))
             for weights in ("f32", "s8")}
    apart, ranks = difference(found["f32"], expected), rank_correlation(found["s8"], expected)
    figures = f"f32 differs by {apart:.1g} of the largest, s8 ranks {ranks:.4f}, {len(expected)} pairs"
    expect(apart <= F32_DIFFERENCE and ranks >= S8_RANKS, figures)
    return figures


def check(minnow, transformers, torch, name, folder, pairs, words):
    kind, settings, pooling = CASES[name]
    model, tokens = make(transformers, torch, kind, settings, folder, words, list(CASES).index(name))
    if pooling is None:
        return check_scores(minnow, folder, logits(torch, model, tokens, pairs), pairs)
    lines = [text for query, documents in pairs for text in (query, *documents)]
    return check_vectors(minnow, folder, pooling, vectors(torch, model, tokens, pooling, lines), lines)


def main(minnow, data):
    try:
        transformers, torch = peers.quiet("transformers"), peers.quiet("torch")
    except ImportError as missing:
        print(f"skipped: {missing.name} is not here")
        return 0
    pairs, failed = texts.pairs(data), 0
    words = texts.words([text for query, documents in pairs for text in (query, *documents)])
    for name in CASES:
        with tempfile.TemporaryDirectory() as parent:
            try:
                print(f"ok: {name}: "
                      f"{check(minnow, transformers, torch, name, os.path.join(parent, name), pairs, words)}", flush=True)
            except Failure as failure:
                print(f"FAILED: {name}: {failure}", flush=True)
                failed += 1
    print(f"{len(CASES) - failed} of {len(CASES)} models of transformers {transformers.__version__}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[2] == "--data":
        sys.exit(main(sys.argv[1], sys.argv[3]))
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], families_parity.DATA))
