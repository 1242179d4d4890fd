"""ColBERT of Margin-MSE's authors: a linear layer with bias, no normalization, eight [MASK] in the query.

Their notebook appends the [MASK]s after [SEP], their trainer puts them before it; the folder does not say.
It does not say either where to cut: the trainer cuts, the notebook does not. [MASK]s come on top of a limit."""
import os

from make_checkpoints import linear, write_json

from families.parts import checkpoint, peers, reading, scoring, transformer
from families.parts.case import DISTILBERT_BASE, Case

PEER = "transformers"
MASKS = 8
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


def with_masks(ids, place, mask):
    """Eight of them around the last token, [SEP]. PreTTR has them too."""
    return ids + [mask] * MASKS if place == "after-sep" else ids[:-1] + [mask] * MASKS + ids[-1:]


def load(folder, encoder=transformer.read, **flags):
    base = os.path.join(folder, "base")
    network, tokens = encoder(folder, "bert_model.", base), reading.Tokens(base)
    weights = reading.read_weights(folder)
    limit = lambda role, least: min(int(flags.get(role + "-length", network.positions)), network.positions - least)
    query = lambda text: with_masks(tokens.single(text, limit("query", MASKS)), flags["mask-tokens"], tokens.id("[MASK]"))
    document = lambda text: tokens.single(text, limit("document", 0))
    encode = lambda ids: transformer.linear(weights, "compressor", network(ids))
    return scoring.of_each(lambda text: encode(query(text)), lambda text: encode(document(text)), scoring.maxsim)


def peer(folder, **flags):
    return load(folder, encoder=peers.Encoder, **flags)
