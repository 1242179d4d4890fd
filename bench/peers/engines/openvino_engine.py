"""OpenVINO: f32, the same graph computed in bf16, and int8 calibrated by NNCF (with the rest in f32 or bf16)."""
from engines.text import TextEngine

VARIANTS = {"f32": ("f32", "f32"), "bf16": ("f32", "bf16"), "int8": ("int8", "f32"), "int8-bf16": ("int8", "bf16")}


def export(folders):
    import nncf
    import numpy
    import openvino
    from engines.pooled import example_inputs, pooled_module
    model = openvino.convert_model(pooled_module(folders.checkpoint, "sdpa"), example_input=example_inputs())
    for tensor, name in zip(model.inputs, ("input_ids", "attention_mask")):
        tensor.get_tensor().set_names({name})
    model.reshape({0: [-1, -1], 1: [-1, -1]})
    f32 = folders.model("openvino-f32.xml")
    openvino.save_model(model, f32, compress_to_fp16=False)
    rows = [numpy.array([ids], numpy.int64) for ids in folders.tokens("calibration")]
    samples = nncf.Dataset([(row, numpy.ones_like(row)) for row in rows])
    quantized = nncf.quantize(openvino.Core().read_model(f32), samples, model_type=nncf.ModelType.TRANSFORMER,
                              subset_size=len(rows))
    openvino.save_model(quantized, folders.model("openvino-int8.xml"), compress_to_fp16=False)


class Engine(TextEngine):
    def load(self):
        import openvino
        self.core = openvino.Core()
        self.run = self.request(self.compile(self.threads, 1))

    def compile(self, threads, streams):
        file, precision = VARIANTS[self.variant]
        return self.core.compile_model(self.model(f"openvino-{file}.xml"), "CPU", {
            "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": streams, "INFERENCE_PRECISION_HINT": precision})

    @staticmethod
    def request(compiled):
        request = compiled.create_infer_request()
        return lambda batch: next(iter(request.infer(batch, share_inputs=True).values())).copy()

    def lanes(self, count):
        compiled = self.compile(count, count)
        return [self.request(compiled) for _ in range(count)]
