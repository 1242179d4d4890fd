"""Cross-encoders of transformers and sentence-transformers: BERT and DistilBERT for sequence classification.

What follows the logit stands in one of three places, depending on the version that saved the folder;
where it stands in none, it is a sigmoid."""
import numpy as np
from make_checkpoints import linear, write_json

from families.parts import checkpoint, peers, reading, tokenizer, transformer
from families.parts.case import BERT_BASE, DISTILBERT_BASE, Case

PEER = "sentence-transformers"
IDENTITY, SIGMOID = "torch.nn.modules.linear.Identity", "torch.nn.modules.activation.Sigmoid"
CASES = {
    "cross-encoder": Case({"place": "settings", "activation": IDENTITY}, published=BERT_BASE),
    "cross-encoder-old": Case({"place": "sbert", "activation": IDENTITY, "container": "zip", "old": True}),
    "cross-encoder-v4": Case({"place": "nested", "activation": SIGMOID, "layer_norm_eps": 1e-3}),
    "cross-encoder-silent": Case({"place": None, "container": "legacy", "limit": 96}),
    "cross-encoder-distilbert": Case({"family": "distilbert", "place": "settings", "activation": IDENTITY},
                                     published=DISTILBERT_BASE),
    "cross-encoder-pruned": Case({"family": "distilbert", "place": "settings", "activation": IDENTITY,
                                  "pruned": {0: [2], 1: [0, 1, 2]}}),
}
CLASSES = {"bert": "BertForSequenceClassification", "distilbert": "DistilBertForSequenceClassification"}
TOKENIZERS = {"bert": "BertTokenizer", "distilbert": "DistilBertTokenizer"}


def write_head(random, family, hidden):
    tensors = linear(random, "pre_classifier", hidden, hidden) if family == "distilbert" else {}
    return {**tensors, **linear(random, "classifier", 1, hidden)}


def write_settings(folder, activation):
    """As sentence-transformers 6 writes them."""
    write_json(folder, "config_sentence_transformers.json", {
        "__version__": {"sentence_transformers": "6.2.0"}, "activation_fn": activation, "default_prompt_name": None,
        "model_type": "CrossEncoder", "prompts": {}})
    write_json(folder, "modules.json", [{"idx": 0, "name": "0", "path": "",
                                         "type": "sentence_transformers.base.modules.transformer.Transformer"}])
    write_json(folder, "sentence_bert_config.json", {
        "transformer_task": "sequence-classification", "module_output_name": "scores",
        "modality_config": {"text": {"method": "forward", "method_output_name": "logits"}}})


def make(folder, random, words, family="bert", place=None, activation=None, container="safetensors", old=False,
         limit=512, layer_norm_eps=1e-12, **shape):
    spec = checkpoint.encoder_spec(family, shape)
    more = {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
    if family == "bert":
        more["layer_norm_eps"] = layer_norm_eps
    if place == "sbert":
        more["sbert_ce_default_activation_function"] = activation
    elif place == "nested":
        more["sentence_transformers"] = {"activation_fn": activation, "version": "4.1.0"}
    elif place == "settings":
        write_settings(folder, activation)
    write_json(folder, "config.json", checkpoint.config(spec, CLASSES[family], **more))
    tensors = checkpoint.transformer(random, spec, family + ".", pooler=True)
    tensors.update(write_head(random, family, spec["hidden"]))
    checkpoint.write_weights(folder, tensors, container)
    tokenizer.write(folder, tokenizer.make_vocabulary(words, spec["vocabulary"]), old, TOKENIZERS[family], limit)


def activation(folder, config):
    places = (reading.read_json(folder, "config_sentence_transformers.json", {}).get("activation_fn"),
              config.get("sentence_transformers", {}).get("activation_fn"),
              config.get("sbert_ce_default_activation_function"))
    name = next((place for place in places if place), SIGMOID)
    return transformer.ACTIVATIONS[name.rpartition(".")[2].lower()]


def load(folder):
    config, tokens = reading.read_json(folder, "config.json"), reading.Tokens(folder)
    network, weights = transformer.read(folder, config["model_type"] + "."), reading.read_weights(folder)
    limit = min(reading.read_json(folder, "tokenizer_config.json")["model_max_length"], network.positions)
    finish = activation(folder, config)

    def logit(query, document):
        ids, types = tokens.pair(query, document, limit)
        state = network(ids, types)[0]
        if network.distilled:
            state = np.maximum(transformer.linear(weights, "pre_classifier", state), 0)
        else:
            state = np.tanh(transformer.linear(weights, "bert.pooler.dense", state))
        return transformer.linear(weights, "classifier", state)[0]
    return lambda query, documents: [float(finish(logit(query, document))) for document in documents]


def peer(folder):
    return peers.cross_encoder(folder)
