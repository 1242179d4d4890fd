"""TK of Margin-MSE's authors, as their trainer leaves it in a run folder.

config.yaml, best-model.pytorch-state-dict and an AllenNLP vocabulary, here in the folder `vocabulary`: row 0 of
the table is the padding's and is no line of tokens.txt, row 1 the unknown word's, its first line. Words are
lower-case and stand between blanks in the texts compared, so that no other rule of splitting is assumed."""
import importlib
import os
import re

import numpy as np
from make_checkpoints import linear, norm

from families.parts import checkpoint, reading, scoring, transformer
from families.parts.case import Case

PEER = "torch"
MU = (1.0, 0.9, 0.7, 0.5, 0.3, 0.1, -0.1, -0.3, -0.5, -0.7, -0.9)
CASES = {
    "tk": Case({"mix": True}, published={"vocabulary": 400000, "width": 300, "heads": 10, "inner": 300}),
    "tk-plain": Case({"mix": False, "container": "legacy", "heads": 2, "inner": 50}),
    "tk-same-positions": Case({"mix": True, "different": False, "layers": 1, "mu": (0.8, 0.4, 0.0, -0.4),
                               "sigma": (0.1, 0.2, 0.2, 0.15)}),
}


def sinusoids(length, width, first=0):
    """Sines in the left half, cosines in the right, timescales from 1 to 10000."""
    half = width // 2
    scales = np.exp(-np.arange(half) * np.log(1e4) / (half - 1))
    angles = np.arange(first, first + length)[:, None] * scales
    return np.concatenate([np.sin(angles), np.cos(angles), np.zeros((length, width % 2))], 1)


def block(random, name, width, inner):
    tensors = linear(random, name + "self_attn.out_proj", width, width)
    joined = linear(random, "in_proj", 3 * width, width)
    tensors.update({f"{name}self_attn.in_proj_{kind}": joined["in_proj." + kind] for kind in ("weight", "bias")})
    tensors.update(linear(random, name + "linear1", inner, width))
    tensors.update(linear(random, name + "linear2", width, inner))
    return {**tensors, **norm(random, name + "norm1", width), **norm(random, name + "norm2", width)}


def model_tensors(random, width, heads, inner, layers, mu, sigma, length, different):
    kernels = len(mu)
    tensors = {"positional_features_q": sinusoids(length, width)[None],
               "positional_features_d": sinusoids(length, width, 500 if different else 0)[None],
               "mixer": np.array([0.35]), "kernel_alpha_scaler": random.uniform(0.5, 1.5, (1, 1, kernels)),
               "mu": np.reshape(mu, (1, 1, 1, kernels)), "sigma": np.reshape(sigma, (1, 1, 1, kernels))}
    for i in range(layers):
        tensors.update(block(random, f"contextualizer.layers.{i}.", width, inner))
    tensors["kernel_bin_weights.weight"] = random.uniform(-0.014, 0.014, (1, kernels))
    return tensors


def write_config(folder, settings):
    """In the style of yaml.safe_dump."""
    plain = lambda value: str(value).lower() if isinstance(value, bool) else str(value)
    with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as file:
        for name, value in sorted(settings.items()):
            listed = isinstance(value, list)
            file.write(f"{name}:" + ("".join("\n- " + plain(entry) for entry in value) if listed else " " + plain(value)))
            file.write("\n")
        file.write("secondary_output:\n  top_n: 100\n")


def write_vocabulary(folder, words):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tokens.txt"), "w", encoding="utf-8") as file:
        file.write("".join(word + "\n" for word in words))
    with open(os.path.join(folder, "non_padded_namespaces.txt"), "w", encoding="utf-8") as file:
        file.write("*labels\n*tags\n")


def make(folder, random, words, vocabulary=800, width=40, heads=4, inner=60, layers=2, mu=MU, sigma=None, mix=True,
         different=True, query_length=30, document_length=200, container="zip"):
    sigma = sigma or (0.1,) * len(mu)
    known = (["@@UNKNOWN@@"] + words)[:vocabulary - 1]
    known += [f"filler{i}" for i in range(vocabulary - 1 - len(known))]
    write_vocabulary(os.path.join(folder, "vocabulary"), known)
    write_config(folder, {
        "model": "TK", "token_embedder_type": "embedding", "pre_trained_embedding_dim": width,
        "vocab_directory": "vocabulary", "tk_att_heads": heads, "tk_att_layer": layers, "tk_att_ff_dim": inner,
        "tk_mix_hybrid_context": mix, "tk_use_diff_posencoding": different, "tk_kernels_mu": list(mu),
        "tk_kernels_sigma": list(sigma), "max_doc_length": document_length, "max_query_length": query_length,
        "min_doc_length": -1, "min_query_length": -1, "loss": "margin-mse", "epochs": 25, "use_fp16": False})
    tensors = model_tensors(random, width, heads, inner, layers, mu, sigma, document_length, different)
    tensors = {"neural_ir_model." + name: value for name, value in tensors.items()}
    table = random.normal(0, 0.6, (vocabulary, width))
    tensors["word_embeddings.token_embedder_tokens.weight"] = table
    checkpoint.write_weights(folder, tensors, container, "best-model.pytorch-state-dict")


