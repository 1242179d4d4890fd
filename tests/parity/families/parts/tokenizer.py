"""WordPiece tokenizers: their files, and how the `tokenizers` package reads them."""
import json
import os
import string

import make_checkpoints
from make_checkpoints import tokenizer_json  # noqa: F401, for StaticEmbedding, which has no other file
from tokenizers import BertWordPieceTokenizer, Tokenizer

SPECIAL = ["[PAD]", "[unused0]", "[unused1]", "[unused2]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BERT_ORDER = ["[PAD]", "[unused0]", "[unused1]", "[unused2]", "[unused3]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def make_vocabulary(words, size, special=tuple(SPECIAL)):
    """Special tokens, ASCII, pieces of one letter, then the most frequent words; unused ones up to the size."""
    letters = string.ascii_lowercase + string.digits
    tokens = list(special) + list(string.punctuation) + list(letters) + ["##" + letter for letter in letters]
    known = set(tokens)
    tokens += [word for word in words if word not in known][:max(0, size - len(tokens))]
    return tokens + [f"[unused{100 + i}]" for i in range(size - len(tokens))]


def write(folder, tokens, old=False, tokenizer_class="BertTokenizer", limit=None):
    """old: vocab.txt alone, as before fast tokenizers. limit: model_max_length."""
    os.makedirs(folder, exist_ok=True)
    make_checkpoints.write_tokenizer(folder, None, old, tokens)
    path = os.path.join(folder, "tokenizer_config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["tokenizer_class"] = tokenizer_class
    if limit:
        config["model_max_length"] = limit
    make_checkpoints.write_json(folder, "tokenizer_config.json", config)


def read(folder):
    """Without truncation and padding, whatever the file says."""
    path = os.path.join(folder, "tokenizer.json")
    if os.path.exists(path):
        tokenizer = Tokenizer.from_file(path)
    else:
        tokenizer = BertWordPieceTokenizer(os.path.join(folder, "vocab.txt"))._tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
