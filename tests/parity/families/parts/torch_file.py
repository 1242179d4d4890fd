"""What torch.save writes and torch.load reads, with NumPy arrays in place of tensors and without torch.

Both containers: the zip archive, and the stream of pickles from before PyTorch 1.6. Arrays that share
memory share a storage, and an array in column order keeps its strides, as a transposed tensor does."""
import collections
import io
import pickle
import struct
import zipfile

import numpy as np

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
STORAGES = {"f4": "FloatStorage", "f2": "HalfStorage", "f8": "DoubleStorage", "i8": "LongStorage", "i4": "IntStorage",
            "i1": "CharStorage", "u1": "ByteStorage", "b1": "BoolStorage"}
TYPES = {name: np.dtype("<" + kind) for kind, name in STORAGES.items()}
ALIGNMENT = 64


class Global:
    """A name that the stream mentions and nobody here needs to own."""

    def __init__(self, module, name):
        self.module, self.name = module, name

    def __call__(self):
        raise TypeError(f"{self.module}.{self.name} is only a name")


class Storage:
    def __init__(self, array):
        self.values = array.ravel(order="K")
        self.type = Global("torch", STORAGES[array.dtype.str[1:]])


class Pickler(pickle._Pickler):  # the one written in Python: only there can an opcode be added
    dispatch = dict(pickle._Pickler.dispatch)

    def __init__(self, file, storages, legacy):
        super().__init__(file, protocol=2)
        self.storages, self.legacy = storages, legacy
        self.names = {}

    def save_global_name(self, value):
        self.write(pickle.GLOBAL + f"{value.module}\n{value.name}\n".encode())
        self.memoize(value)

    dispatch[Global] = save_global_name

    def name(self, module, name):
        return self.names.setdefault((module, name), Global(module, name))

    def reducer_override(self, value):
        if not isinstance(value, np.ndarray):
            return NotImplemented
        address = value.__array_interface__["data"][0]
        storage = self.storages.setdefault((address, value.size), Storage(value))
        strides = tuple(stride // value.itemsize for stride in value.strides)
        arguments = (storage, 0, value.shape, strides, False, collections.OrderedDict())
        return self.name("torch._utils", "_rebuild_tensor_v2"), arguments

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        key = str(list(self.storages.values()).index(value))
        place = ("storage", self.name("torch", value.type.name), key, "cpu", value.values.size)
        return place + (None,) if self.legacy else place


def dump(value, legacy):
    """The pickle, and its storages in order."""
    file, storages = io.BytesIO(), {}
    Pickler(file, storages, legacy).dump(value)
    return file.getvalue(), [storage.values for storage in storages.values()]


def save_legacy(path, value):
    data, storages = dump(value, True)
    system = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    with open(path, "wb") as file:
        for header in (MAGIC, PROTOCOL, system):
            pickle.dump(header, file, protocol=2)
        file.write(data)
        pickle.dump([str(key) for key in range(len(storages))], file, protocol=2)
        for values in storages:
            file.write(struct.pack("<q", values.size) + values.tobytes())


def write_entry(archive, name, data):
    """Data begins at a multiple of ALIGNMENT, with an extra field of zeros before it."""
    entry = zipfile.ZipInfo(name)
    begin = archive.fp.tell() + 30 + len(name.encode()) + 4
    padding = -begin % ALIGNMENT
    entry.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
    archive.writestr(entry, data)


def save(path, value, archive_name="archive"):
    data, storages = dump(value, False)
    with zipfile.ZipFile(path, "w") as archive:
        write_entry(archive, archive_name + "/data.pkl", data)
        write_entry(archive, archive_name + "/byteorder", b"little")
        for key, values in enumerate(storages):
            write_entry(archive, f"{archive_name}/data/{key}", values.tobytes())
        write_entry(archive, archive_name + "/version", b"3\n")


class Unpickler(pickle.Unpickler):
    """Reads what the above wrote, and what torch.save writes of state dicts."""

    def __init__(self, file, storage):
        super().__init__(file)
        self.storage = storage

    def find_class(self, module, name):
        known = {("collections", "OrderedDict"): collections.OrderedDict,
                 ("torch._utils", "_rebuild_tensor_v2"): rebuild,
                 ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor}
        return known[module, name] if (module, name) in known else TYPES[name]

    def persistent_load(self, place):
        return self.storage(place[1], place[2], place[4])


def rebuild(storage, offset, shape, strides, *_):
    """A copy: legacy storages are filled after this, so they are looked up when all is read."""
    return lambda: np.lib.stride_tricks.as_strided(
        storage()[offset:], shape, [stride * storage().itemsize for stride in strides]).copy()


def resolve(value):
    if isinstance(value, dict):
        return {key: resolve(entry) for key, entry in value.items()}
    return value() if callable(value) else value


def load_zip(path):
    with zipfile.ZipFile(path) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        folder = pickled.removesuffix("data.pkl") + "data/"
        read = lambda kind, key, _: lambda: np.frombuffer(archive.read(folder + key), kind)
        return resolve(Unpickler(io.BytesIO(archive.read(pickled)), read).load())


def load_legacy(path):
    storages, kinds = {}, {}

    def find(kind, key, _):
        kinds[key] = kind
        return lambda: storages[key]

    with open(path, "rb") as file:
        for _ in range(3):
            pickle.load(file)
        value = Unpickler(file, find).load()
        for key in pickle.load(file):
            count = struct.unpack("<q", file.read(8))[0]
            storages[key] = np.frombuffer(file.read(count * kinds[key].itemsize), kinds[key])
    return resolve(value)


def load(path):
    return load_zip(path) if zipfile.is_zipfile(path) else load_legacy(path)
