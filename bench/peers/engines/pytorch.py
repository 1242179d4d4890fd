"""sentence-transformers on PyTorch: what most people run. From texts only; its tokenizer is part of encode()."""


def export(folders):
    pass


class Engine:
    def __init__(self, folders, variant, threads):
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        torch.set_num_threads(threads)
        self.model = SentenceTransformer(folders.checkpoint, device="cpu")
        self.model.max_seq_length = 256

    def encode(self, texts, batch):
        return self.model.encode(texts, batch_size=batch, normalize_embeddings=True, show_progress_bar=False)
