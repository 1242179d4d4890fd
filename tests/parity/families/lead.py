"""Dual encoders of LEAD: the first token's state, compared by dot product; kept as its ColBERT is (colbert_lead.py)."""
from make_checkpoints import write_json

from families import colbert_lead
from families.parts import checkpoint, peers, reading, scoring, tokenizer, transformer
from families.parts.case import DISTILBERT_BASE, Case

PEER = "transformers"
CASES = {
    "lead": Case({}, {"query-length": 12, "document-length": 80}, DISTILBERT_BASE),
    "lead-bert": Case({"family": "bert", "container": "legacy"}),
}
CLASSES = {"bert": "HFBertEncoder", "distilbert": "HFDistilBertEncoder"}


def make(folder, random, words, family="distilbert", container="zip", **shape):
    spec = checkpoint.encoder_spec(family, shape)
    write_json(folder, "config.json", checkpoint.config(spec, CLASSES[family], add_linear=False))
    colbert_lead.write_trained(folder, checkpoint.transformer(random, spec, pooler=True), container)
    tokenizer.write(folder, tokenizer.make_vocabulary(words, spec["vocabulary"]), limit=512)


def load(folder, encoder=transformer.read, **flags):
    network, tokens = encoder(folder, "question_model."), reading.Tokens(folder)
    query_length = int(flags.get("query-length", 32))
    document_length = int(flags.get("document-length", network.positions))

    def query(text):
        """Cut without keeping [SEP], as its loader does."""
        return network(tokens.single(text, network.positions)[:query_length])[0]

    return scoring.of_each(query, lambda text: network(tokens.single(text, document_length))[0], scoring.dot)


def peer(folder, **flags):
    return load(folder, encoder=peers.Encoder, **flags)
