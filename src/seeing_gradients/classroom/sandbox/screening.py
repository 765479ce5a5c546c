"""Reads the text of an answer for what no honest answer needs: ways to reach into the program that runs it.

Values cannot be forged, since the reference stays outside; but whether a rule was obeyed is seen inside the sandbox, beside
the answer. So where a rule counts, an answer that reaches around is left to a person.
"""

import ast
import re
import sys
from functools import lru_cache

import torch

_MODULES = {
    "torch", "math", "cmath", "numpy", "random", "functools", "itertools", "collections", "typing", "copy", "operator",
    "contextlib", "warnings", "time", "matplotlib", "helpers", "dataclasses", "fractions", "statistics", "abc", "enum",
}  # fmt: skip
_NAMES = {
    "exec", "eval", "compile", "globals", "locals", "vars", "setattr", "delattr", "open", "input", "breakpoint", "getattr",
    "__import__", "__builtins__", "__loader__", "__spec__",
}  # fmt: skip
_ATTRIBUTES = {
    "overrides", "tb_frame", "f_back", "f_globals", "f_locals", "f_builtins", "gi_frame", "cr_frame", "utils", "modules",
    "hub", "load", "save", "savez", "savetxt", "savefig", "tofile", "fromfile", "from_file", "memmap", "jit", "library",
    "attrgetter", "methodcaller", "package", "serialization", "distributed", "ctypeslib",
}  # fmt: skip
_HARMLESS = {
    "__init__",
    "__call__",
    "__name__",
    "__add__",
    "__mul__",
    "__sub__",
    "__neg__",
    "__pow__",
    "__radd__",
    "__rmul__",
}
# Modules that are at hand as attributes of others (torch.sys), but for names that tensors, arrays and lessons have, too.
_LEAKED = set(sys.stdlib_module_names) - set(dir(torch.Tensor)) - {"array"} - _MODULES
_SHOWN = ("_version", "_saved_", "_asdict", "_replace")  # what the lessons themselves look at, and namedtuples
_OF_TENSORS = {"grad", "data", "requires_grad"}


def concerns(source):
    """Return what is out of the ordinary in the source of an answer, sorted; empty for what is no Python."""
    if (tree := parsed(source)) is None:
        return ()
    imported, found = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            modules = [node.module or "."] if isinstance(node, ast.ImportFrom) else names
            imported |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            found |= {
                module
                for module in modules
                if not set(module.split(".")[1:]) <= {"nn", "functional", "autograd", "func", "linalg", "pyplot"}
            }
            found |= {module for module in modules if module.split(".")[0] not in _MODULES}
            found |= {name for name in names if _reaches(name.split(".")[-1]) or name == "*"}
        elif isinstance(node, ast.Name) and (node.id in _NAMES or _is_special(node.id)):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and _reaches(node.attr):
            found.add(f".{node.attr}")
        elif isinstance(node, ast.FunctionDef) and _is_special(node.name):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {repr(word) for word in re.findall(r"\w+", node.value) if _is_special(word)}
    written = {target for node in ast.walk(tree) for target in _targets(node)}
    return tuple(sorted(found | {f"{name}. = " for name in written & (imported | {"torch", "math"})}))


def alters(source):
    """Return whether the source sets an attribute that no honest answer sets: it may have replaced a part of torch."""
    nodes = ast.walk(tree) if (tree := parsed(source)) is not None else ()
    attributes = (node for node in nodes if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load))
    return any(node.attr not in _OF_TENSORS for node in attributes)


@lru_cache(8)
def parsed(source):
    """Return the tree of a source, or None where it is no Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _reaches(attribute):
    """Whether an attribute leads out of what an answer is about: into the interpreter, to files, to what is private."""
    private = attribute.startswith("_") and attribute not in _HARMLESS and not attribute.startswith(_SHOWN)
    return private or attribute in _ATTRIBUTES or attribute in _LEAKED


def _is_special(name):
    return name.startswith("__") and name.endswith("__") and name not in _HARMLESS


def _targets(node):
    """The names at the root of what is assigned to: torch of `torch.Tensor.cos = ...`."""
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    for target in targets if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete) else ():
        if isinstance(target, ast.Attribute | ast.Subscript):
            while isinstance(target, ast.Attribute | ast.Subscript):
                target = target.value
            if isinstance(target, ast.Name):
                yield target.id
