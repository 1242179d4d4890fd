"""BERT_Cat of Margin-MSE's authors: query and document in one text, one linear layer on the first token's state."""
import os

from make_checkpoints import linear, write_json

from families.parts import checkpoint
from families.parts.case import BERT_BASE, DISTILBERT_BASE, Case

CASES = {
    "bert-cat": Case({"container": "zip"}, published=DISTILBERT_BASE),
    "bert-cat-bert": Case({"family": "bert", "container": "legacy"}, published=BERT_BASE),
}


def make(folder, random, words, family="distilbert", container="zip", **shape):
    spec = checkpoint.encoder_spec(family, shape)
    name = {"bert": "bert-base-uncased", "distilbert": "distilbert-base-uncased"}[family]
    write_json(folder, "config.json", {"architectures": ["BERT_Cat"], "bert_model": name, "model_type": "BERT_Cat",
                                       "trainable": True, "transformers_version": "4.11.3"})
    tensors = checkpoint.transformer(random, spec, "bert_model.", pooler=True)
    tensors.update(linear(random, "_classification_layer", 1, spec["hidden"]))
    checkpoint.write_weights(folder, tensors, container)
    checkpoint.write_base(os.path.join(folder, "base"), spec, words)
