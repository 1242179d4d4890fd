"""Static tables as model2vec saves them: f32, f16 and int8, rows shared between tokens, weights of tokens."""
import os

import numpy as np
from make_checkpoints import tokenizer_json, write_json
from safetensors.numpy import save_file

from families.parts import reading, scoring, tokenizer
from families.parts.case import Case
from families.parts.peers import static_model as peer  # noqa: F401

PEER = "model2vec"
CASES = {
    "model2vec": Case({}, published={"vocabulary": 29528, "width": 256}),
    "model2vec-f16": Case({"dtype": "float16", "normalize": False}),
    "model2vec-int8": Case({"dtype": "int8", "clusters": 300}),
    "model2vec-weights": Case({"clusters": 200, "weights_type": "float64"}),
    "model2vec-short": Case({"max_length": 20, "dtype": "float16", "clusters": 1200}),
}


def quantize(table, dtype):
    return np.clip(np.rint(table / np.abs(table).max() * 127), -127, 127).astype("i1") if dtype == "int8" \
        else table.astype(dtype)


def make(folder, random, words, width=64, vocabulary=1200, dtype="float32", clusters=None, normalize=True,
         max_length=512, weights_type="float32"):
    os.makedirs(folder, exist_ok=True)
    known = tokenizer.make_vocabulary(words, vocabulary, ("[PAD]", "[UNK]"))
    config = {"model_type": "model2vec", "architectures": ["StaticModel"], "tokenizer_name": "bert-base-uncased",
              "apply_pca": width, "sif_coefficient": 1e-4, "hidden_dim": width, "seq_length": 1000000,
              "normalize": normalize, "max_length": max_length, "embedding_dtype": dtype}
    tensors = {"embeddings": quantize(random.normal(0, 1, (clusters or len(known), width)), dtype)}
    if clusters:
        config["vocabulary_quantization"] = clusters
        tensors["mapping"] = random.integers(0, clusters, len(known))
        tensors["weights"] = random.gamma(4, 0.25, len(known)).astype(weights_type)
    save_file(tensors, os.path.join(folder, "model.safetensors"))
    write_json(folder, "config.json", config)
    modules = [("", "StaticEmbedding")] + [("1_Normalize", "Normalize")] * normalize
    write_json(folder, "modules.json", [{"idx": i, "name": str(i), "path": path or ".",
                                         "type": "sentence_transformers.models." + name}
                                        for i, (path, name) in enumerate(modules)])
    write_json(folder, "tokenizer.json", tokenizer_json(known))


def load(folder):
    """Characters are cut before tokens are: at the limit times the vocabulary's median length of a token."""
    config, tokens = reading.read_json(folder, "config.json"), reading.Tokens(folder)
    weights, limit = reading.read_weights(folder), config.get("max_length", 512)
    vocabulary = tokens.tokenizer.get_vocab()
    characters = limit * int(np.median([len(token) for token in vocabulary]))
    table, count = weights["embeddings"], len(vocabulary)
    rows = weights.get("mapping", np.arange(count)).astype(int)
    scales = weights.get("weights", np.ones(count, "f4"))

    def encode(text):
        ids = [i for i in tokens.bare(text[:characters])[:limit] if i != tokens.id("[UNK]")]
        vector = (table[rows[ids]] * scales[ids, None]).mean(0) if ids else np.zeros_like(table[0])
        return scoring.unit(vector) if config["normalize"] else vector
    return scoring.of_each(encode, encode, scoring.cosine)
