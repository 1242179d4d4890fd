"""What each engine installs from PyPI, and where its models are made."""
import collections

# Installed whole; without what they ask for; built here from source with `flags` (without what they ask for).
Packages = collections.namedtuple("Packages", "shown whole alone source flags converter")


def packages(shown, whole=(), alone=(), source=(), flags="", converter=()):
    """`shown`: the one whose version a report tells. `converter`: in a virtual environment of its own."""
    return Packages(shown, list(whole), list(alone), list(source), flags, list(converter))


# Of all engines, and of those who export from PyTorch.
SHARED = ["numpy==2.4.6", "tokenizers==0.23.3", "torch==2.13.0", "transformers==5.23.0",
          "sentence-transformers==6.2.0", "safetensors", "flatbuffers", "protobuf", "tqdm", "ml_dtypes",
          "backports.strenum", "typing_extensions"]

ENGINES = {
    "onnx_runtime": packages("onnxruntime", ["onnxruntime==1.31.1", "onnx==1.23.2", "onnxscript==0.7.2"]),
    "openvino_engine": packages("openvino", ["openvino==2026.4.1", "nncf==3.4.0"]),
    "ctranslate2_engine": packages("ctranslate2", ["ctranslate2==4.8.5"]),
    "pytorch": packages("sentence-transformers"),
    "llama_cpp_engine": packages(
        "llama-cpp-python", ["gguf==0.19.0", "diskcache", "jinja2"], source=["llama-cpp-python==0.3.36"],
        flags="-DGGML_NATIVE=ON -DGGML_OPENMP=ON -DLLAMA_CURL=OFF -DLLAVA_BUILD=OFF -DMTMD_BUILD=OFF"),
    # Its converter asks for other versions of nearly everything.
    "litert": packages("ai-edge-litert", alone=["ai-edge-litert==2.3.0"], converter=["litert-torch==0.10.0"]),
    "faiss_engine": packages("faiss-cpu", ["faiss-cpu==1.15.1"]),
    "usearch_engine": packages("usearch", ["usearch==2.26.6"]),
}
