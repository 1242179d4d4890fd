"""BERT_Cat of Margin-MSE's authors: query and document in one text, one linear layer on the first token's state, which
passes a BERT's pooler before (a DistilBERT has none)."""
import os

import numpy as np
from make_checkpoints import linear, write_json

from families.parts import checkpoint, peers, reading, transformer
from families.parts.case import BERT_BASE, DISTILBERT_BASE, Case

PEER = "transformers"
CASES = {
    "bert-cat": Case({"container": "zip"}, published=DISTILBERT_BASE),
    "bert-cat-own-tokenizer": Case({"container": "zip", "own_tokenizer": True}),
    "bert-cat-bert": Case({"family": "bert", "container": "legacy"}, published=BERT_BASE),
}


def make(folder, random, words, family="distilbert", container="zip", own_tokenizer=False, **shape):
    """own_tokenizer: beside the weights, as their later folders have it; only the head count comes from the base."""
    spec = checkpoint.encoder_spec(family, shape)
    name = {"bert": "bert-base-uncased", "distilbert": "distilbert-base-uncased"}[family]
    write_json(folder, "config.json", {"architectures": ["BERT_Cat"], "bert_model": name, "model_type": "BERT_Cat",
                                       "trainable": True, "transformers_version": "4.11.3"})
    tensors = checkpoint.transformer(random, spec, "bert_model.", pooler=True)
    tensors.update(linear(random, "_classification_layer", 1, spec["hidden"]))
    checkpoint.write_weights(folder, tensors, container)
    checkpoint.write_base(os.path.join(folder, "base"), spec, words)
    for name in os.listdir(os.path.join(folder, "base")) if own_tokenizer else ():
        if name != "config.json":
            os.rename(os.path.join(folder, "base", name), os.path.join(folder, name))


def load(folder, encoder=transformer.read):
    base = os.path.join(folder, "base")
    own = os.path.exists(os.path.join(folder, "tokenizer.json"))
    network, tokens = encoder(folder, "bert_model.", base), reading.Tokens(folder if own else base)
    weights = reading.read_weights(folder)

    distilled = reading.read_json(base, "config.json")["model_type"] == "distilbert"

    def score(query, documents):
        states = (network(*tokens.pair(query, document, network.positions))[0] for document in documents)
        if not distilled:
            states = (np.tanh(transformer.linear(weights, "bert_model.pooler.dense", state)) for state in states)
        return [float(transformer.linear(weights, "_classification_layer", state)[0]) for state in states]
    return score


def peer(folder, **flags):
    return load(folder, encoder=peers.Encoder, **flags)
