"""One checkpoint to make and to compare."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    """shape: arguments of the family's make(). published: those that differ at the published size, None where there is
    no such model. flags: what the folder does not say, for `minnow convert --NAME VALUE` and for load(NAME=VALUE)."""
    shape: dict = dataclasses.field(default_factory=dict)
    flags: dict = dataclasses.field(default_factory=dict)
    published: dict | None = None


# The published encoders, as far as a case differs from its family's small ones.
BERT_BASE = {"hidden": 768, "heads": 12, "intermediate": 3072, "layers": 12, "positions": 512, "vocabulary": 30522}
DISTILBERT_BASE = {**BERT_BASE, "layers": 6}
