#!/usr/bin/env python3
"""Write small random BERT and DistilBERT checkpoints in the published layout, with numpy alone.

    make_checkpoints.py --out FOLDER [--seed N] [--tokenizer FOLDER] [--only NAME]

Each subfolder opens in `minnow convert` and in sentence-transformers. They differ in shape, weight
type, shards, pooling, modules and prompts; FOLDER/checkpoints.json lists them."""
import argparse
import json
import os
import shutil
import struct

import numpy

WORDS = (
    ". , ! ? ' - ( ) a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9 "
    "##a ##b ##c ##d ##e ##f ##g ##h ##i ##j ##k ##l ##m ##n ##o ##p ##q ##r ##s ##t ##u ##v ##w ##x ##y ##z "
    "##0 ##1 ##2 ##3 ##4 ##5 ##6 ##7 ##8 ##9 ##ing ##ed the of and to in is for on that with as it was at by "
    "search query document model text small device river fish water what how where when who which"
).split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# name: what differs from the first.
CHECKPOINTS = {
    "bert-mean": {},
    "bert-cls-f16": {"pooling": "cls", "dtype": "F16"},
    "bert-max-bf16": {"pooling": "max", "dtype": "BF16", "old": True},
    "bert-312": {"hidden": 312, "heads": 12, "intermediate": 1200, "layers": 4, "old": True},
    "bert-384": {"hidden": 384, "heads": 12, "intermediate": 1536, "layers": 3},
    "bert-odd": {"hidden": 60, "heads": 5, "intermediate": 101, "layers": 1, "normalize": False},
    "bert-sharded": {"shards": 3},
    "bert-dense": {"dense": [(24, "Tanh", True)], "pooling": "cls", "old": True},
    "bert-two-dense": {"dense": [(96, "GELU", True), (17, "Identity", False)]},
    "bert-prompts": {"prompts": {"query": "query: ", "document": "passage: "}, "similarity": "dot", "normalize": False},
    "bert-old-prompts": {"prompts": {"query": "query: ", "passage": "passage: "}, "old": True},
    "bert-prefix": {"prefix": "bert.", "plain": True},
    "bert-relu-short": {"activation": "relu", "max_tokens": 11, "positions": 40},
    "bert-tiny": {"hidden": 8, "heads": 2, "intermediate": 8, "layers": 1, "positions": 8, "max_tokens": 7,
                  "dense": [(4, "Tanh", True)], "prompts": {"query": "a", "document": "b"}},
    "distilbert-mean": {"family": "distilbert"},
    "distilbert-312": {"family": "distilbert", "hidden": 312, "heads": 12, "intermediate": 624, "dtype": "F16"},
    "distilbert-dense": {"family": "distilbert", "dense": [(128, "ReLU", True)], "prefix": "distilbert."},
}
DEFAULTS = {
    "family": "bert", "hidden": 64, "heads": 4, "intermediate": 128, "layers": 2, "positions": 64, "max_tokens": None,
    "activation": "gelu", "dtype": "F32", "shards": 1, "pooling": "mean", "dense": [], "normalize": True,
    "prompts": {}, "similarity": "cosine", "old": False, "plain": False, "prefix": "",
}
BERT_BLOCK = ("encoder.layer.{}.", "attention.self.query", "attention.self.key", "attention.self.value",
              "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense",
              "output.LayerNorm")
DISTILBERT_BLOCK = ("transformer.layer.{}.", "attention.q_lin", "attention.k_lin", "attention.v_lin",
                    "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm")


def linear(random, name, outputs, inputs, bias=True):
    tensors = {name + ".weight": random.normal(0, 1.2 / inputs ** 0.5, (outputs, inputs))}
    if bias:
        tensors[name + ".bias"] = random.normal(0, 0.1, outputs)
    return tensors


def norm(random, name, width):
    return {name + ".weight": random.normal(1, 0.1, width), name + ".bias": random.normal(0, 0.1, width)}


