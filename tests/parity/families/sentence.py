"""Bi-encoders of sentence-transformers: BERT and DistilBERT, cls, mean and max pooling, dense layers.

rank: of the factors that the word table is a product of; pruned: {block: heads that it lacks}; kept: what stands in
minnow_checkpoint.json."""
from make_checkpoints import write_json

from families.parts import checkpoint, sentence_files
from families.parts.case import BERT_BASE, DISTILBERT_BASE, Case
from families.parts.peers import sentence_transformer as peer  # noqa: F401
from families.parts.sentence import load  # noqa: F401, the reference of this family

PEER = "sentence-transformers"
CASES = {
    "sentence-mean": Case({"normalize": True}, published=BERT_BASE),
    "sentence-bin": Case({"container": "zip", "old": True, "pooling": "cls", "similarity": "dot"},
                         published={**DISTILBERT_BASE, "family": "distilbert"}),
    "sentence-bin-legacy": Case({"container": "legacy", "old": True, "family": "distilbert", "limit": 40}),
    "sentence-max-dense": Case({"container": "zip", "pooling": "max", "dense": ((40, "ReLU"), (24, "Identity"))}),
    "sentence-prompts": Case({"prompts": {"query": "query: ", "document": "passage: "}, "family": "distilbert",
                              "dense": ((64, "Tanh"),), "normalize": True}),
    "sentence-factored": Case({"rank": 20, "normalize": True}),
    "sentence-factored-distilbert": Case({"rank": 13, "family": "distilbert", "pooling": "cls", "similarity": "dot"}),
    "sentence-pruned": Case({"pruned": {0: [1, 3], 2: [0, 1, 3]}, "layers": 3, "limit": 100}),
    "sentence-kept": Case({"kept": {"document_length": 24, "query_prompt": "ask: "}, "normalize": True,
                           "prompts": {"query": "query: ", "document": "passage: "}}),
}


def make(folder, random, words, family="bert", container="safetensors", old=False, pooling="mean", dense=(), limit=None,
         normalize=False, similarity="cosine", prompts=None, kept=None, **shape):
    spec = checkpoint.encoder_spec(family, shape)
    names = ["Transformer", "Pooling"] + ["Dense"] * len(dense) + ["Normalize"] * normalize
    paths = sentence_files.write_modules(folder, names, old)
    sentence_files.write_transformer(paths[0], random, words, spec, container, old, limit)
    sentence_files.write_pooling(paths[1], spec["hidden"], pooling, old)
    width = spec["hidden"]
    for path, (outputs, activation) in zip(paths[2:], dense):
        sentence_files.write_dense(path, random, width, outputs, activation, container, old)
        width = outputs
    if normalize:
        sentence_files.write_normalize(paths[-1], old)
    sentence_files.write_settings(folder, similarity, prompts)
    if kept:
        write_json(folder, "minnow_checkpoint.json", {"written_by": "minnow", **kept})
