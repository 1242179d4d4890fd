"""llama.cpp, built for this CPU, through its C interface; its own tokenizer. The GGUF file is written here: the
checkpoint's tensors under llama.cpp's names, then its own quantizer."""
import os

import numpy

from engines.text import MOST_TOKENS, TextEngine, unit

FILE_TYPES = {"q8_0": 7, "q4_0": 2}
ROOM = 2048  # tokens at once
LAYER_NAMES = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
EMBEDDING_NAMES = {
    "word_embeddings.weight": "token_embd.weight", "position_embeddings.weight": "position_embd.weight",
    "token_type_embeddings.weight": "token_types.weight",
    "LayerNorm.weight": "token_embd_norm.weight", "LayerNorm.bias": "token_embd_norm.bias"}


def export(folders):
    import llama_cpp
    whole = folders.model("llama-f32.gguf")
    write_gguf(folders, whole)
    llama_cpp.llama_backend_init()
    for name, file_type in FILE_TYPES.items():
        options = llama_cpp.llama_model_quantize_default_params()
        options.ftype, options.nthread = file_type, os.cpu_count()
        made = folders.model(f"llama-{name}.gguf")
        if llama_cpp.llama_model_quantize(whole.encode(), made.encode(), options):
            raise RuntimeError(f"llama.cpp cannot quantize to {name}")


def write_gguf(folders, path):
    import gguf
    from safetensors.numpy import load_file
    config = folders.config()
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("checkpoint")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    write_vocabulary(gguf, writer, os.path.join(folders.checkpoint, "vocab.txt"))
    write_tensors(writer, load_file(os.path.join(folders.checkpoint, "model.safetensors")), config["num_hidden_layers"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_vocabulary(gguf, writer, path):
    with open(path, encoding="utf-8") as file:
        tokens = [line.rstrip("\n") for line in file]
    special = [token.startswith("[") and token.endswith("]") and len(token) > 2 for token in tokens]
    writer.add_token_type_count(2)
    writer.add_tokenizer_model("bert")
    # A word's beginning is marked, its continuation is not: the reverse of "##".
    writer.add_token_list([token if is_special else token[2:] if token.startswith("##") else "\u2581" + token
                           for token, is_special in zip(tokens, special)])
    writer.add_token_types([gguf.TokenType.CONTROL if is_special else gguf.TokenType.NORMAL for is_special in special])
    writer.add_bos_token_id(tokens.index("[CLS]"))
    writer.add_eos_token_id(tokens.index("[SEP]"))
    writer.add_sep_token_id(tokens.index("[SEP]"))
    writer.add_pad_token_id(tokens.index("[PAD]"))
    writer.add_unk_token_id(tokens.index("[UNK]"))
    writer.add_mask_token_id(tokens.index("[MASK]"))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def write_tensors(writer, weights, layers):
    for theirs, name in EMBEDDING_NAMES.items():
        writer.add_tensor(name, weights["embeddings." + theirs].astype(numpy.float32))
    for layer in range(layers):
        for theirs, name in LAYER_NAMES.items():
            for kind in ("weight", "bias"):
                writer.add_tensor(f"blk.{layer}.{name}.{kind}",
                                  weights[f"encoder.layer.{layer}.{theirs}.{kind}"].astype(numpy.float32))


class Engine(TextEngine):
    largest_batch_tokens = ROOM

    def load(self):
        import llama_cpp
        self.library = llama_cpp
        self.silent = llama_cpp.llama_log_callback(lambda *_: None)
        llama_cpp.llama_log_set(self.silent, None)
        llama_cpp.llama_backend_init()
        path = self.model(f"llama-{self.variant}.gguf")
        self.weights = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.weights)
        self.run = self.context(self.threads)

    def context(self, threads):
        options = self.library.llama_context_default_params()
        options.n_ctx = options.n_batch = options.n_ubatch = ROOM
        options.n_seq_max = 64
        options.n_threads = options.n_threads_batch = threads
        options.embeddings, options.pooling_type, options.kv_unified = True, 1, True
        context = self.library.llama_init_from_model(self.weights, options)
        return lambda batch: self.vectors(context, batch)

    def vectors(self, context, batch):
        tokens, texts = batch
        failed = self.library.llama_encode(context, tokens)
        if failed:
            raise RuntimeError(f"llama_encode gave {failed}")
        size = self.library.llama_model_n_embd(self.weights)
        rows = [self.library.llama_get_embeddings_seq(context, text) for text in range(texts)]
        return unit(numpy.array([numpy.ctypeslib.as_array(row, (size,)) for row in rows]))

    def tokenize(self, texts):
        room = (self.library.llama_token * 4096)()
        found = []
        for text in texts:
            data = text.encode()
            count = self.library.llama_tokenize(self.vocabulary, data, len(data), room, len(room), True, False)
            found.append(room[:count] if count <= MOST_TOKENS else room[:MOST_TOKENS - 1] + [room[count - 1]])
        return found

    def prepare(self, ids):
        batch = self.library.llama_batch_init(sum(map(len, ids)), 0, 1)
        place = 0
        for text, row in enumerate(ids):
            for position, token in enumerate(row):
                batch.token[place], batch.pos[place] = token, position
                batch.n_seq_id[place], batch.seq_id[place][0] = 1, text
                batch.logits[place] = 1
                place += 1
        batch.n_tokens = place
        return batch, len(ids)

    def release(self, batch):
        self.library.llama_batch_free(batch[0])

    def lanes(self, count):
        return [self.context(1) for _ in range(count)]
