"""PreTTR of Margin-MSE's authors: a DistilBERT whose first blocks see query and document apart.

The folder does not say where the two are joined (3 in the published model), how long a query is padded
before document positions begin, nor where its eight [MASK] stand. A query of query-length tokens
and the [MASK]s is the longest; shorter ones are padded to it, and nobody attends to the padding."""
import numpy as np
from make_checkpoints import linear, write_json

from families.colbert_margin_mse import MASKS, with_masks
from families.parts import checkpoint, reading, tokenizer, transformer
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


def load(folder, **flags):
    network, tokens = transformer.read(folder), reading.Tokens(folder)
    head = reading.read_weights(folder, "_classification_layer.")["weight"][0]
    join, longest = int(flags["join-layer"]), int(flags["query-length"])

    def lower(ids, first):
        return network.blocks(network.embed(ids, first=first), end=join)

    def query(text):
        """Padding changes nothing but where the document's positions begin: it is left out."""
        return lower(with_masks(tokens.single(text, longest), flags["mask-tokens"], tokens.id("[MASK]")), 0)

    def document(text):
        """Without its [CLS]."""
        return lower(tokens.single(text, int(flags["document-length"]))[1:], longest + MASKS)

    def score(text, documents):
        apart = query(text)
        joined = (network.blocks(np.concatenate([apart, document(each)]), join) for each in documents)
        return [float(states[0] @ head) for states in joined]
    return score
