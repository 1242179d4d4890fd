"""ColBERT of Margin-MSE's authors: a linear layer with bias, no normalization, eight [MASK] in the query.

Their notebook appends the [MASK]s after [SEP], their trainer puts them before it; the folder does not say."""
import os

from make_checkpoints import linear, write_json

from families.parts import checkpoint
from families.parts.case import DISTILBERT_BASE, Case

CASES = {
    "colbert-margin-mse": Case({"container": "zip"}, {"mask-tokens": "after-sep"},
                               {**DISTILBERT_BASE, "compression": 768}),
    "colbert-margin-mse-before": Case({"container": "legacy", "compression": 24}, {
        "mask-tokens": "before-sep", "query-length": 30, "document-length": 200}),
}


def make(folder, random, words, compression=48, container="zip", **shape):
    spec = checkpoint.encoder_spec("distilbert", shape)
    write_json(folder, "config.json", {
        "architectures": ["ColBERT"], "bert_model": "distilbert-base-uncased", "compression_dim": compression,
        "dropout": 0.0, "model_type": "ColBERT", "return_vecs": False, "trainable": True})
    tensors = checkpoint.transformer(random, spec, "bert_model.")
    tensors.update(linear(random, "compressor", compression, spec["hidden"]))
    checkpoint.write_weights(folder, tensors, container)
    checkpoint.write_base(os.path.join(folder, "base"), spec, words)
