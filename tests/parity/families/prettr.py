"""PreTTR of Margin-MSE's authors: a DistilBERT whose first blocks see query and document apart.

The folder does not say where the two are joined (3 in the published model), how long a query is padded
before document positions begin, nor where its eight [MASK] stand."""
from make_checkpoints import linear, write_json

from families.parts import checkpoint, tokenizer
from families.parts.case import DISTILBERT_BASE, Case

CASES = {
    "prettr": Case({"layers": 6}, {"join-layer": 3, "mask-tokens": "after-sep", "query-length": 30,
                                   "document-length": 200}, DISTILBERT_BASE),
    "prettr-before": Case({"layers": 3, "container": "legacy"}, {
        "join-layer": 1, "mask-tokens": "before-sep", "query-length": 24, "document-length": 100}),
}


def make(folder, random, words, container="zip", **shape):
    spec = checkpoint.encoder_spec("distilbert", shape)
    write_json(folder, "config.json", checkpoint.config(spec, "PreTTR"))
    tensors = checkpoint.transformer(random, spec)
    tensors.update(linear(random, "_classification_layer", 1, spec["hidden"], bias=False))
    checkpoint.write_weights(folder, tensors, container)
    words = tokenizer.make_vocabulary(words, spec["vocabulary"])
    tokenizer.write(folder, words, tokenizer_class="DistilBertTokenizer", limit=512)
