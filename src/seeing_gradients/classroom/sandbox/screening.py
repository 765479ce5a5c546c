"""Search the source of an answer for names that give access to the program that runs it, which no honest answer needs.

An answer cannot forge values, since the reference stays outside the sandbox. But whether it follows a rule is observed
inside, in the same process. So if an exercise has rules, an answer with suspicious names is left to a person.
"""

import ast
import re
import sys
from collections.abc import Iterator
from functools import lru_cache

import torch

_MODULES = {
    "torch", "math", "cmath", "numpy", "random", "functools", "itertools", "collections", "typing", "copy", "operator",
    "contextlib", "warnings", "time", "matplotlib", "helpers", "dataclasses", "fractions", "statistics", "abc", "enum",
}  # fmt: skip
_NAMES = {
    "exec", "eval", "compile", "globals", "locals", "vars", "setattr", "delattr", "open", "input", "breakpoint",
    "getattr", "__import__", "__builtins__", "__loader__", "__spec__",
}  # fmt: skip
_ATTRIBUTES = {
    "overrides", "tb_frame", "f_back", "f_globals", "f_locals", "f_builtins", "gi_frame", "cr_frame", "utils",
    "modules", "hub", "load", "save", "savez", "savetxt", "savefig", "tofile", "fromfile", "from_file", "memmap",
    "jit", "library",
    "attrgetter", "methodcaller", "package", "serialization", "distributed", "ctypeslib",
}  # fmt: skip
_HARMLESS = {
    "__init__", "__call__", "__name__", "__add__", "__mul__", "__sub__", "__neg__", "__pow__", "__radd__", "__rmul__",
}  # fmt: skip
# Names of standard modules: as attributes of other modules (torch.sys) they lead outside. Left out are those that are
# also attributes of tensors or modules that answers may import.
_LEAKED = set(sys.stdlib_module_names) - set(dir(torch.Tensor)) - {"array"} - _MODULES
_SUBMODULES = {"nn", "functional", "autograd", "func", "linalg", "pyplot"}
# Private attributes that the lessons read from tensors and nodes, and methods of named tuples
_ALLOWED_PREFIXES = ("_version", "_saved_", "_asdict", "_replace")
_TENSOR_ATTRIBUTES = {"grad", "data", "requires_grad"}


def suspicious_parts(source: str) -> tuple[str, ...]:
    """Return the suspicious names in the source of an answer.

    Args:
        source: str.

    Returns:
        tuple of str, sorted, for a message to a person: ".f_back", "sys", "torch. = "; () if the source is not Python.
    """
    if (tree := parse(source)) is None:
        return ()
    imported, suspicious = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            suspicious |= _suspicious_imports(node)
        elif isinstance(node, ast.Name) and (node.id in _NAMES or _is_special(node.id)):
            suspicious.add(node.id)
        elif isinstance(node, ast.Attribute) and _reaches_outside(node.attr):
            suspicious.add(f".{node.attr}")
        elif isinstance(node, ast.FunctionDef) and _is_special(node.name):
            suspicious.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            suspicious |= {repr(word) for word in re.findall(r"\w+", node.value) if _is_special(word)}
    written = {name for node in ast.walk(tree) for name in _assigned_owners(node)}
    return tuple(sorted(suspicious | {f"{name}. = " for name in written & (imported | {"torch", "math"})}))


def sets_attributes(source: str) -> bool:
    """Return whether the source sets or deletes an attribute other than .grad, .data or .requires_grad.

    Such an answer may have replaced a function of torch.
    """
    nodes = ast.walk(tree) if (tree := parse(source)) is not None else ()
    attributes = (node for node in nodes if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load))
    return any(node.attr not in _TENSOR_ATTRIBUTES for node in attributes)


@lru_cache(8)
def parse(source: str) -> ast.Module | None:
    """Return the syntax tree of a source, or None if it is not Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _suspicious_imports(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The imported modules and names that an answer does not need."""
    names = [alias.name for alias in node.names]
    modules = [node.module or "."] if isinstance(node, ast.ImportFrom) else names
    suspicious = {module for module in modules if not set(module.split(".")[1:]) <= _SUBMODULES}
    suspicious |= {module for module in modules if module.split(".")[0] not in _MODULES}
    return suspicious | {name for name in names if _reaches_outside(name.split(".")[-1]) or name == "*"}


def _reaches_outside(attribute: str) -> bool:
    """Whether an attribute gives access to the interpreter, to files or to private names."""
    private = attribute.startswith("_") and attribute not in _HARMLESS and not attribute.startswith(_ALLOWED_PREFIXES)
    return private or attribute in _ATTRIBUTES or attribute in _LEAKED


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in _HARMLESS


def _assigned_owners(node: ast.AST) -> Iterator[str]:
    """The variables whose attributes or items a statement assigns: "torch" for `torch.Tensor.cos = ...`."""
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    else:
        return
    for target in targets:
        owner: ast.expr = target
        while isinstance(owner, ast.Attribute | ast.Subscript):
            owner = owner.value
        if owner is not target and isinstance(owner, ast.Name):
            yield owner.id
