"""What every text encoder here shares: tokens, padding, pooling."""
import os

import numpy

MOST_TOKENS = 256


class TextEngine:
    """prepare(ids) -> batch; run(batch) -> vectors[n][dimensions] of length 1."""
    largest_batch_tokens = 1 << 30

    def __init__(self, folders, variant, threads):
        from tokenizers import Tokenizer
        self.folders, self.variant, self.threads = folders, variant, threads
        self.tokenizer = Tokenizer.from_file(os.path.join(folders.checkpoint, "tokenizer.json"))
        self.tokenizer.enable_truncation(MOST_TOKENS)
        self.tokenizer.no_padding()
        self.load()

    def model(self, name):
        return os.path.join(self.folders.models, name)

    def tokenize(self, texts):
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts)]

    def prepare(self, ids):
        return pad(ids)

    def release(self, batch):
        pass

    def lanes(self, count):
        """`count` functions that run one batch each at the same time; [] where the peer cannot."""
        return []


def pad(ids):
    """Rows of ids -> (ids, mask), both int64 [rows][longest]."""
    longest = max(map(len, ids))
    padded = numpy.zeros((len(ids), longest), numpy.int64)
    mask = numpy.zeros_like(padded)
    for row, items in enumerate(ids):
        padded[row, :len(items)] = items
        mask[row, :len(items)] = 1
    return padded, mask


def mean_pool(hidden, mask):
    weights = mask[..., None].astype(numpy.float32)
    return unit((hidden * weights).sum(1) / weights.sum(1))


def unit(vectors):
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
