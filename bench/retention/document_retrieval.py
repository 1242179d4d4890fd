"""LSTM and CNN students that encode query and document apart learn from a cross-encoder, all-MiniLM-L6-v2 fine-tuned
on labelled pairs by `minnow distill`: soft labels (0.7 of the loss, the cross-encoder's probabilities) beside hard
ones, or hard labels alone. nDCG@10 is the mean over seven collections. How fast a document is encoded is told beside a pair's
score by the cross-encoder, in 8 bits, 128 tokens, one thread."""
TITLE = "Knowledge distillation in document retrieval (arXiv 1911.11065): soft labels, LSTM and CNN"
STUDENTS = {"LSTM": "kind=lstm,hidden=96,rank=48,vocab=16000", "CNN": "kind=cnn,hidden=64,rank=48,vocab=16000"}
LABELS = {"soft labels": 0.7, "hard labels": 0}  # the share of soft ones
STEPS = 2000
QUALITY = "nDCG@10"
CLAIMS = [("a cross-encoder's soft labels help", f"{kind}, soft labels", f"{kind}, hard labels", QUALITY)
          for kind in STUDENTS]


def measure(lab, seed):
    teacher, results = lab.cross_encoder(), {}
    heavy = lab.convert(teacher)
    for kind, spec in STUDENTS.items():
        for labels, alpha in LABELS.items():
            out = lab.train(f"{kind}-{labels.replace(' ', '_')}.{seed}", spec, lab.pairs(), "--loss", "soft-bce",
                            "--alpha", alpha, "--role", "both", "--batch", "64", "--negatives", "1", "--rate", "0.002",
                            "--seed", seed, steps=STEPS, teacher=teacher, model=heavy)
            student = lab.convert(out)
            results[f"{kind}, {labels}"] = {
                QUALITY: lab.mean(lab.quality(student)),
                "times faster": lab.documents_per_second(student) / lab.documents_per_second(heavy),
                "times fewer parameters": lab.parameters(heavy) / lab.parameters(student),
                "times smaller": lab.megabytes(heavy) / lab.megabytes(student)}
    return results
