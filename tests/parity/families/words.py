"""Recurrent, convolutional and plain students over word embeddings, as sentence-transformers saves them."""
from families.parts import sentence_files
from families.parts.case import Case
from families.parts.peers import sentence_transformer as peer  # noqa: F401
from families.parts.sentence import load  # noqa: F401, the reference of this family

GLOVE = {"vocabulary": 400001, "width": 300}
PEER = "sentence-transformers"
CASES = {
    "lstm": Case({"layer": "LSTM"}, published={**GLOVE, "hidden": 512}),
    "lstm-old": Case({"layer": "LSTM", "old": True, "container": "zip", "pooling": "max", "dense": 20}),
    "lstm-two": Case({"layer": "LSTM", "layers": 2, "hidden": 17, "splitter": "pieces"}),
    "lstm-forward": Case({"layer": "LSTM", "bidirectional": False, "splitter": "pieces", "pooling": "max"}),
    "cnn": Case({"layer": "CNN"}, published={**GLOVE, "hidden": 256}),
    "cnn-old": Case({"layer": "CNN", "old": True, "container": "legacy", "sizes": (1, 3, 5), "pooling": "max"}),
    "cnn-wide": Case({"layer": "CNN", "hidden": 24, "sizes": (3, 7), "pooling": "max", "dense": 16,
                      "splitter": "pieces"}),
    "word-embeddings": Case({"layer": None, "old": True, "container": "legacy", "limit": 25}),
    "word-embeddings-dense": Case({"layer": None, "dense": 30, "splitter": "pieces"}),
}


def write_layer(folder, random, layer, width, hidden, layers, bidirectional, sizes, container, activation):
    if layer == "LSTM":
        return sentence_files.write_lstm(folder, random, width, hidden, layers, bidirectional, container)
    return sentence_files.write_cnn(folder, random, width, hidden, sizes, container, activation)


def make(folder, random, words, layer="LSTM", width=32, vocabulary=900, hidden=40, layers=1, bidirectional=True,
         sizes=(1, 3, 5), pooling="mean", dense=0, splitter="whitespace", container="safetensors", old=False,
         limit=1000000, activation=None):
    names = ["WordEmbeddings"] + [layer] * bool(layer) + ["Pooling"] + ["Dense"] * bool(dense)
    paths = dict(zip(names, sentence_files.write_modules(folder, names, old)))
    sentence_files.write_words(paths["WordEmbeddings"], random, words, width, vocabulary, container, old, splitter,
                               limit)
    if layer:
        width = write_layer(paths[layer], random, layer, width, hidden, layers, bidirectional, sizes, container,
                            activation)
    sentence_files.write_pooling(paths["Pooling"], width, pooling, old)
    if dense:
        sentence_files.write_dense(paths["Dense"], random, width, dense, "Tanh", container, old)
    sentence_files.write_settings(folder)
