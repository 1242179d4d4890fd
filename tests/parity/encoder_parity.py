"""The f32 path against reference vectors, s8 and s4 against f32: cosines over real texts.

Usage: encoder_parity.py MINNOW F32_MODEL S8_MODEL S4_MODEL DATA
DATA/reference holds 500 texts and their vectors as another engine computed them.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np


def encode(minnow, model, texts):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "vectors.npy")
        subprocess.run([minnow, "encode", "-m", model, "--output-format", "npy", "-o", out, texts],
                       check=True, stderr=subprocess.DEVNULL)
        return np.load(out).astype(np.float64)


def cosines(a, b):
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def check(what, values, mean, worst):
    good = values.mean() >= mean and values.min() >= worst
    print(f"{'ok' if good else 'FAILED'}: {what}: cosine mean {values.mean():.6f} (>= {mean}), "
          f"worst {values.min():.6f} (>= {worst}), {len(values)} texts")
    return good


def main(minnow, f32_model, s8_model, s4_model, data):
    texts = os.path.join(data, "reference", "texts.txt")
    if not os.path.exists(texts):
        print(f"skipped: {data} is not here")
        return 0
    reference = np.load(os.path.join(data, "reference", "all-MiniLM-L6-v2.f32.npy")).astype(np.float64)
    f32, s8, s4 = (encode(minnow, model, texts) for model in (f32_model, s8_model, s4_model))
    good = [check("f32 against the reference", cosines(f32, reference), 0.99999, 0.99999),
            check("s8 against f32", cosines(s8, f32), 0.9995, 0.9985),
            check("s4 against f32", cosines(s4, f32), 0.992, 0.975)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
