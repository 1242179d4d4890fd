"""The packages that layouts come from, as score(query, documents); each raises ImportError where it is missing."""
import importlib
import os
import sys

from families.parts import reading, scoring


def quiet(name):
    """Import one of Hugging Face's packages, which otherwise tell of their progress, and look things up."""
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_HUB_DISABLE_PROGRESS_BARS="1",
                      TOKENIZERS_PARALLELISM="false")
    module = importlib.import_module(name)
    if "transformers" in sys.modules:
        sys.modules["transformers"].utils.logging.disable_progress_bar()
    return module


def mend_word_tokenizer():
    """sentence-transformers 6.2 saves word embeddings with a WordPiece tokenizer, and then hands that one arguments
    which it does not take."""
    word = importlib.import_module("sentence_transformers.sentence_transformer.modules.tokenizer.word")
    tokenize = word.TransformersTokenizerWrapper.tokenize
    word.TransformersTokenizerWrapper.tokenize = lambda self, text, **_: tokenize(self, text)


def check_heads(folder):
    """transformers 5 makes every block whole, whatever config.json says of heads that were taken out."""
    transformers = quiet("transformers")
    pruned = reading.read_json(folder, "config.json", {}).get("pruned_heads")
    if pruned and not hasattr(transformers.PreTrainedModel, "prune_heads"):
        raise ImportError(name=f"prune_heads of transformers, since version 5 ({transformers.__version__}),")


def encoder_of_role(model, folder, role):
    """Told what Minnow keeps beside the folder's own files, which the package does not read."""
    kept, encode = reading.read_kept(folder), getattr(model, f"encode_{role}")
    limit = kept.get(f"{role}_length", model.max_seq_length)

    def encode_text(text):
        if model.max_seq_length != limit:  # where there is none, none can be set
            model.max_seq_length = limit
        return encode(text, prompt=kept.get(f"{role}_prompt"))
    return encode_text


def sentence_transformer(folder):
    package = quiet("sentence_transformers")
    check_heads(folder)
    mend_word_tokenizer()
    model = package.SentenceTransformer(folder, device="cpu")
    similarity = reading.read_json(folder, "config_sentence_transformers.json", {}).get("similarity_fn_name", "cosine")
    encoders = [encoder_of_role(model, folder, role) for role in ("query", "document")]
    return scoring.of_each(*encoders, getattr(scoring, similarity))


def cross_encoder(folder):
    package = quiet("sentence_transformers")
    check_heads(folder)
    model = package.CrossEncoder(folder, device="cpu")
    return lambda query, documents: model.predict([(query, document) for document in documents]).tolist()


def static_model(folder):
    model = importlib.import_module("model2vec").StaticModel.from_pretrained(folder, quantize_to="float32")
    return scoring.of_each(model.encode, model.encode, scoring.cosine)


class Encoder:
    """transformers' own BERT or DistilBERT with the weights of a folder; token vectors in NumPy."""

    def __init__(self, folder, prefix="", base=None):
        transformers, self.torch = quiet("transformers"), importlib.import_module("torch")
        config = reading.read_json(base or folder, "config.json")
        self.positions, self.distilled = config["max_position_embeddings"], config["model_type"] == "distilbert"
        kind = transformers.DistilBertModel if self.distilled else transformers.BertModel
        self.config = kind.config_class(**{name: value for name, value in config.items() if name != "model_type"})
        self.model = kind(self.config, **({} if self.distilled else {"add_pooling_layer": False})).eval()
        names = set(self.model.state_dict())
        weights = {name: value for name, value in reading.read_weights(folder, prefix).items() if name in names}
        self.model.load_state_dict({name: self.torch.tensor(value) for name, value in weights.items()})

    def __call__(self, ids, types=None, keys=None):
        tensor = lambda values: self.torch.tensor([values])
        more = {} if self.distilled or types is None else {"token_type_ids": tensor(types)}
        mask = tensor([int(key) for key in keys] if keys is not None else [1] * len(ids))
        with self.torch.no_grad():
            return self.model(input_ids=tensor(ids), attention_mask=mask, **more).last_hidden_state[0].numpy()
