"""FAISS's exhaustive indexes, one thread."""
import numpy

TRAINING = 100_000


def export(folders):
    pass


class SearchEngine:
    def __init__(self, variant, vectors):
        import faiss
        faiss.omp_set_num_threads(1)
        self.index = getattr(self, "make_" + variant)(faiss, vectors)
        self.memory_bytes = self.index.ntotal * self.index.code_size

    def make_flat(self, faiss, vectors):
        self.prepare = plain
        return fill(faiss.IndexFlatIP(vectors.shape[1]), vectors, plain)

    def make_sq8(self, faiss, vectors):
        self.prepare = plain
        index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        index.train(numpy.ascontiguousarray(vectors[:TRAINING]))
        return fill(index, vectors, plain)

    def make_direct(self, faiss, vectors):
        self.prepare = to_bytes(vectors)
        index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit_direct_signed,
                                           faiss.METRIC_INNER_PRODUCT)
        index.train(self.prepare(vectors[:TRAINING]))
        return fill(index, vectors, self.prepare)

    def make_binary(self, faiss, vectors):
        self.prepare = lambda rows: numpy.packbits(rows > 0, axis=1)
        return fill(faiss.IndexBinaryFlat(vectors.shape[1]), vectors, self.prepare)

    def search(self, query, count):
        return self.index.search(query, count)[1][0]


def plain(rows):
    return numpy.ascontiguousarray(rows, numpy.float32)


def to_bytes(vectors):
    """Signed bytes with one scale for all vectors, as floats; the rare larger value is cut off."""
    scale = 127 / numpy.quantile(numpy.abs(vectors[:TRAINING]), 0.99999)
    return lambda rows: numpy.clip(numpy.rint(rows * scale), -127, 127).astype(numpy.float32)


def fill(index, vectors, prepare):
    for first in range(0, len(vectors), TRAINING):
        index.add(prepare(vectors[first:first + TRAINING]))
    return index
