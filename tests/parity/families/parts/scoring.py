"""How a pair of vectors, or of matrices of token vectors, becomes a score."""
import numpy as np


def unit(x):
    """Rows of length one; rows of zeros stay."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.where(length == 0, 1, length)


def maxsim(query, document):
    """Each query token's best document token, summed."""
    return float((query @ document.T).max(1).sum())


def of_each(encode_query, encode_document, compare):
    """score(query, documents) of an encoder of each side."""
    def score(query, documents):
        encoded = encode_query(query)
        return [compare(encoded, encode_document(document)) for document in documents]
    return score


def dot(a, b):
    return float(a @ b)


def cosine(a, b):
    return float(unit(a) @ unit(b))
