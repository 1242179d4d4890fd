"""ColBERT as Stanford publishes it: marker tokens after [CLS], queries filled up with [MASK], unit vectors."""
from make_checkpoints import linear, write_json

from families.parts import checkpoint, tokenizer
from families.parts.case import BERT_BASE, Case

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
        "checkpoint": "bert-base-uncased", "amp": True, "rank": 0, "nranks": 4, "gpus": 4, "meta": {"version": "v0.4.0"}}


def make(folder, random, words, family="bert", dimensions=32, attend=False, mask_punctuation=True, query_length=32,
         document_length=180, container="safetensors", **shape):
    spec = checkpoint.encoder_spec(family, shape)
    write_json(folder, "config.json", checkpoint.config(spec, "HF_ColBERT"))
    write_json(folder, "artifact.metadata", metadata(dimensions, attend, mask_punctuation, query_length, document_length))
    tensors = checkpoint.transformer(random, spec, family + ".", pooler=True)
    tensors.update(linear(random, "linear", dimensions, spec["hidden"], bias=False))
    checkpoint.write_weights(folder, tensors, container)
    tokenizer.write(folder, tokenizer.make_vocabulary(words, spec["vocabulary"]), limit=512)