def clean(text):
    """Words that the splitter of the authors keeps whole, so that no rule for punctuation is compared."""
    return " ".join(word for word in re.findall("[A-Za-z0-9]+", text) if word.lower() != "cannot")


def read_config(folder):
    """The YAML that trainers write: names, plain values, lists of plain values."""
    config, name = {}, None
    with open(os.path.join(folder, "config.yaml"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("- "):
                config[name] = (config[name] or []) + [line[2:]]
            elif not line.startswith(" "):
                name, _, value = line.partition(":")
                config[name] = value.strip()
    return config


def read_ids(vocabulary, folder):
    """Text to ids: whole words of matchmaker's vocabulary, or, without one, what a tokenizer's files say."""
    if not os.path.exists(vocabulary):
        return reading.Tokens(folder).bare
    with open(vocabulary, encoding="utf-8") as file:
        ids = {word: i + 1 for i, word in enumerate(file.read().split("\n")[:-1])}
    return lambda text: [ids.get(word, 1) for word in text.lower().split()]


class Model:
    def __init__(self, folder):
        self.config = read_config(folder)
        self.weights = reading.read_weights(folder, "neural_ir_model.")
        self.table = reading.read_weights(folder, "word_embeddings.token_embedder_tokens.")["weight"]
        self.ids = read_ids(os.path.join(folder, self.config["vocab_directory"], "tokens.txt"), folder)

    def block(self, x, name):
        """Layer norms follow the sums; ReLU within."""
        weights, heads = self.weights, int(self.config["tk_att_heads"])
        joined = x @ weights[name + "self_attn.in_proj_weight"].T + weights[name + "self_attn.in_proj_bias"]
        mixed = transformer.attend(*np.split(joined, 3, 1), heads)
        x = transformer.layer_norm(weights, name + "norm1",
                                   x + transformer.linear(weights, name + "self_attn.out_proj", mixed), 1e-5)
        wide = np.maximum(transformer.linear(weights, name + "linear1", x), 0)
        narrow = transformer.linear(weights, name + "linear2", wide)
        return transformer.layer_norm(weights, name + "norm2", x + narrow, 1e-5)

    def contextualize(self, x):
        for i in range(int(self.config["tk_att_layer"])):
            x = self.block(x, f"contextualizer.layers.{i}.")
        return x

    def encode(self, text, side, limit):
        ids = self.ids(text)[:int(self.config[limit])]
        words = self.table[ids]
        x = self.contextualize(words + self.weights["positional_features_" + side][0, :len(ids)])
        share = self.weights["mixer"][0] if self.config["tk_mix_hybrid_context"] == "true" else 0
        return scoring.unit(share * words + (1 - share) * x)

    def compare(self, query, document):
        kernel = lambda name: self.weights[name].ravel()
        distance = (query @ document.T)[:, :, None] - kernel("mu")
        counts = np.exp(-distance ** 2 / (2 * kernel("sigma") ** 2)).sum(1)
        features = np.log(np.maximum(counts * kernel("kernel_alpha_scaler"), 1e-10)).sum(0)
        return float(features @ kernel("kernel_bin_weights.weight"))


class PeerModel(Model):
    """With PyTorch's own blocks."""

    def __init__(self, folder):
        super().__init__(folder)
        self.torch = importlib.import_module("torch")
        heads, inner, layers = (int(self.config["tk_att_" + name]) for name in ("heads", "ff_dim", "layer"))
        layer = self.torch.nn.TransformerEncoderLayer(self.table.shape[1], heads, inner, dropout=0)
        self.contextualizer = self.torch.nn.TransformerEncoder(layer, layers, enable_nested_tensor=False).eval()
        weights = reading.read_weights(folder, "neural_ir_model.contextualizer.")
        self.contextualizer.load_state_dict({name: self.torch.tensor(value) for name, value in weights.items()})

    def contextualize(self, x):
        with self.torch.no_grad():
            return self.contextualizer(self.torch.tensor(x)[:, None])[:, 0].numpy()


def load(folder, kind=Model):
    model = kind(folder)
    return scoring.of_each(lambda text: model.encode(text, "q", "max_query_length"),
                           lambda text: model.encode(text, "d", "max_doc_length"), model.compare)


def peer(folder):
    return load(folder, PeerModel)