def encoder_tensors(random, spec, vocabulary):
    hidden = spec["hidden"]
    tensors = {"embeddings.word_embeddings.weight": random.normal(0, 0.5, (vocabulary, hidden)),
               "embeddings.position_embeddings.weight": random.normal(0, 0.2, (spec["positions"], hidden))}
    if spec["family"] == "bert":
        tensors["embeddings.token_type_embeddings.weight"] = random.normal(0, 0.2, (2, hidden))
    tensors.update(norm(random, "embeddings.LayerNorm", hidden))
    names = BERT_BLOCK if spec["family"] == "bert" else DISTILBERT_BLOCK
    for i in range(spec["layers"]):
        block = names[0].format(i)
        for name in names[1:5]:
            tensors.update(linear(random, block + name, hidden, hidden))
        tensors.update(norm(random, block + names[5], hidden))
        tensors.update(linear(random, block + names[6], spec["intermediate"], hidden))
        tensors.update(linear(random, block + names[7], hidden, spec["intermediate"]))
        tensors.update(norm(random, block + names[8], hidden))
    return {spec["prefix"] + name: value for name, value in tensors.items()}


def encode(value, dtype):
    value = value.astype("<f4")
    if dtype == "F16":
        return value.astype("<f2").tobytes()
    if dtype == "BF16":  # cut, not rounded: any bits will do
        return (value.view("<u4") >> 16).astype("<u2").tobytes()
    return value.tobytes()


def write_safetensors(path, tensors, dtype):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, value in tensors.items():
        integers = value.dtype.kind == "i"
        encoded = value.astype("<i8").tobytes() if integers else encode(value, dtype)
        header[name] = {"dtype": "I64" if integers else dtype, "shape": list(value.shape),
                        "data_offsets": [len(data), len(data) + len(encoded)]}
        data += encoded
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_weights(folder, tensors, spec):
    if spec["shards"] == 1:
        write_safetensors(os.path.join(folder, "model.safetensors"), tensors, spec["dtype"])
        return
    names, weight_map = list(tensors), {}
    for i in range(spec["shards"]):
        file = "model-%05d-of-%05d.safetensors" % (i + 1, spec["shards"])
        part = {name: tensors[name] for name in names[i::spec["shards"]]}
        write_safetensors(os.path.join(folder, file), part, spec["dtype"])
        weight_map.update({name: file for name in part})
    size = sum(value.nbytes for value in tensors.values())
    write_json(folder, "model.safetensors.index.json", {"metadata": {"total_size": size}, "weight_map": weight_map})


