"""Files written by torch.save itself, read by Minnow: every tensor of every kind, in every container.

Usage: torch_parity.py MINNOW TORCH_DRIVER
The driver prints what Minnow reads of one file. What Minnow must refuse is tried too, and small checkpoints are
converted from pytorch_model.bin and from safetensors: the two models are equal in every byte."""
import collections
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the imports leave nothing in the tree
try:
    import numpy
    import torch
except ImportError as reason:
    print(f"skipped: {reason}, so torch.save cannot write any files")
    sys.exit(0)
import make_checkpoints

TYPES = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
         torch.complex64: "C64", torch.complex128: "C128", torch.uint16: "U16", torch.uint32: "U32",
         torch.uint64: "U64", torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2"}
CONTAINERS = [{"_use_new_zipfile_serialization": new, "pickle_protocol": protocol}
              for new in (True, False) for protocol in (2, 3, 4, 5)]


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


# ---- Tensors -----------------------------------------------------------------------------------

def of_every_type():
    numbers = torch.arange(24.0)
    return {str(kind): (numbers.reshape(4, 6) - 11).to(kind) for kind in TYPES}


def of_every_shape():
    shapes = [(), (1,), (0,), (3, 0, 2), (1, 1, 1), (2, 3, 4), (5, 1, 7), (2,) * 8]
    return {f"shape {list(shape)}": torch.randn(shape, generator=random) for shape in shapes}


def views():
    base = torch.randn(6, 8, 5, generator=random)
    column = torch.randn(40, 30, generator=random)
    return {"transposed": column.t(), "permuted": base.permute(2, 0, 1), "row": column[7], "column": column[:, 7],
            "every other": column[::2, 1::3], "expanded": torch.randn(5, 1, generator=random).expand(5, 9),
            "one number": column[3, 4], "end": column.reshape(-1)[-2:], "flat": base.as_strided((3, 4), (50, 7), 2),
            "batch of one": column[None].expand(1, 40, 30), "half": base.half().transpose(0, 2),
            "overlapping": column.reshape(-1).as_strided((4, 6), (2, 1), 5), "bools": (base > 0).mT}


def shared():
    table = torch.randn(10, 4, generator=random)
    return {"table": table, "tied": table, "part": table[2:5], "turned": table.t()}


def parameters():
    plain, marked = (torch.nn.Parameter(torch.randn(3, 2, generator=random)) for _ in range(2))
    marked.layer = "with a state of its own"
    return {"plain": plain, "marked": marked, "frozen": torch.nn.Parameter(torch.ones(2), requires_grad=False)}


def module_state():
    module = torch.nn.Sequential(torch.nn.Embedding(9, 8), torch.nn.LSTM(8, 4, bidirectional=True),
                                 torch.nn.BatchNorm1d(4), torch.nn.TransformerEncoderLayer(8, 2, 16))
    return module.state_dict()


PLAIN = {"epoch": 3, "loss": 0.25, "name": "a run", "nothing": None, "large": 2 ** 70, "negative": -2 ** 40,
         "list": [1, [2, (3, {"four": 5.0})]], "flag": True, "shape": torch.ones(2, 3).shape, "kind": torch.float16,
         "ordered": collections.OrderedDict([("a", 1)]), 7: "a number is the key"}


def files():
    """Name: what is saved, and the tensors that Minnow must find."""
    state = module_state()
    other = {"state": {0: {"step": torch.tensor(1.0), "average": torch.ones(4)}}, "groups": [{"rate": 0.1}]}
    plain = {"types": of_every_type(), "shapes": of_every_shape(), "views": views(), "shared": shared(),
             "parameters": parameters(), "ordered": state, "names": {"ü.水": torch.ones(2), "": torch.zeros(1)},
             "long": {f"layer.{i}.weight": torch.full((64,), float(i)) for i in range(2500)}}
    saved = {name: (tensors, tensors) for name, tensors in plain.items()}
    for key in ("state_dict", "model_state_dict", "model"):
        saved["under " + key] = ({"optimizer": other, key: state, **PLAIN}, state)
    saved["beside plain values"] = ({**PLAIN, **state}, state)
    return saved


def line_of(name, tensor):
    flat = tensor.detach().contiguous().reshape(-1)
    data = bytes(flat.view(torch.uint8).tolist()) if flat.numel() else b""
    shape = ",".join(str(size) for size in tensor.shape)
    return "\t".join((name, TYPES[tensor.dtype], f"[{shape}]", data.hex()))


def read(driver, path):
    return subprocess.run([driver, path], capture_output=True, encoding="utf-8", errors="surrogateescape")


def check_file(driver, folder, name, value, tensors):
    expected = sorted((line_of(*entry) for entry in tensors.items()), key=lambda line: line.split("\t")[0].encode())
    for options in CONTAINERS:
        path = os.path.join(folder, "weights.bin")
        torch.save(value, path, **options)
        result = read(driver, path)
        expect(result.returncode == 0, f"{name}: {options}: {result.stderr}")
        found = result.stdout.split("\n")[:-1]
        expect(len(found) == len(expected), f"{name}: {options}: {len(found)} tensors, expected {len(expected)}")
        for line, other in zip(found, expected):
            expect(line == other, f"{name}: {options}: found {line[:100]}, expected {other[:100]}")
    print(f"ok: {name}: {len(tensors)} tensors in {len(CONTAINERS)} containers", flush=True)


