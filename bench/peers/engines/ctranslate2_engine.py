"""CTranslate2 int8. It takes AVX2 on AMD processors by itself: AVX-512 is forced where the CPU has it."""
import os

from engines.text import TextEngine, mean_pool, pad


def export(folders):
    from ctranslate2.converters import TransformersConverter
    converter = TransformersConverter(folders.checkpoint)
    converter.convert(folders.model("ctranslate2-int8"), quantization="int8", force=True)


class Engine(TextEngine):
    def load(self):
        if self.folders.has("avx512f"):
            os.environ["CT2_FORCE_CPU_ISA"] = "AVX512"
        self.run = self.encoder(1, self.threads)

    def encoder(self, lanes, threads):
        import ctranslate2
        encoder = ctranslate2.Encoder(self.model("ctranslate2-int8"), device="cpu", compute_type="int8",
                                      inter_threads=lanes, intra_threads=threads)
        return lambda batch: self.vectors(encoder, batch)

    @staticmethod
    def vectors(encoder, batch):
        import numpy
        ids, mask = batch
        return mean_pool(numpy.array(encoder.forward_batch(ids).last_hidden_state), mask)

    def prepare(self, ids):
        return [list(map(int, row)) for row in ids], pad(ids)[1]

    def lanes(self, count):
        return [self.encoder(count, 1)] * count
