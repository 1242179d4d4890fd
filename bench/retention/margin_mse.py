"""Students of four architectures learn from a cross-encoder, all-MiniLM-L6-v2 fine-tuned on labelled pairs by `minnow
distill`: by the margin between a relevant passage and another one (Margin-MSE), or by each score itself (pointwise
MSE). Then from the mean of two such teachers. nDCG@10 is the mean over collections that are small enough for students
which score pairs; those rank the documents whose words are most like the query's."""
TITLE = "Margin-MSE (arXiv 2010.02666): margins across architectures"
STUDENTS = {"DOT": "layers=0,5,heads=4,ffn=384,pooling=mean,similarity=dot",
            "ColBERT": "kind=colbert,layers=0,5,heads=4,ffn=384", "TK": "kind=tk,layers=2,hidden=96,heads=8,ffn=96",
            "PreTTR": "kind=prettr,layers=0,2,5,heads=4,ffn=384,join=1"}
ARMS = {"Margin-MSE": ("margin-mse", 1), "pointwise MSE": ("pointwise-mse", 1),
        "Margin-MSE, two teachers": ("margin-mse", 2)}
COLLECTIONS = ("cranfield", "cacm", "cisi", "dbpedia-tiny")
STEPS, BATCH = 200, 32
QUALITY = "nDCG@10"
CLAIMS = [(says, f"{kind}, {method}", f"{kind}, {without}", QUALITY) for kind in STUDENTS for says, method, without in (
    ("margins carry across architectures", "Margin-MSE", "pointwise MSE"),
    ("an ensemble teaches more", "Margin-MSE, two teachers", "Margin-MSE"))]


def measure(lab, seed):
    pairs, results = lab.pairs(), {}
    teachers = [lab.cross_encoder(seed=number) for number in (1, 2)]
    scores = lab.scored(teachers, STEPS * BATCH)
    for kind, spec in STUDENTS.items():
        for arm, (loss, count) in ARMS.items():
            out = lab.train(f"{kind}-{arm.replace(', ', '-').replace(' ', '_')}.{seed}", spec, pairs, "--loss", loss,
                            "--teacher-scores", ",".join(scores[:count]), "--role", "both", "--batch", BATCH,
                            "--rate", "0.0003", "--seed", seed, steps=STEPS, teacher=teachers[0])
            results[f"{kind}, {arm}"] = {QUALITY: lab.mean(lab.quality(lab.convert(out), sets=COLLECTIONS))}
    return results
