"""Make one engine's models from the checkpoint. Runs in the virtual environment that has its exporter.

Usage: export.py ENGINE ROOT CHECKPOINT
"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

from folders import Folders
from peers import engine_module

if __name__ == "__main__":
    name, root, checkpoint = sys.argv[1:]
    folders = Folders(root, checkpoint)
    os.makedirs(folders.models, exist_ok=True)
    engine_module(name).export(folders)
