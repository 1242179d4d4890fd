"""Writing the parts of a checkpoint folder: transformers, heads, weights in any container."""
import collections
import os

import numpy as np
from make_checkpoints import BERT_BLOCK, DEFAULTS, DISTILBERT_BLOCK, encoder_config, encoder_tensors, linear
from make_checkpoints import write_json, write_safetensors

from families.parts import tokenizer, torch_file

SMALL = {"hidden": 48, "heads": 4, "intermediate": 96, "layers": 2, "positions": 512, "vocabulary": 1500}


def encoder_spec(family, shape):
    """make_checkpoints' description of a transformer of this family ("bert", "distilbert")."""
    return {**DEFAULTS, **SMALL, "family": family, **shape}


def take_heads_out(tensors, spec, prefix):
    """Rows of query, key and value, and columns of what follows them, of the heads in spec["pruned"]."""
    block, query, key, value, out = (DISTILBERT_BLOCK if spec["family"] == "distilbert" else BERT_BLOCK)[:5]
    for i, heads in spec.get("pruned", {}).items():
        left = np.repeat(~np.isin(np.arange(spec["heads"]), heads), spec["hidden"] // spec["heads"])
        path = prefix + block.format(i)
        for name in (f"{path}{part}.{kind}" for part in (query, key, value) for kind in ("weight", "bias")):
            tensors[name] = tensors[name][left]
        tensors[f"{path}{out}.weight"] = tensors[f"{path}{out}.weight"][:, left]


def transformer(random, spec, prefix="", pooler=False):
    """Its tensors under the published names. Old files carry position_ids, which is no weight."""
    tensors = encoder_tensors(random, {**spec, "prefix": prefix}, spec["vocabulary"])
    take_heads_out(tensors, spec, prefix)
    if spec["family"] == "bert":
        tensors[prefix + "embeddings.position_ids"] = np.arange(spec["positions"])[None, :]
        if pooler:
            tensors.update(linear(random, prefix + "pooler.dense", spec["hidden"], spec["hidden"]))
    return tensors


def config(spec, architecture, **more):
    """Blocks that lack heads say so as transformers 4 has them say it."""
    pruned = {"pruned_heads": spec["pruned"]} if "pruned" in spec else {}
    return {**encoder_config(spec, spec["vocabulary"]), "architectures": [architecture], **pruned, **more}


def as_stored(value, dtype):
    return value if value.dtype.kind == "i" else value.astype(dtype)


def state_dict(tensors, dtype="<f4"):
    """As Module.state_dict() gives it: ordered, with the versions of the modules beside."""
    state = collections.OrderedDict((name, as_stored(value, dtype)) for name, value in tensors.items())
    state._metadata = collections.OrderedDict({"": {"version": 1}})
    return state


def write_weights(folder, tensors, container, name=None, dtype="F32"):
    """container: "safetensors", "zip" or "legacy", the two that pytorch_model.bin comes in."""
    os.makedirs(folder, exist_ok=True)
    if container == "safetensors":
        write_safetensors(os.path.join(folder, name or "model.safetensors"), tensors, dtype)
        return
    save = {"zip": torch_file.save, "legacy": torch_file.save_legacy}[container]
    save(os.path.join(folder, name or "pytorch_model.bin"), state_dict(tensors, {"F32": "<f4", "F16": "<f2"}[dtype]))


def write_base(folder, spec, words):
    """What the model named by "bert_model" says that the folder does not: config.json and the tokenizer."""
    distilled = spec["family"] == "distilbert"
    write_json(folder, "config.json", config(spec, "DistilBertForMaskedLM" if distilled else "BertForMaskedLM"))
    tokens = tokenizer.make_vocabulary(words, spec["vocabulary"])
    tokenizer.write(folder, tokens, tokenizer_class="DistilBertTokenizer" if distilled else "BertTokenizer", limit=512)
