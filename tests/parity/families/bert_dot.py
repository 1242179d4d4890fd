"""BERT_Dot of Margin-MSE's authors: the first token's state, perhaps compressed; scores are dot products.

Their folder names the encoder it began from and keeps neither its head count nor its vocabulary: these
come from a folder `base` inside, or from --base. A run folder of their trainer has the same tensors."""
import os

from make_checkpoints import linear, write_json

from families.parts import checkpoint, peers, reading, scoring, transformer
from families.parts.case import BERT_BASE, DISTILBERT_BASE, Case

PEER = "transformers"
CASES = {
    "bert-dot": Case({"container": "zip"}, published=DISTILBERT_BASE),
    "bert-dot-legacy": Case({"container": "legacy", "base": "../base-of-bert-dot-legacy"},
                            {"base": "../base-of-bert-dot-legacy"}),
    "bert-dot-compressed": Case({"family": "bert", "compress": 20, "container": "safetensors"}, published=BERT_BASE),
}


def make(folder, random, words, family="distilbert", compress=-1, container="zip", base="base", **shape):
    spec = checkpoint.encoder_spec(family, shape)
    name = {"bert": "bert-base-uncased", "distilbert": "distilbert-base-uncased"}[family]
    write_json(folder, "config.json", {
        "architectures": ["BERT_Dot"], "bert_model": name, "compress_dim": compress, "model_type": "BERT_Dot",
        "return_vecs": False, "torch_dtype": "float32", "trainable": True, "transformers_version": "4.11.3"})
    tensors = checkpoint.transformer(random, spec, "bert_model.", pooler=True)
    if compress > 0:
        tensors.update(linear(random, "compressor", compress, spec["hidden"]))
    checkpoint.write_weights(folder, tensors, container)
    checkpoint.write_base(os.path.join(folder, base), spec, words)


def load(folder, base="base", encoder=transformer.read):
    base = os.path.join(folder, base)
    network, tokens = encoder(folder, "bert_model.", base), reading.Tokens(base)
    weights = reading.read_weights(folder)

    def encode(text):
        state = network(tokens.single(text, network.positions))[0]
        return transformer.linear(weights, "compressor", state) if "compressor.weight" in weights else state
    return scoring.of_each(encode, encode, scoring.dot)


def peer(folder, **flags):
    return load(folder, encoder=peers.Encoder, **flags)
