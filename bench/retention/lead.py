"""Students of two layers learn from labelled pairs and from the same teacher, all-MiniLM-L6-v2: by its scores of all
passages in a batch (response alone, KL), or by these and by the scores that drawn layers of both sides give, weighted
by how well the teacher's layer does (LEAD). Beside them hard labels. Both sides are encoded by the student; retention
is the mean over seven collections of nDCG@10 by the teacher's, each 1 at most."""
TITLE = "LEAD (arXiv 2212.05225): layers beside the response"
STUDENT = "layers=0,5,heads=4,ffn=384,rank=64"
ARMS = {"hard labels": "contrastive", "response alone": "contrastive,score-kl",
        "response and layers": "contrastive,score-kl,lead"}
STEPS = 300
RETENTION = "retention"
CLAIMS = [
    ("layers tell more than the response", "response and layers", "response alone", RETENTION),
    ("a teacher tells more than labels", "response alone", "hard labels", RETENTION),
]


def measure(lab, seed):
    results = {}
    for arm, losses in ARMS.items():
        out = lab.train(f"{arm.replace(' ', '_')}.{seed}", STUDENT, lab.pairs(), "--loss", losses, "--role",
                        "both", "--batch", "16", "--negatives", "1", "--rate", "0.0005", "--no-crops", "--seed", seed,
                        steps=STEPS)
        results[arm] = {RETENTION: lab.retention(lab.convert(out))}
    return results
