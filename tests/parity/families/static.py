"""Static tables: sentence-transformers' StaticEmbedding, in every place that its files were kept."""
import os

from make_checkpoints import write_json

from families.parts import sentence_files
from families.parts.case import Case
from families.parts.peers import sentence_transformer as peer  # noqa: F401
from families.parts.sentence import load  # noqa: F401, the reference of this family

PEER = "sentence-transformers"
CASES = {
    "static": Case({}, published={"vocabulary": 30522, "width": 1024}),
    "static-own-folder": Case({"old": True, "normalize": False, "container": "safetensors"}),
    "static-dense": Case({"dense": 24, "container": "zip"}),
}


def make(folder, random, words, width=64, vocabulary=1200, normalize=True, dense=0, old=False, container="safetensors"):
    """old: as versions 3 and 4 lay it out, in 0_StaticEmbedding, with the class path of then."""
    names = ["StaticEmbedding"] + ["Dense"] * bool(dense) + ["Normalize"] * normalize
    paths = sentence_files.write_modules(folder, names, old)
    sentence_files.write_static(paths[0], random, words, width, vocabulary, container)
    if dense:
        sentence_files.write_dense(paths[1], random, width, dense, "Identity", container, old, bias=False)
    if normalize:
        sentence_files.write_normalize(paths[-1], old)
    sentence_files.write_settings(folder)
    if old:
        write_json(os.path.join(folder), "config_sentence_transformers.json", {
            "__version__": {"sentence_transformers": "3.2.0"}, "prompts": {}, "default_prompt_name": None,
            "similarity_fn_name": "cosine"})
