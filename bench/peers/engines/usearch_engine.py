"""USearch: exact search over signed bytes, one thread, no index."""
import numpy

from engines.faiss_engine import TRAINING, to_bytes


def export(folders):
    pass


class SearchEngine:
    def __init__(self, variant, vectors):
        from usearch.index import MetricKind, search
        to_floats = to_bytes(vectors)
        self.prepare = lambda rows: to_floats(rows).astype(numpy.int8)
        self.bytes = numpy.empty(vectors.shape, numpy.int8)
        for first in range(0, len(vectors), TRAINING):
            self.bytes[first:first + TRAINING] = self.prepare(vectors[first:first + TRAINING])
        self.memory_bytes = self.bytes.nbytes
        self.find = lambda query, count: search(self.bytes, query, count, MetricKind.IP, exact=True, threads=1)

    def search(self, query, count):
        return self.find(query[0], count).keys
