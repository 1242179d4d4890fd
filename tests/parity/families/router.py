"""Asymmetric pairs of sentence-transformers: a small model for queries beside a big one for documents."""
import os

from make_checkpoints import write_json

from families.parts import checkpoint, sentence_files
from families.parts.case import DISTILBERT_BASE, Case
from families.parts.peers import sentence_transformer as peer  # noqa: F401
from families.parts.sentence import load  # noqa: F401, the reference of this family
from families.parts.sentence import read_encoder as encoder_of  # noqa: F401

PEER = "sentence-transformers"
CASES = {
    "router": Case({}, published={"document": {**DISTILBERT_BASE}, "query": {"vocabulary": 30522, "hidden": 384,
                                                                             "heads": 12, "intermediate": 1536}}),
    "router-static": Case({"small": "static"}),
    "router-factored": Case({"query": {"rank": 16}}),
    "router-shared-pooling": Case({"share": True, "dense": 0}),
    "router-asym": Case({"small": "words", "old": True}),
}


def write_query(folder, random, words, spec, small, width, old):
    """The query's modules: {name: kind}, in order."""
    path = lambda name: os.path.join(folder, name)
    if small == "static":
        sentence_files.write_static(path("query_0_StaticEmbedding"), random, words, width, spec["vocabulary"])
        return {"query_0_StaticEmbedding": "StaticEmbedding"}
    if small == "words":
        sentence_files.write_words(path("query_0_WordEmbeddings"), random, words, width, spec["vocabulary"],
                                   "zip" if old else "safetensors", old)
        sentence_files.write_pooling(path("query_1_Pooling"), width, "mean", old)
        return {"query_0_WordEmbeddings": "WordEmbeddings", "query_1_Pooling": "Pooling"}
    sentence_files.write_transformer(path("query_0_Transformer"), random, words, spec, old=old)
    sentence_files.write_pooling(path("query_1_Pooling"), spec["hidden"], "mean", old)
    return {"query_0_Transformer": "Transformer", "query_1_Pooling": "Pooling"}


def write_document(folder, random, words, spec, dense, share, old):
    path = lambda name: os.path.join(folder, name)
    sentence_files.write_transformer(path("document_0_Transformer"), random, words, spec, old=old)
    modules = {"document_0_Transformer": "Transformer"}
    if share:
        return {**modules, "query_1_Pooling": "Pooling"}
    sentence_files.write_pooling(path("document_1_Pooling"), spec["hidden"], "mean", old)
    modules["document_1_Pooling"] = "Pooling"
    if dense:
        sentence_files.write_dense(path("document_2_Dense"), random, spec["hidden"], dense, "Identity", old=old)
        modules["document_2_Dense"] = "Dense"
    return modules


def write_router(folder, query, document, old):
    """Version 2 calls the module Asym, and its file config.json."""
    name = lambda kind: sentence_files.class_path(kind, old)
    parameters = {"allow_empty_key": True} if old else {"default_route": "document", "allow_empty_key": True,
                                                        "route_mappings": {}}
    write_json(folder, "config.json" if old else "router_config.json", {
        "types": {path: name(kind) for path, kind in {**query, **document}.items()},
        "structure": {"query": list(query), "document": list(document)}, "parameters": parameters})


def make(folder, random, words, small="transformer", share=False, dense=32, old=False, query=None, document=None):
    """query, document: the shapes of their transformers."""
    big = checkpoint.encoder_spec("bert", {"layers": 3, "hidden": 72, **(document or {})})
    little = checkpoint.encoder_spec("bert", {"layers": 1, "hidden": dense or big["hidden"], **(query or {})})
    paths = sentence_files.write_modules(folder, ["Asym" if old else "Router", "Normalize"], old)
    routes = [write_query(paths[0], random, words, little, small, little["hidden"], old),
              write_document(paths[0], random, words, big, little["hidden"] if dense else 0, share, old)]
    write_router(paths[0], *routes, old)
    sentence_files.write_normalize(paths[1], old)
    sentence_files.write_settings(folder)
