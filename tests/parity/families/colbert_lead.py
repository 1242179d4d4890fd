"""ColBERT of LEAD: the marker takes the place of [CLS], no linear layer, unit vectors, nothing skipped.

Its trainer saves one dictionary with the model's state, the optimizer's and a few numbers. Query and
document model share their tensors. Lengths are arguments of the trainer, so the folder is silent."""
import collections
import os

import numpy as np
from make_checkpoints import linear, write_json

from families.parts import checkpoint, peers, reading, scoring, tokenizer, torch_file, transformer
from families.parts.case import BERT_BASE, Case

PEER = "transformers"
LENGTHS = {"query-length": 32, "document-length": 144}
CASES = {
    "colbert-lead": Case({}, LENGTHS, BERT_BASE),
    "colbert-lead-linear": Case({"projection": 40, "container": "legacy"}, LENGTHS),
}


def optimizer_state(state):
    """Of one tensor only: enough to be more than the model."""
    first = next(iter(state.values()))
    moments = {"step": 7, "exp_avg": np.zeros_like(first), "exp_avg_sq": np.ones_like(first)}
    return {"state": {0: moments}, "param_groups": [{"lr": 5e-5, "betas": (0.9, 0.999), "eps": 1e-8, "params": [0]}]}


def write_trained(folder, tensors, container):
    """What the trainer keeps."""
    state = checkpoint.state_dict(tensors)
    both = [("question_model." + name, value) for name, value in state.items()]
    both += [("ctx_model." + name, value.view()) for name, value in state.items()]
    content = {"model_dict": collections.OrderedDict(both), "optimizer_dict": optimizer_state(state),
               "scheduler_dict": {"base_lrs": [5e-5], "last_epoch": 50000, "_last_lr": [0.0]}, "offset": 50000,
               "epoch": 0, "encoder_params": {"model_type": "colbert", "share_weight": True, "dropout": 0.1}}
    save = {"zip": torch_file.save, "legacy": torch_file.save_legacy}[container]
    save(os.path.join(folder, "pytorch_model.bin"), content)


def make(folder, random, words, projection=None, container="zip", **shape):
    spec = checkpoint.encoder_spec("bert", shape)
    more = {"add_linear": projection is not None, "output_hidden_states": True}
    write_json(folder, "config.json", checkpoint.config(spec, "HFColBertEncoder", **more))
    tensors = checkpoint.transformer(random, spec, pooler=True)
    if projection:
        tensors.update(linear(random, "linear", projection, spec["hidden"]))
    write_trained(folder, tensors, container)
    tokenizer.write(folder, tokenizer.make_vocabulary(words, spec["vocabulary"]), limit=512)


def load(folder, encoder=transformer.read, **flags):
    network, tokens = encoder(folder, "question_model."), reading.Tokens(folder)
    weights = {name: value for name, value in reading.read_weights(folder, "question_model.").items()
               if name.startswith("linear.")}
    lengths = {name: int(value) for name, value in flags.items()}

    def vectors(ids, marker):
        x = network([tokens.id(marker)] + ids[1:])
        return scoring.unit(transformer.linear(weights, "linear", x) if weights else x)

    def query(text):
        """Cut without keeping [SEP], as its loader does; filled up with [MASK], which are attended to."""
        ids = tokens.single(text, network.positions)[:lengths["query-length"]]
        return vectors(ids + [tokens.id("[MASK]")] * (lengths["query-length"] - len(ids)), "[unused1]")

    return scoring.of_each(query, lambda text: vectors(tokens.single(text, lengths["document-length"]), "[unused2]"),
                           scoring.maxsim)


def peer(folder, **flags):
    return load(folder, encoder=peers.Encoder, **flags)
