"""Writing modules of sentence-transformers, as version 6 and as version 2 lay them out."""
import os

from make_checkpoints import linear, write_json

from families.parts import checkpoint, tokenizer

NEW = "sentence_transformers.sentence_transformer.modules."
TYPES = {  # as version 6 names the classes; version 2 says sentence_transformers.models.NAME
    "Transformer": "sentence_transformers.base.modules.transformer.Transformer",
    "Dense": "sentence_transformers.base.modules.dense.Dense",
    "Normalize": "sentence_transformers.base.modules.normalize.Normalize",
    "Router": "sentence_transformers.base.modules.router.Router",
    "Pooling": NEW + "pooling.Pooling", "LSTM": NEW + "lstm.LSTM", "CNN": NEW + "cnn.CNN",
    "WordEmbeddings": NEW + "word_embeddings.WordEmbeddings",
    "StaticEmbedding": NEW + "static_embedding.StaticEmbedding",
}
WORD_TOKENIZERS = {  # {words: (version 2, version 6)}
    "whitespace": ("sentence_transformers.models.tokenizer.WhitespaceTokenizer.WhitespaceTokenizer",
                   NEW + "tokenizer.whitespace.WhitespaceTokenizer"),
    "pieces": ("sentence_transformers.models.tokenizer.WordTokenizer.TransformersTokenizerWrapper",
               NEW + "tokenizer.word.TransformersTokenizerWrapper"),
}
STOP_WORDS = ["a", "an", "and", "are", "as", "at", "be", "by", "for", "in", "is", "it", "of", "on", "that", "the", "to",
              "was", "with", ".", ",", "?", "-", "(", ")", "'", "\"", ":"]


def class_path(name, old):
    return "sentence_transformers.models." + name if old else TYPES[name]


def write_modules(folder, names, old=False):
    """modules.json; returns the folders of the modules. Version 6 keeps the first module in the folder itself,
    version 2 only a Transformer."""
    paths = [f"{i}_{name}" for i, name in enumerate(names)]
    if not old or names[0] == "Transformer":
        paths[0] = ""
    write_json(folder, "modules.json", [
        {"idx": i, "name": str(i), "path": path, "type": class_path(name, old)}
        for i, (path, name) in enumerate(zip(paths, names))])
    return [os.path.join(folder, path) for path in paths]


def write_settings(folder, similarity="cosine", prompts=None):
    write_json(folder, "config_sentence_transformers.json", {
        "__version__": {"sentence_transformers": "6.2.0"}, "default_prompt_name": None,
        "model_type": "SentenceTransformer", "prompts": prompts or {"query": "", "document": ""},
        "similarity_fn_name": similarity})


def write_factors(folder, random, spec):
    """Two factors of a word table, as Minnow keeps them beside the weights; returns the table."""
    words = random.normal(0, 1, (spec["vocabulary"], spec["rank"])).astype("f4")
    projection = random.normal(0, 0.5 / spec["rank"] ** 0.5, (spec["hidden"], spec["rank"])).astype("f4")
    factors = {"word_factors": words, "word_projection": projection}
    checkpoint.write_weights(folder, factors, "safetensors", "minnow_factors.safetensors")
    return words.astype("f8") @ projection.T


