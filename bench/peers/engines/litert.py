"""LiteRT with XNNPACK: weights in 8 or 4 bits, activations quantized as they come. Shapes are fixed when a model is
made, so there is one for each length in steps of 16, and a text is padded to the next."""
import os

import numpy

from engines.text import TextEngine

LENGTHS = [8, *range(16, 257, 16)]


def export(folders):
    from ai_edge_quantizer import recipe
    recipes = {"int8": recipe.dynamic_wi8_afp32(), "int4": recipe.dynamic_wi4_afp32()}
    for tokens in LENGTHS:
        if not all(os.path.exists(folders.model(f"litert-{name}-{tokens}.tflite")) for name in recipes):
            export_one(folders, tokens, recipes)


def export_one(folders, tokens, recipes):
    import litert_torch
    from ai_edge_quantizer import quantizer
    from engines.pooled import example_inputs, pooled_module
    f32 = folders.model(f"litert-f32-{tokens}.tflite")
    litert_torch.convert(pooled_module(folders.checkpoint, "eager"), example_inputs(1, tokens)).export(f32)
    for name, chosen in recipes.items():
        made = quantizer.Quantizer(f32)
        made.load_quantization_recipe(chosen)
        made.quantize().export_model(f32 + ".part")
        os.rename(f32 + ".part", folders.model(f"litert-{name}-{tokens}.tflite"))
    os.remove(f32)


class Engine(TextEngine):

    def load(self):
        self.run = self.lane(self.threads)

    def lane(self, threads):
        opened = {}
        return lambda batch: numpy.concatenate([self.invoke(opened, threads, text) for text in batch])

    def open(self, tokens, threads):
        from ai_edge_litert.interpreter import Interpreter
        interpreter = Interpreter(model_path=self.model(f"litert-{self.variant}-{tokens}.tflite"), num_threads=threads)
        interpreter.allocate_tensors()
        inputs = sorted(interpreter.get_input_details(), key=lambda detail: detail["name"])
        return interpreter, [detail["index"] for detail in inputs], interpreter.get_output_details()[0]["index"]

    def invoke(self, opened, threads, text):
        tokens = text[0].shape[1]
        if tokens not in opened:
            opened[tokens] = self.open(tokens, threads)
        interpreter, inputs, output = opened[tokens]
        for index, values in zip(inputs, text):
            interpreter.set_tensor(index, values)
        interpreter.invoke()
        return interpreter.get_tensor(output)

    def prepare(self, ids):
        return [self.padded(row) for row in ids]

    @staticmethod
    def padded(row):
        tokens = next(length for length in LENGTHS if length >= len(row))
        ids, mask = numpy.zeros((1, tokens), numpy.int32), numpy.zeros((1, tokens), numpy.int32)
        ids[0, :len(row)] = row
        mask[0, :len(row)] = 1
        return ids, mask

    def lanes(self, count):
        return [self.lane(1) for _ in range(count)]
