"""Every published family of students: checkpoints of random weights, and what they score, in NumPy.

A family is one module of this folder. It has
    CASES                                   name: Case (parts/case.py)
    make(folder, random, words, **shape)    writes a checkpoint in the published layout
    load(folder, **flags)                   returns score(query, documents), the reference; it reads the folder alone
    PEER, peer(folder, **flags)             perhaps: the same of the package of that name, to check the reference itself
    encoder_of(folder, role)                perhaps: encode(text) of a side, where the sides differ
    clean(text)                             perhaps: what of a text the comparison is good for
so that adding a family is adding a file."""
import importlib
import pkgutil


def all_cases():
    """{name of a case: (its family's module, the case)}"""
    cases = {}
    for found in pkgutil.iter_modules(__path__):
        if not found.ispkg:
            family = importlib.import_module(f"{__name__}.{found.name}")
            cases.update({name: (family, case) for name, case in family.CASES.items()})
    return cases
