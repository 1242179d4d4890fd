"""Install every peer and make its models, below one folder. What fails is noted with its reason; the rest goes on.

Usage: install.py ROOT CHECKPOINT [ENGINE ...]
About 12 GB and a quarter of an hour on two cores: PyPI's PyTorch brings CUDA, and llama.cpp is built for this CPU.
"""
import json
import os
import re
import subprocess
import sys

from folders import Folders
from packages import ENGINES, SHARED

CONVERTER = "venv-converter"
HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    pass


def run(command, log, **environment):
    """Raises Failed with the last thing that the command said."""
    with open(log, "ab") as out:
        before = out.tell()
        code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              env={**os.environ, **environment}).returncode
    if code:
        raise Failed(f"{os.path.basename(log)}: exit {code}: {last_error(log, before)}")


def last_error(log, before):
    with open(log, "rb") as file:
        file.seek(before)
        lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\bERROR\b|Error\b|\berror:", line)]
    return (errors or lines or ["it said nothing"])[-1][:200]


def pip(folders, venv, packages, log, *options, **environment):
    python = folders.python(venv)
    if not os.path.exists(python):
        run([sys.executable, "-m", "venv", os.path.join(folders.root, venv)], log)
    if packages:
        run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *options, *packages], log,
            **environment)


def install_packages(folders, needs, log):
    pip(folders, "venv", needs.whole, log)
    pip(folders, "venv", needs.alone, log, "--no-deps")
    for package in needs.source:
        pip(folders, "venv", [package], log, "--no-deps", "--no-binary", package.split("==")[0], CMAKE_ARGS=needs.flags,
            CMAKE_BUILD_PARALLEL_LEVEL=str(os.cpu_count()))
    if needs.converter:
        pip(folders, CONVERTER, needs.converter, log)


def wanted(needs):
    return [*SHARED, *needs.whole, *needs.alone, *needs.source, *needs.converter]


def is_complete(path, needs):
    try:
        with open(path, encoding="utf-8") as file:
            state = json.load(file)
    except (OSError, ValueError):
        return False
    return not state["missing"] and state["packages"] == wanted(needs)


def note(folders, name, missing):
    with open(os.path.join(folders.state, name + ".json"), "w", encoding="utf-8") as file:
        json.dump({"packages": wanted(ENGINES[name]), "missing": missing}, file)
    if missing:
        print(f"missing: {name}: {missing}", file=sys.stderr)


def prepare(folders, name):
    """Raises Failed."""
    needs, log = ENGINES[name], os.path.join(folders.state, name + ".log")
    print(f"installing {name}", file=sys.stderr, flush=True)
    install_packages(folders, needs, log)
    venv = CONVERTER if needs.converter else "venv"
    run([folders.python(venv), os.path.join(HERE, "export.py"), name, folders.root, folders.checkpoint], log,
        HOME=folders.home)


def main(root, checkpoint, *names):
    folders = Folders(root, checkpoint)
    for folder in (folders.state, folders.home):
        os.makedirs(folder, exist_ok=True)
    shared = None
    for name in names or ENGINES:
        if is_complete(os.path.join(folders.state, name + ".json"), ENGINES[name]):
            continue
        try:
            if not shared:
                pip(folders, "venv", SHARED, os.path.join(folders.state, "shared.log"))
                shared = True
            prepare(folders, name)
            note(folders, name, None)
        except Failed as failure:
            note(folders, name, str(failure))


if __name__ == "__main__":
    main(*sys.argv[1:])
