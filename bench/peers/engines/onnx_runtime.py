"""ONNX Runtime: the plain graph (its fused one is slower past 16 tokens), dynamic int8 per channel."""
from engines.text import TextEngine


def export(folders):
    import onnx
    import torch
    from engines.pooled import example_inputs, pooled_module
    from onnxruntime.quantization import QuantType, quantize_dynamic
    f32, s8 = folders.model("onnxruntime-f32.onnx"), folders.model("onnxruntime-int8.onnx")
    free = {0: "rows", 1: "tokens"}
    torch.onnx.export(pooled_module(folders.checkpoint, "eager"), example_inputs(), f32, dynamo=False,
                      opset_version=17, input_names=["input_ids", "attention_mask"], output_names=["vectors"],
                      dynamic_axes={"input_ids": free, "attention_mask": free, "vectors": {0: "rows"}})
    # On CPUs without VNNI its product saturates unless the weights give up a bit.
    quantize_dynamic(f32, s8, weight_type=QuantType.QInt8, per_channel=True, reduce_range=not folders.has_vnni(),
                     extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})


class Engine(TextEngine):
    def load(self):
        self.run = self.session(self.threads)

    def session(self, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(self.model(f"onnxruntime-{self.variant}.onnx"), options,
                                               providers=["CPUExecutionProvider"])
        return lambda batch: session.run(None, {"input_ids": batch[0], "attention_mask": batch[1]})[0]

    def lanes(self, count):
        return [self.session(1)] * count  # a session may run in many threads at once
