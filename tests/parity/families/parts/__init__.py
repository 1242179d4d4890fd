"""What families share: writing and reading of weight files and tokenizers, transformers, sentence-transformers' modules."""