def write_json(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


def encoder_config(spec, vocabulary):
    shared = {"vocab_size": vocabulary, "max_position_embeddings": spec["positions"], "pad_token_id": 0}
    if spec["family"] == "distilbert":
        return {"model_type": "distilbert", "architectures": ["DistilBertModel"], "dim": spec["hidden"],
                "n_layers": spec["layers"], "n_heads": spec["heads"], "hidden_dim": spec["intermediate"],
                "activation": spec["activation"], "sinusoidal_pos_embds": False, **shared}
    return {"model_type": "bert", "architectures": ["BertModel"], "hidden_size": spec["hidden"],
            "num_hidden_layers": spec["layers"], "num_attention_heads": spec["heads"],
            "intermediate_size": spec["intermediate"], "hidden_act": spec["activation"], "layer_norm_eps": 1e-12,
            "type_vocab_size": 2, "position_embedding_type": "absolute", **shared}


def class_path(name, old):
    if old:
        return "sentence_transformers.models." + name
    package = "sentence_transformer" if name == "Pooling" else "base"
    return "sentence_transformers.%s.modules.%s.%s" % (package, name.lower(), name)


def pooling_config(spec):
    if not spec["old"]:
        return {"embedding_dimension": spec["hidden"], "pooling_mode": spec["pooling"], "include_prompt": True}
    chosen = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens"}[spec["pooling"]]
    modes = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens")
    return {"word_embedding_dimension": spec["hidden"], **{"pooling_mode_" + mode: mode == chosen for mode in modes}}


def write_dense(random, folder, inputs, outputs, activation, bias, spec):
    module = "linear" if activation == "Identity" else "activation"
    config = {"in_features": inputs, "out_features": outputs, "bias": bias,
              "activation_function": "torch.nn.modules.%s.%s" % (module, activation)}
    if not spec["old"]:
        config.update(module_input_name="sentence_embedding", module_output_name="sentence_embedding")
    write_json(folder, "config.json", config)
    write_safetensors(os.path.join(folder, "model.safetensors"), linear(random, "linear", outputs, inputs, bias), "F32")


def write_modules(random, folder, spec):
    names = ["Transformer", "Pooling"] + ["Dense"] * len(spec["dense"]) + ["Normalize"] * spec["normalize"]
    modules, width, dense = [], spec["hidden"], iter(spec["dense"])
    for i, name in enumerate(names):
        path = "%d_%s" % (i, name) if i else ""
        modules.append({"idx": i, "name": str(i), "path": path, "type": class_path(name, spec["old"])})
        if name == "Pooling":
            write_json(folder, path + "/config.json", pooling_config(spec))
        elif name == "Dense":
            outputs, activation, bias = next(dense)
            write_dense(random, os.path.join(folder, path), width, outputs, activation, bias, spec)
            width = outputs
        elif name == "Normalize" and not spec["old"]:
            streams = {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"}
            write_json(folder, path + "/config.json", streams)
    write_json(folder, "modules.json", modules)


def write_settings(folder, spec):
    settings = {"__version__": {}, "prompts": spec["prompts"], "default_prompt_name": None,
                "similarity_fn_name": spec["similarity"]}
    write_json(folder, "config_sentence_transformers.json", settings)
    if spec["max_tokens"]:
        write_json(folder, "sentence_bert_config.json", {"max_seq_length": spec["max_tokens"], "do_lower_case": False})


def tokenizer_json(tokens):
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    ids = {token: i for i, token in enumerate(tokens)}
    piece = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    pair = piece + [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": ids[token], "content": token, **special} for token in SPECIAL if token in ids],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": piece, "pair": pair, "special_tokens": {
            token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in ("[CLS]", "[SEP]")}}
        if "[CLS]" in ids else None,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": ids},
    }


def write_tokenizer(folder, source, old, tokens=tuple(SPECIAL + WORDS)):
    """Copy the tokenizer of `source`, or write one of `tokens`; returns the size of its vocabulary."""
    if source:
        for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
            if os.path.exists(os.path.join(source, name)):
                shutil.copyfile(os.path.join(source, name), os.path.join(folder, name))
        with open(os.path.join(folder, "vocab.txt"), encoding="utf-8") as file:
            return sum(1 for _ in file)
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8") as file:
        file.write("".join(token + "\n" for token in tokens))
    write_json(folder, "tokenizer_config.json",
               {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "tokenize_chinese_chars": True,
                "strip_accents": None, "model_max_length": 1000000000000000019884624838656, "unk_token": "[UNK]",
                "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"})
    if not old:
        write_json(folder, "tokenizer.json", tokenizer_json(tokens))
    return len(tokens)


def write_checkpoint(folder, spec, seed, tokenizer):
    random = numpy.random.default_rng(seed)
    os.makedirs(folder, exist_ok=True)
    vocabulary = write_tokenizer(folder, tokenizer, spec["old"])
    tensors = encoder_tensors(random, spec, vocabulary)
    if spec["family"] == "bert":  # published files carry such a buffer; it is no weight
        tensors[spec["prefix"] + "embeddings.position_ids"] = numpy.arange(spec["positions"])[None, :]
    write_weights(folder, tensors, spec)
    write_json(folder, "config.json", encoder_config(spec, vocabulary))
    if not spec["plain"]:
        write_modules(random, folder, spec)
        write_settings(folder, spec)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="folder to write the checkpoints into")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokenizer", help="folder to copy vocab.txt, tokenizer.json and their configs from")
    parser.add_argument("--only", choices=sorted(CHECKPOINTS), help="write this one alone")
    arguments = parser.parse_args()
    for i, (name, changes) in enumerate(CHECKPOINTS.items()):
        if arguments.only in (None, name):
            spec = {**DEFAULTS, **changes}
            write_checkpoint(os.path.join(arguments.out, name), spec, [arguments.seed, i], arguments.tokenizer)
    write_json(arguments.out, "checkpoints.json", {name: {**DEFAULTS, **c} for name, c in CHECKPOINTS.items()})


if __name__ == "__main__":
    main()
