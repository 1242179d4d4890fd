"""What families share: weight files, tokenizers, transformers, modules, packages to compare with."""
