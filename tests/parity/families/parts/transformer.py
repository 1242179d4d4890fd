"""BERT and DistilBERT in NumPy, one text at a time, in the precision of the weights."""
import math

import numpy as np
from make_checkpoints import BERT_BLOCK, DISTILBERT_BLOCK

from families.parts import reading

ERF = np.frompyfunc(math.erf, 1, 1)
ACTIVATIONS = {
    "gelu": lambda x: x * (0.5 * (1 + ERF(x / math.sqrt(2)).astype(x.dtype))),
    "relu": lambda x: np.maximum(x, 0), "tanh": np.tanh, "identity": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def linear(weights, name, x):
    return x @ weights[name + ".weight"].T + weights.get(name + ".bias", 0)


def layer_norm(weights, name, x, epsilon=1e-12):
    centred = x - x.mean(1, keepdims=True)
    scaled = centred / np.sqrt((centred ** 2).mean(1, keepdims=True) + epsilon)
    return scaled * weights[name + ".weight"] + weights[name + ".bias"]


def attend(query, key, value, heads, keys=None):
    """keys: which rows may be attended to, all where it is None."""
    split = [x.reshape(len(x), heads, -1).transpose(1, 0, 2) for x in (query, key, value)]
    scores = split[0] @ split[1].transpose(0, 2, 1) / math.sqrt(split[0].shape[2])
    if keys is not None:
        scores[:, :, ~np.asarray(keys, bool)] = -np.inf
    likely = np.exp(scores - scores.max(2, keepdims=True))
    likely /= likely.sum(2, keepdims=True)
    return (likely @ split[2]).transpose(1, 0, 2).reshape(query.shape)


class Transformer:
    """weights: without any prefix; config: that of transformers."""

    def __init__(self, weights, config):
        self.weights, self.distilled = weights, config["model_type"] == "distilbert"
        take = lambda bert, distilbert: config[distilbert if self.distilled else bert]
        self.heads = take("num_attention_heads", "n_heads")
        self.pruned = config.get("pruned_heads", {})  # those that a block lacks, by its number as text
        self.layers = take("num_hidden_layers", "n_layers")
        self.activation = ACTIVATIONS[take("hidden_act", "activation")]
        self.epsilon = config.get("layer_norm_eps", 1e-12)
        self.positions = config["max_position_embeddings"]

    def norm(self, name, x):
        return layer_norm(self.weights, name, x, self.epsilon)

    def embed(self, ids, types=None, first=0):
        """first: the position of the first token."""
        table = lambda name: self.weights[f"embeddings.{name}_embeddings.weight"]
        x = table("word")[ids] + table("position")[first:first + len(ids)]
        if not self.distilled:
            x = x + table("token_type")[types if types is not None else [0] * len(ids)]
        return self.norm("embeddings.LayerNorm", x)

    def block(self, i, x, keys):
        first, *rest = DISTILBERT_BLOCK if self.distilled else BERT_BLOCK
        query, key, value, out, first_norm, up, down, second_norm = [first.format(i) + name for name in rest]
        heads = self.heads - len(self.pruned.get(str(i), []))
        joined = attend(*(linear(self.weights, name, x) for name in (query, key, value)), heads, keys)
        x = self.norm(first_norm, x + linear(self.weights, out, joined))
        wide = self.activation(linear(self.weights, up, x))
        return self.norm(second_norm, x + linear(self.weights, down, wide))

    def blocks(self, x, begin=0, end=None, keys=None):
        for i in range(begin, self.layers if end is None else end):
            x = self.block(i, x, keys)
        return x

    def __call__(self, ids, types=None, keys=None):
        """One row a token."""
        return self.blocks(self.embed(ids, types), keys=keys)


def read(folder, prefix="", base=None):
    """base: the folder that config.json is in, where it is another."""
    return Transformer(reading.read_weights(folder, prefix), reading.read_json(base or folder, "config.json"))
