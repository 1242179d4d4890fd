"""The table of peers: the file that drives each, the variant of it, and the class it competes in."""
import importlib

# name: (engine, variant, class)
ENCODERS = {
    "LiteRT int8": ("litert", "int8", "int8"),
    "OpenVINO int8": ("openvino_engine", "int8", "int8"),
    "OpenVINO int8 + bf16": ("openvino_engine", "int8-bf16", "int8"),
    "ONNX Runtime int8": ("onnx_runtime", "int8", "int8"),
    "CTranslate2 int8": ("ctranslate2_engine", "int8", "int8"),
    "llama.cpp q8_0": ("llama_cpp_engine", "q8_0", "int8"),
    "LiteRT int4": ("litert", "int4", "int4"),
    "llama.cpp q4_0": ("llama_cpp_engine", "q4_0", "int4"),
    "OpenVINO bf16": ("openvino_engine", "bf16", "bf16"),
    "OpenVINO f32": ("openvino_engine", "f32", "f32"),
    "ONNX Runtime f32": ("onnx_runtime", "f32", "f32"),
    "sentence-transformers": ("pytorch", "f32", "f32"),
}
SEARCHERS = {
    "FAISS flat f32": ("faiss_engine", "flat", "f32"),
    "FAISS SQ8": ("faiss_engine", "sq8", "int8"),
    "FAISS SQ8 signed direct": ("faiss_engine", "direct", "int8"),
    "FAISS binary flat": ("faiss_engine", "binary", "binary"),
    "USearch exact int8": ("usearch_engine", "int8", "int8"),
}


def engine_module(name):
    return importlib.import_module("engines." + name)


def find(peer):
    return {**ENCODERS, **SEARCHERS}[peer]
