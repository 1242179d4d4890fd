"""sentence-transformers in NumPy: the modules of a folder, run one after another on one text."""
import os
import string

import numpy as np

from families.parts import reading, scoring, transformer
from families.parts.transformer import ACTIVATIONS, linear


class TransformerModule:
    def __init__(self, folder):
        self.network, self.tokens = transformer.read(folder), reading.Tokens(folder)
        old = reading.read_json(folder, "sentence_bert_config.json", {}).get("max_seq_length")
        limit = old or reading.read_json(folder, "tokenizer_config.json")["model_max_length"]
        self.limit = min(limit, self.network.positions)

    def __call__(self, text):
        return self.network(self.tokens.single(text, self.limit))


class WhitespaceTokenizer:
    def __init__(self, folder):
        config = reading.read_json(folder, "whitespacetokenizer_config.json")
        self.ids = {word: i for i, word in enumerate(config["vocab"])}
        self.stop, self.lower = set(config["stop_words"]), config["do_lower_case"]

    def lookup(self, word):
        """None: neither known nor worth a second look."""
        for form in (word, word.strip(string.punctuation), word.strip(string.punctuation).lower()):
            if form in self.stop:
                return None
            if form in self.ids and form:
                return self.ids[form]
        return None

    def __call__(self, text):
        found = [self.lookup(word) for word in (text.lower() if self.lower else text).split()]
        return [i for i in found if i is not None]


class WordEmbeddings:
    def __init__(self, folder):
        config = reading.read_json(folder, "wordembedding_config.json")
        self.table, self.limit = reading.read_weights(folder)["emb_layer.weight"], config["max_seq_length"]
        if config["tokenizer_class"].endswith("WhitespaceTokenizer"):
            self.split = WhitespaceTokenizer(folder)
        else:
            tokens = reading.Tokens(folder)
            self.split = lambda text: tokens.tokenizer.encode(text).ids

    def __call__(self, text):
        return self.table[self.split(text)[:self.limit]]


class StaticEmbedding:
    """Already pooled: the mean of a text's rows."""

    def __init__(self, folder):
        self.table, self.tokens = reading.read_weights(folder)["embedding.weight"], reading.Tokens(folder)

    def __call__(self, text):
        ids = self.tokens.bare(text)
        return self.table[ids].mean(0) if ids else np.zeros_like(self.table[0])


class LSTM:
    def __init__(self, folder):
        self.weights, config = reading.read_weights(folder, "encoder."), reading.read_json(folder, "lstm_config.json")
        self.layers, self.directions = config["num_layers"], ("", "_reverse")[:1 + config["bidirectional"]]

    def direction(self, x, suffix):
        """Gates lie in the order input, forget, cell, output; each has two biases."""
        parts = [self.weights[f"{kind}_{side}{suffix}"] for kind in ("weight", "bias") for side in ("ih", "hh")]
        inputs = x @ parts[0].T + parts[2]
        hidden = cell = np.zeros(parts[1].shape[1], x.dtype)
        rows, sigmoid = [], ACTIVATIONS["sigmoid"]
        for row in inputs:
            i, f, g, o = np.split(row + parts[1] @ hidden + parts[3], 4)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
            hidden = sigmoid(o) * np.tanh(cell)
            rows.append(hidden)
        return np.array(rows)

    def __call__(self, x):
        for layer in range(self.layers):
            turn = {"": 1, "_reverse": -1}
            x = np.concatenate([self.direction(x[::turn[way]], f"_l{layer}{way}")[::turn[way]]
                                for way in self.directions], 1)
        return x


class CNN:
    """A linear layer on windows of odd width that overhang the text with zeros, for each width."""

    def __init__(self, folder):
        self.weights, config = reading.read_weights(folder), reading.read_json(folder, "cnn_config.json")
        self.count, self.activation = len(config["kernel_sizes"]), ACTIVATIONS[config.get("activation", "identity")]

    def convolve(self, x, i):
        kernel = self.weights[f"convs.{i}.weight"]
        size = kernel.shape[2]
        padded = np.pad(x, ((size // 2, size // 2), (0, 0)))
        return sum(padded[k:k + len(x)] @ kernel[:, :, k].T for k in range(size)) + self.weights[f"convs.{i}.bias"]

    def __call__(self, x):
        return self.activation(np.concatenate([self.convolve(x, i) for i in range(self.count)], 1))


class Pooling:
    def __init__(self, folder):
        config = reading.read_json(folder, "config.json")
        old = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean", "pooling_mode_max_tokens": "max"}
        self.mode = config.get("pooling_mode") or next(mode for key, mode in old.items() if config.get(key))

    def __call__(self, x):
        return {"cls": lambda: x[0], "mean": lambda: x.mean(0), "max": lambda: x.max(0)}[self.mode]()


class Dense:
    def __init__(self, folder):
        name = reading.read_json(folder, "config.json")["activation_function"].rpartition(".")[2]
        self.weights, self.activation = reading.read_weights(folder), ACTIVATIONS[name.lower()]

    def __call__(self, x):
        return self.activation(linear(self.weights, "linear", x))


MODULES = {"Transformer": TransformerModule, "WordEmbeddings": WordEmbeddings, "StaticEmbedding": StaticEmbedding,
           "LSTM": LSTM, "CNN": CNN, "Pooling": Pooling, "Dense": Dense, "Normalize": lambda folder: scoring.unit}


def read_router(folder, role):
    config = reading.read_json(folder, "router_config.json") or reading.read_json(folder, "config.json")
    paths = config["structure"][role]
    return [(os.path.join(folder, path), config["types"][path].rpartition(".")[2]) for path in paths]


def read_encoder(folder, role):
    """encode(text) for texts of this role."""
    modules = []
    for entry in reading.read_json(folder, "modules.json"):
        path, kind = os.path.join(folder, entry["path"]), entry["type"].rpartition(".")[2]
        modules += read_router(path, role) if kind in ("Router", "Asym") else [(path, kind)]
    modules = [MODULES[kind](path) for path, kind in modules]
    kept, settings = reading.read_kept(folder), reading.read_json(folder, "config_sentence_transformers.json", {})
    prompt = kept.get(f"{role}_prompt", settings.get("prompts", {}).get(role, ""))
    if f"{role}_length" in kept:
        modules[0].limit = kept[f"{role}_length"]

    def encode(text):
        value = prompt + text
        for module in modules:
            value = module(value)
        return value
    return encode


def load(folder):
    """score(query, documents)"""
    similarity = reading.read_json(folder, "config_sentence_transformers.json", {}).get("similarity_fn_name", "cosine")
    compare = {"cosine": scoring.cosine, "dot": scoring.dot}[similarity]
    return scoring.of_each(read_encoder(folder, "query"), read_encoder(folder, "document"), compare)
