"""Students of a tenth of the teacher's parameters (all-MiniLM-L6-v2), which take the queries alone: documents stay the
teacher's. They learn from 72,000 passages, of which few have a question. Embedding matching draws the student's
vectors to the teacher's; score matching shows it the teacher's scores of a batch's passages in their place (KL). With
texts drawn from passages beside the questions, and without. Retention is the mean over seven collections of nDCG@10 by
the teacher's, each 1 at most."""
TITLE = "EmbedDistill (arXiv 2301.12005): a query student of a tenth of its teacher"
STUDENT = "layers=0,5,heads=6,ffn=512,vocab=16000,rank=45"
PASSAGES, QUESTIONS = ("debian.jsonl", "foldoc.jsonl"), 5000  # beside SQuAD's paragraphs
LOSSES = {"embedding matching": "embedding-cosine", "score matching": "score-kl"}
TEXTS = {"drawn queries": ("--crops", "2"), "real queries alone": ("--no-crops",)}
STEPS = 1500
RETENTION = "retention"
CLAIMS = [
    ("generated queries fill sparse data", "embedding matching, drawn queries",
     "embedding matching, real queries alone", RETENTION),
    ("matching the geometry is more than matching scores", "embedding matching, drawn queries",
     "score matching, drawn queries", RETENTION),
]


def measure(lab, seed):
    teacher, data, results = lab.teacher + ".mnw", lab.few_queries(PASSAGES, QUESTIONS), {}
    for loss_name, loss in LOSSES.items():
        for texts_name, texts in TEXTS.items():
            arm = f"{loss_name}, {texts_name}"
            out = lab.train(f"{arm.replace(', ', '-').replace(' ', '_')}.{seed}", STUDENT, data, "--loss", loss,
                            "--role", "query", "--rate", "0.002", "--seed", seed, *texts, steps=STEPS)
            student = lab.convert(out, "--route", "query")
            results[arm] = {RETENTION: lab.retention(student, teacher), "MB": lab.megabytes(student),
                            "million parameters": lab.parameters(student)}
    return results
