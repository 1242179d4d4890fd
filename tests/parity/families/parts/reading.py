"""Reading of a checkpoint folder by the references: JSON, weights in any container, tokens."""
import glob
import json
import os
import struct

import numpy as np

from families.parts import tokenizer, torch_file

NESTED = ("model_dict", "model_state_dict", "state_dict", "model")
TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "<i1"}


def read_json(folder, name, default=None):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return default
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_kept(folder):
    """What Minnow keeps beside a layout's own files: lengths and prompts of roles, which hold instead of theirs."""
    return read_json(folder, "minnow_checkpoint.json", {})


def to_array(data, dtype, shape):
    if dtype == "BF16":
        return (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4").reshape(shape)
    return np.frombuffer(data, TYPES[dtype]).reshape(shape)


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {name: to_array(data[slice(*entry["data_offsets"])], entry["dtype"], entry["shape"])
            for name, entry in header.items()}


def read_torch(path):
    content = torch_file.load(path)
    return next((content[name] for name in NESTED if isinstance(content.get(name), dict)), content)


def modern_name(name):
    """Files that were converted from TensorFlow have others."""
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")


def read_weights(folder, prefix="", dtype="f4"):
    """Tensors as `dtype`, those without the prefix left out. minnow_factors.safetensors is not looked at: the table
    that its factors make stands among the weights."""
    weights = {}
    for path in glob.glob(os.path.join(glob.escape(folder), "model*.safetensors")):
        weights.update(read_safetensors(path))
    for pattern in ("pytorch_model*.bin", "best-model.pytorch-state-dict"):
        for path in glob.glob(os.path.join(glob.escape(folder), pattern)):
            weights.update(read_torch(path))
    return {modern_name(name.removeprefix(prefix)): np.asarray(value, dtype) for name, value in weights.items()
            if name.startswith(prefix)}


class Tokens:
    """Ids of texts as the tokenizer of a folder gives them, cut by their limit."""

    def __init__(self, folder):
        self.tokenizer = tokenizer.read(folder)

    def id(self, token):
        return self.tokenizer.token_to_id(token)

    def bare(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def single(self, text, limit):
        """[CLS] text [SEP], at most `limit` of them."""
        return [self.id("[CLS]")] + self.bare(text)[:limit - 2] + [self.id("[SEP]")]

    def pair(self, query, document, limit):
        """[CLS] query [SEP] document [SEP] and the types, the longer one cut first."""
        self.tokenizer.enable_truncation(limit, strategy="longest_first")
        encoded = self.tokenizer.encode(query, document)
        self.tokenizer.no_truncation()
        return encoded.ids, encoded.type_ids
