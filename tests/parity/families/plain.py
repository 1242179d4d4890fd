"""A transformer alone, as transformers saves it, in the shapes that its files have had over the years.

The folder does not say what becomes of the tokens' vectors: --pooling does. Margin-MSE's DistilBERT_Dot, TAS-B and
others are published so: vectors of the first token, compared by dot product; pooled ones are compared by cosine."""
import re

from make_checkpoints import write_json

from families.parts import checkpoint, peers, reading, scoring, tokenizer, transformer
from families.parts.case import BERT_BASE, DISTILBERT_BASE, Case

PEER = "transformers"
CASES = {
    "plain-cls": Case({"family": "distilbert", "container": "zip"}, {"pooling": "cls"}, DISTILBERT_BASE),
    "plain-old-names": Case({"container": "legacy", "old": True, "prefix": "bert."}, {"pooling": "mean"}, BERT_BASE),
    "plain-sharded": Case({"container": "zip", "shards": 3, "dtype": "F16"}, {"pooling": "max"}),
    "plain-epsilon": Case({"epsilon": 1e-3}, {"pooling": "cls", "similarity": "cosine"}),
    "plain-bf16": Case({"dtype": "BF16", "prefix": "distilbert.", "family": "distilbert"},
                       {"pooling": "mean", "similarity": "dot"}),
}


def old_names(tensors):
    """As in files that were converted from TensorFlow."""
    rename = lambda name: re.sub(r"LayerNorm\.(weight|bias)$", lambda m: "LayerNorm." + {
        "weight": "gamma", "bias": "beta"}[m[1]], name)
    return {rename(name): value for name, value in tensors.items()}


def write_shards(folder, tensors, container, shards, dtype):
    names, places = list(tensors), {}
    for i in range(shards):
        file = f"pytorch_model-{i + 1:05}-of-{shards:05}.bin"
        part = {name: tensors[name] for name in names[i::shards]}
        checkpoint.write_weights(folder, part, container, file, dtype)
        places.update(dict.fromkeys(part, file))
    write_json(folder, "pytorch_model.bin.index.json", {"metadata": {"total_size": 0}, "weight_map": places})


def make(folder, random, words, family="bert", container="safetensors", dtype="F32", old=False, prefix="", shards=1,
         epsilon=1e-12, **shape):
    spec = checkpoint.encoder_spec(family, shape)
    tensors = checkpoint.transformer(random, spec, prefix, pooler=True)
    tensors = old_names(tensors) if old else tensors
    if shards > 1:
        write_shards(folder, tensors, container, shards, dtype)
    else:
        checkpoint.write_weights(folder, tensors, container, dtype=dtype)
    more = {"layer_norm_eps": epsilon} if family == "bert" else {}
    architecture = {"bert": "BertModel", "distilbert": "DistilBertModel"}[family]
    write_json(folder, "config.json", checkpoint.config(spec, architecture, **more))
    tokenizer.write(folder, tokenizer.make_vocabulary(words, spec["vocabulary"]), old, limit=512)


def prefix_of(folder):
    """What stands before "embeddings."."""
    return next(name.partition("embeddings.")[0] for name in reading.read_weights(folder) if "embeddings." in name)


def load(folder, encoder=transformer.read, pooling="mean", similarity=None):
    network, tokens = encoder(folder, prefix_of(folder)), reading.Tokens(folder)
    pool = {"cls": lambda x: x[0], "mean": lambda x: x.mean(0), "max": lambda x: x.max(0)}[pooling]
    encode = lambda text: pool(network(tokens.single(text, network.positions)))
    similarity = similarity or ("dot" if pooling == "cls" else "cosine")
    return scoring.of_each(encode, encode, getattr(scoring, similarity))


def peer(folder, **flags):
    return load(folder, encoder=peers.Encoder, **flags)
