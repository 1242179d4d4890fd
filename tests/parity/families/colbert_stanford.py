"""ColBERT as Stanford publishes it: marker tokens after [CLS], queries filled up with [MASK], unit vectors."""
import string

import numpy as np
from make_checkpoints import linear, write_json

from families.parts import checkpoint, peers, reading, scoring, tokenizer, transformer
from families.parts.case import BERT_BASE, Case

PEER = "transformers"
CASES = {
    "colbert-stanford": Case({}, published={**BERT_BASE, "dimensions": 128}),
    "colbert-stanford-attending": Case({"attend": True, "container": "zip", "dimensions": 33, "query_length": 40}),
    "colbert-stanford-punctuation": Case({"mask_punctuation": False, "container": "legacy", "document_length": 64}),
    "colbert-stanford-distilbert": Case({"family": "distilbert", "dimensions": 16}),
}


def metadata(dimensions, attend, mask_punctuation, query_length, document_length):
    """artifact.metadata, what a run was configured with; only a part of it concerns the model."""
    return {
        "query_token_id": "[unused0]", "doc_token_id": "[unused1]", "query_token": "[Q]", "doc_token": "[D]",
        "ncells": None, "centroid_score_threshold": None, "ndocs": None, "index_path": None, "nbits": 1,
        "kmeans_niters": 20, "similarity": "cosine", "bsize": 32, "accumsteps": 1, "lr": 1e-05, "maxsteps": 400000,
        "save_every": None, "nway": 64, "use_ib_negatives": True, "reranker": False, "distillation_alpha": 1.0,
        "model_name": None, "query_maxlen": query_length, "attend_to_mask_tokens": attend, "interaction": "colbert",
        "dim": dimensions, "doc_maxlen": document_length, "mask_punctuation": mask_punctuation,
        "checkpoint": "bert-base-uncased", "amp": True, "rank": 0, "nranks": 4, "gpus": 4,
        "meta": {"version": "v0.4.0"}}


def make(folder, random, words, family="bert", dimensions=32, attend=False, mask_punctuation=True, query_length=32,
         document_length=180, container="safetensors", **shape):
    spec = checkpoint.encoder_spec(family, shape)
    write_json(folder, "config.json", checkpoint.config(spec, "HF_ColBERT"))
    settings = metadata(dimensions, attend, mask_punctuation, query_length, document_length)
    write_json(folder, "artifact.metadata", settings)
    tensors = checkpoint.transformer(random, spec, family + ".", pooler=True)
    tensors.update(linear(random, "linear", dimensions, spec["hidden"], bias=False))
    checkpoint.write_weights(folder, tensors, container)
    tokenizer.write(folder, tokenizer.make_vocabulary(words, spec["vocabulary"]), limit=512)


class Model:
    def __init__(self, folder, encoder):
        self.settings, self.tokens = reading.read_json(folder, "artifact.metadata"), reading.Tokens(folder)
        family = reading.read_json(folder, "config.json")["model_type"]
        self.network = encoder(folder, family + ".")
        self.projection = reading.read_weights(folder, "linear.")["weight"]
        symbols = string.punctuation if self.settings["mask_punctuation"] else ""
        self.skipped = [self.tokens.bare(symbol)[0] for symbol in symbols]

    def ids(self, text, marker, limit):
        """[CLS] marker text [SEP]"""
        ids = self.tokens.single(text, self.settings[limit] - 1)
        return ids[:1] + [self.tokens.id(self.settings[marker])] + ids[1:]

    def vectors(self, ids, keys=None):
        return scoring.unit(self.network(ids, keys=keys) @ self.projection.T)

    def query(self, text):
        """Every slot counts, but those filled up are attended to only where the folder says so."""
        ids = self.ids(text, "query_token_id", "query_maxlen")
        filled = self.settings["query_maxlen"] - len(ids)
        keys = [True] * len(ids) + [self.settings["attend_to_mask_tokens"]] * filled
        return self.vectors(ids + [self.tokens.id("[MASK]")] * filled, keys)

    def document(self, text):
        ids = self.ids(text, "doc_token_id", "doc_maxlen")
        return self.vectors(ids)[~np.isin(ids, self.skipped)]


def load(folder, encoder=transformer.read):
    model = Model(folder, encoder)
    return scoring.of_each(model.query, model.document, scoring.maxsim)


def peer(folder, **flags):
    return load(folder, encoder=peers.Encoder, **flags)