def write_transformer(folder, random, words, spec, container="safetensors", old=False, limit=None):
    """limit: version 2 keeps it in sentence_bert_config.json, version 6 in tokenizer_config.json."""
    tensors = checkpoint.transformer(random, spec, pooler=True)
    if "rank" in spec:
        tensors["embeddings.word_embeddings.weight"] = write_factors(folder, random, spec)
    checkpoint.write_weights(folder, tensors, container)
    architecture = {"bert": "BertModel", "distilbert": "DistilBertModel"}[spec["family"]]
    write_json(folder, "config.json", checkpoint.config(spec, architecture))
    if old:
        write_json(folder, "sentence_bert_config.json", {"max_seq_length": limit or 512, "do_lower_case": False})
    else:
        write_json(folder, "sentence_bert_config.json", {
            "transformer_task": "feature-extraction", "module_output_name": "token_embeddings",
            "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}})
    tokenizer.write(folder, tokenizer.make_vocabulary(words, spec["vocabulary"]), limit=None if old else limit or 512)


def write_pooling(folder, width, mode, old=False):
    if not old:
        write_json(folder, "config.json", {"embedding_dimension": width, "pooling_mode": mode, "include_prompt": True})
        return
    modes = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens"}
    flags = {"pooling_mode_" + name: name == modes[mode] for name in (*modes.values(), "mean_sqrt_len_tokens")}
    write_json(folder, "config.json", {"word_embedding_dimension": width, **flags})


def write_dense(folder, random, inputs, outputs, activation, container="safetensors", old=False, bias=True):
    place = "linear" if activation == "Identity" else "activation"
    config = {"in_features": inputs, "out_features": outputs, "bias": bias,
              "activation_function": f"torch.nn.modules.{place}.{activation}"}
    if not old:
        config.update(module_input_name="sentence_embedding", module_output_name="sentence_embedding")
    write_json(folder, "config.json", config)
    checkpoint.write_weights(folder, linear(random, "linear", outputs, inputs, bias), container)


def write_normalize(folder, old=False):
    """Version 2 leaves the folder empty."""
    os.makedirs(folder, exist_ok=True)
    if not old:
        write_json(folder, "config.json", {"module_input_name": "sentence_embedding",
                                           "module_output_name": "sentence_embedding"})


def write_words(folder, random, words, width, vocabulary, container, old=False, splitter="whitespace", limit=1000000):
    """WordEmbeddings, whose row 0 is the padding's: zeros, or a CNN's output would depend on the batch."""
    write_json(folder, "wordembedding_config.json", {
        "tokenizer_class": WORD_TOKENIZERS[splitter][0 if old else 1], "update_embeddings": False,
        "max_seq_length": limit})
    if splitter == "whitespace":
        known = (["PADDING_TOKEN"] + words)[:vocabulary]
        known += [f"filler{i}" for i in range(vocabulary - len(known))]
        write_json(folder, "whitespacetokenizer_config.json", {"vocab": known, "stop_words": STOP_WORDS,
                                                               "do_lower_case": False})
    else:
        known = tokenizer.make_vocabulary(words, vocabulary)
        tokenizer.write(folder, known, limit=512)
    table = random.normal(0, 0.7, (len(known), width))
    table[0] = 0
    checkpoint.write_weights(folder, {"emb_layer.weight": table}, container)


def write_lstm(folder, random, inputs, hidden, layers, bidirectional, container):
    write_json(folder, "lstm_config.json", {"word_embedding_dimension" if container != "safetensors" else
                                            "embedding_dimension": inputs, "hidden_dim": hidden, "num_layers": layers,
                                            "dropout": 0, "bidirectional": bidirectional})
    tensors = {}
    for layer in range(layers):
        width = inputs if layer == 0 else hidden * (1 + bidirectional)
        for suffix in ("", "_reverse")[:1 + bidirectional]:
            for kind, columns in (("ih", width), ("hh", hidden)):
                scale = 1.5 / columns ** 0.5
                tensors[f"encoder.weight_{kind}_l{layer}{suffix}"] = random.normal(0, scale, (4 * hidden, columns))
                tensors[f"encoder.bias_{kind}_l{layer}{suffix}"] = random.normal(0, 0.3, 4 * hidden)
    checkpoint.write_weights(folder, tensors, container)
    return hidden * (1 + bidirectional)


def write_cnn(folder, random, inputs, channels, sizes, container, activation=None):
    """activation: of Minnow's own students; sentence-transformers' have none, and no key for it."""
    write_json(folder, "cnn_config.json", {"in_word_embedding_dimension" if container != "safetensors" else
                                           "in_embedding_dimension": inputs, "out_channels": channels,
                                           "kernel_sizes": list(sizes), "stride_sizes": [1] * len(sizes),
                                           **({"activation": activation} if activation else {})})
    tensors = {}
    for i, size in enumerate(sizes):
        tensors[f"convs.{i}.weight"] = random.normal(0, (inputs * size) ** -0.5, (channels, inputs, size))
        tensors[f"convs.{i}.bias"] = random.normal(0, 0.3, channels)
    checkpoint.write_weights(folder, tensors, container)
    return channels * len(sizes)


def write_static(folder, random, words, width, vocabulary, container="safetensors"):
    os.makedirs(folder, exist_ok=True)
    known = tokenizer.make_vocabulary(words, vocabulary)
    write_json(folder, "tokenizer.json", tokenizer.tokenizer_json(known))
    checkpoint.write_weights(folder, {"embedding.weight": random.normal(0, 1, (len(known), width))}, container)