# ---- What is refused ---------------------------------------------------------------------------

class Command:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


def refused(folder):
    """Name: what is saved, and a part of the error."""
    weight = {"weight": torch.ones(2)}
    return {
        "a command": ({**weight, "x": Command(os.path.join(folder, "executed"))}, f"{os.system.__module__}.system"),
        "a whole module": (torch.nn.Linear(2, 2), "torch.nn.modules.linear.Linear"),
        "a NumPy number": ({**weight, "loss": numpy.float64(1)}, "numpy"),
        "a device": ({**weight, "device": torch.device("cpu")}, "torch.device"),
        "a sparse tensor": ({"weight": torch.eye(2).to_sparse()}, "_rebuild_sparse_tensor"),
        "a quantized tensor": ({"weight": torch.quantize_per_tensor(torch.ones(2), 1, 0, torch.qint8)}, "torch"),
        "a negated view": ({"weight": torch.ones(2, dtype=torch.cfloat).conj().imag}, "_rebuild_tensor_v2"),
        "a tensor alone": (torch.ones(2), "holds a tensor"),
        "a list": ([torch.ones(2)], "holds a list"),
        "no tensors": ({"a": 1}, "no tensors"),
        "another key": ({"network": weight}, "under \"network\""),
        "a number for a name": ({5: torch.ones(2)}, "an int"),
    }


def check_refused(driver, folder, name, value, part):
    path = os.path.join(folder, "weights.bin")
    for options in CONTAINERS:
        torch.save(value, path, **options)
        result = read(driver, path)
        expect(result.returncode == 1, f"{name}: {options}: exit {result.returncode}, expected an error")
        expect(part in result.stderr, f"{name}: {options}: \"{result.stderr.strip()}\" does not say \"{part}\"")
        expect(not os.path.exists(os.path.join(folder, "executed")), f"{name}: {options}: a command was executed")
    print(f"ok: {name} is refused", flush=True)


# ---- Whole checkpoints -------------------------------------------------------------------------

def load_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    kinds = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
    return {name: torch.frombuffer(bytearray(data[slice(*entry["data_offsets"])]), dtype=kinds[entry["dtype"]])
            .reshape(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}


def transpose_storage(tensor):
    return tensor.t().contiguous().t() if tensor.dim() == 2 else tensor


def rewrite(folder, options):
    """Every .safetensors below the folder becomes a .bin, the index too."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if name.endswith(".index.json"):
                with open(path) as file:
                    text = file.read().replace("model-", "pytorch_model-").replace(".safetensors", ".bin")
                make_checkpoints.write_json(place, "pytorch_model.bin.index.json", json.loads(text))
            elif name.endswith(".safetensors"):
                tensors = {key: transpose_storage(tensor) for key, tensor in load_safetensors(path).items()}
                torch.save(tensors, os.path.join(place, "pytorch_" + name.replace(".safetensors", ".bin")), **options)
            if ".safetensors" in name:
                os.remove(path)


def convert(minnow, folder):
    model = folder + ".mnw"
    result = subprocess.run([minnow, "convert", folder, "-o", model, "--weights", "f32"], capture_output=True, text=True)
    expect(result.returncode == 0, f"convert: {result.stderr}")
    with open(model, "rb") as file:
        return file.read()


def check_checkpoint(minnow, folder, name):
    checkpoint = os.path.join(folder, "checkpoint")
    spec = {**make_checkpoints.DEFAULTS, **make_checkpoints.CHECKPOINTS[name]}
    make_checkpoints.write_checkpoint(checkpoint, spec, 1, None)
    expected = convert(minnow, checkpoint)
    for new in (True, False):
        shutil.rmtree(checkpoint)
        make_checkpoints.write_checkpoint(checkpoint, spec, 1, None)
        rewrite(checkpoint, {"_use_new_zipfile_serialization": new})
        expect(convert(minnow, checkpoint) == expected, f"{name}: the model differs from that of the safetensors")
    shutil.rmtree(checkpoint)
    print(f"ok: checkpoint {name}: the same model as from safetensors", flush=True)


random = torch.Generator().manual_seed(1)


def main(minnow, driver):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        steps = [(check_file, driver, folder, name, *entry) for name, entry in files().items()]
        steps += [(check_refused, driver, folder, name, *entry) for name, entry in refused(folder).items()]
        steps += [(check_checkpoint, minnow, folder, name)
                  for name in ("bert-tiny", "bert-max-bf16", "bert-sharded", "distilbert-312")]
        for check, *arguments in steps:
            try:
                check(*arguments)
            except Failure as failure:
                print(f"FAILED: {failure}", flush=True)
                failed += 1
    print(f"{len(steps) - failed} of {len(steps)} as expected, files of torch {torch.__version__}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
