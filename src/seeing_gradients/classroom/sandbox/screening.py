"""Read the source of an answer for syntax and names that no honest answer needs: what is not on the lists is suspicious.

An answer cannot forge values, since the reference stays outside the sandbox. But whether it follows a rule is observed
inside, in the same process. So if an exercise has rules, an answer with suspicious parts is left to a person.
"""

import ast
import builtins
import importlib
import io
import operator
import re
import sys
import tokenize
from collections.abc import Iterator
from functools import cache, lru_cache
from string import Formatter
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, ModuleType, TracebackType
from typing import Any

import torch

from seeing_gradients import recorder

_MODULES = {
    "torch", "math", "cmath", "numpy", "random", "functools", "itertools", "collections", "typing", "copy", "operator",
    "contextlib", "warnings", "time", "matplotlib", "helpers", "dataclasses", "fractions", "statistics",
}  # fmt: skip
_SUBMODULES = {
    "nn",
    "functional",
    "autograd",
    "func",
    "linalg",
    "pyplot",
    "optim",
    "init",
    "random",
    "lr_scheduler",
    "special",
}
# The syntax of functions, classes and loops. Left out are match, whose patterns read attributes by name, and coroutines.
_SYNTAX = (
    ast.Module, ast.FunctionDef, ast.ClassDef, ast.Return, ast.Delete, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For,
    ast.While, ast.If, ast.With, ast.Raise, ast.Try, ast.Assert, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Expr,
    ast.Pass, ast.Break, ast.Continue, ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict,
    ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.Compare, ast.Call,
    ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple,
    ast.Slice, ast.comprehension, ast.ExceptHandler, ast.arguments, ast.arg, ast.keyword, ast.alias, ast.withitem,
    ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
_BUILTINS = {
    "abs", "all", "any", "bool", "bytes", "callable", "classmethod", "complex", "dict", "divmod", "enumerate", "filter",
    "float", "format", "frozenset", "hasattr", "hash", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map",
    "max", "min", "next", "object", "pow", "print", "property", "range", "repr", "reversed", "round", "set", "slice",
    "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "zip", "Ellipsis", "NotImplemented", "__name__",
    "_",  # a builtin where the grader runs in a shell, which keeps its last result there
}  # fmt: skip
# Attributes of what an answer may import that read files, run text as a program or reach other modules
_DANGEROUS = {
    "load", "save", "savez", "savetxt", "savefig", "tofile", "fromfile", "from_file", "memmap", "jit", "library", "compile",
    "attrgetter", "methodcaller", "package", "serialization", "distributed", "ctypeslib", "hub", "utils", "overrides",
    "get_type_hints", "ForwardRef", "evaluate_forward_ref", "import_ir_module", "genfromtxt", "loadtxt", "DataSource",
    "exec", "open", "dump", "format_map",
    # that set attributes by their names, or make classes of texts
    "wraps", "update_wrapper", "make_dataclass", "redirect_stdout", "redirect_stderr", "chdir",
}  # fmt: skip
_HARMLESS = {
    "__init__", "__call__", "__name__", "__add__", "__mul__", "__sub__", "__neg__", "__pow__", "__radd__", "__rmul__",
}  # fmt: skip
# Private attributes that the lessons read from tensors and nodes, and methods of named tuples
_ALLOWED_PREFIXES = ("_version", "_saved_", "_asdict", "_replace")
_TENSOR_ATTRIBUTES = {"grad", "data", "requires_grad"}
# Of graphs, contexts and pictures, whose classes cannot be looked through, or need not be loaded for it
_OTHER_ATTRIBUTES = {
    "next_functions", "metadata", "variable", "register_prehook", "saved_tensors", "needs_input_grad", "save_for_backward",
    "plot", "figure", "show", "legend", "xlabel", "ylabel", "title", "scatter", "subplots", "axhline", "axvline", "grid",
    "set_xlabel", "set_ylabel", "set_title", "set_figsize", "plt", "d2l", "use",
    "param_groups", "state", "defaults",
    "parents",  # of the values of lesson 14's engine
}  # fmt: skip


_MAX_WRITTEN = 20_000  # characters of a program that is read without running it
# Of frames, tracebacks, code, generators: they lead to the variables of the program around the answer
_INSIDE = {
    name
    for kind in (FrameType, TracebackType, CodeType, GeneratorType, CoroutineType, AsyncGeneratorType)
    for name in dir(kind)
    if re.match(r"[a-z]{1,2}_", name)
}


@cache
def _owners() -> list[object]:
    """The modules and types that an answer may use."""
    names = (
        "nn",
        "nn.functional",
        "nn.init",
        "autograd",
        "autograd.functional",
        "func",
        "linalg",
        "optim",
        "random",
        "special",
    )
    owners: list[object] = [torch, *(importlib.import_module(f"torch.{name}") for name in names)]
    owners += [importlib.import_module(name) for name in sorted(_MODULES - {"torch", "matplotlib", "helpers"})]
    owners += [
        torch.Tensor,
        torch.nn.Module,
        torch.nn.Linear,
        torch.nn.Sequential,
        torch.optim.SGD,
        torch.optim.Adam,
        torch.Size,
    ]
    owners += [torch.dtype, torch.device, torch.Generator, torch.autograd.Function, torch.autograd.graph.Node]
    owners += [str, list, dict, tuple, set, int, float, complex, slice, range, property, BaseException]
    return owners + [recorder, *(part for part in vars(recorder).values() if isinstance(part, type))]


@cache
def _public_attributes() -> frozenset[str]:
    """The names of what is public in the modules and types that an answer may use, but for other modules."""
    fields = {name for part in vars(recorder).values() for name in getattr(part, "__annotations__", ())}
    public = {name for owner in _owners() for name in dir(owner) if not name.startswith("_")} - _other_modules()
    return frozenset((public | fields | _SUBMODULES | _TENSOR_ATTRIBUTES | _OTHER_ATTRIBUTES) - _DANGEROUS)


@cache
def _other_modules() -> frozenset[str]:
    """The names of the modules that are attributes of those that an answer may use: torch.fx, torch.sys."""
    names = {n for owner in _owners() for n in dir(owner) if isinstance(getattr(owner, n, None), ModuleType)}
    # numpy.array is no module, and those of _MODULES may be imported anyway
    return frozenset(names | sys.stdlib_module_names) - _SUBMODULES - set(dir(torch.Tensor)) - _MODULES - {"array"}


@lru_cache(8)
def suspicious_parts(source: str) -> tuple[str, ...]:
    """Return the suspicious names in the source of an answer.

    Args:
        source: str.

    Returns:
        tuple of str, sorted, for a message to a person: ".f_back", "sys", "torch. = "; () if the source is not Python.
    """
    if (tree := parse(source)) is None:
        return ()
    nodes = list(ast.walk(tree))
    imported, suspicious, own = set(), set(), {name for node in nodes for name in _own_names(node)}
    questions = {id(node.func) for node in nodes if isinstance(node, ast.Call) and _has_one_argument(node)}
    for node in nodes:
        if not isinstance(node, _SYNTAX):
            suspicious.add(type(node).__name__)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imported |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            suspicious |= _suspicious_imports(node)
        elif isinstance(node, ast.Name) and _is_unusual(node.id):
            suspicious.add(node.id)
        elif isinstance(node, ast.Attribute) and _reaches_outside(node.attr, own):
            suspicious.add(f".{node.attr}")
        elif isinstance(node, ast.FunctionDef) and _is_special(node.name):
            suspicious.add(node.name)
        elif isinstance(node, ast.ClassDef):
            suspicious |= {name for name in _class_names(node) if _is_private(name)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            suspicious |= {repr(word) for word in re.findall(r"\w+", node.value) if _is_special(word)}
        suspicious |= {repr(text)[:40] for text in _text_annotations(node)} | _suspicious_use(node, questions)
    written = {name for node in nodes for name in _assigned_owners(node)}
    return tuple(sorted(suspicious | {f"{name}. = " for name in written & (imported | {"torch", "math"})}))


def written_out(source: str, expression: str) -> Any:
    """Return the value of an expression after a program that only assigns constants; None if it does anything else.

    What needs no process is not run: numbers, arithmetic on them, texts, and tuples, lists and dicts of these.

    Args:
        source: str, the program.
        expression: str.
    """
    if len(source) > _MAX_WRITTEN or (tree := parse(source)) is None:
        return None
    values: dict[str, Any] = {}
    try:
        for statement in tree.body:
            if isinstance(statement, ast.Expr):  # the last line of a cell, which shows a value
                _constant(statement.value, values)
                continue
            if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
                return None
            values.update(_assigned(statement.targets[0], _constant(statement.value, values)))
        wanted = ast.parse(expression, mode="eval").body
        names = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]
        parts = [values[name.id] if isinstance(name, ast.Name) else values[""] for name in names]
    except (ValueError, TypeError, KeyError, ArithmeticError, SyntaxError, RecursionError, MemoryError):
        return None
    return tuple(parts) if isinstance(wanted, ast.Tuple) else parts[0]


_ARITHMETIC = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
    ast.UAdd: operator.pos, ast.USub: operator.neg,
}  # fmt: skip
_MAX_NUMBER, _MAX_POWER = 10**12, 16  # of numbers that are computed with, and of exponents


def _constant(node: ast.expr, values: dict[str, Any]) -> Any:
    """The value of an expression of constants, of names with values, and of arithmetic on numbers.

    Raises:
        ValueError: it is another expression, or its numbers are very large.
        KeyError: it uses a name without value.
        ArithmeticError: it divides by 0.
    """
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Tuple | ast.List) and not any(isinstance(part, ast.Starred) for part in node.elts):
        return (tuple if isinstance(node, ast.Tuple) else list)(_constant(part, values) for part in node.elts)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _ARITHMETIC:
        return _ARITHMETIC[type(node.op)](_number(node.operand, values))
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = _number(node.left, values), _number(node.right, values)
        if isinstance(node.op, ast.Pow) and not 0 <= right <= _MAX_POWER:
            raise ValueError("a large power")
        return _ARITHMETIC[type(node.op)](left, right)
    return ast.literal_eval(node)


def _number(node: ast.expr, values: dict[str, Any]) -> float:
    """The value of an expression that is a number, and none of those that take long to compute with.

    Raises:
        ValueError: it is not.
    """
    value = _constant(node, values)
    if type(value) not in (int, float) or not abs(value) <= _MAX_NUMBER:
        raise ValueError("no small number")
    return value


def _assigned(target: ast.expr, value: Any) -> dict[str, Any]:
    """The names that an assignment of a constant sets.

    Raises:
        ValueError: it is no name, or tuple of names, that the value fits.
    """
    if isinstance(target, ast.Name):
        return {target.id: value}
    if not isinstance(target, ast.Tuple) or type(value) not in (tuple, list) or len(value) != len(target.elts):
        raise ValueError("another target")
    if not all(isinstance(each, ast.Name) for each in target.elts):
        raise ValueError("another target")
    return {each.id: part for each, part in zip(target.elts, value, strict=True) if isinstance(each, ast.Name)}


@lru_cache(8)
def without_comments(source: str) -> str:
    """Return a source without comments and without spaces and empty lines at its end; every line keeps its number.

    If it is no Python, or so long that this takes time, it is returned as it is.
    """
    if len(source) > _MAX_WRITTEN or (tree := parse(source)) is None:
        return source
    if "#" not in source:
        return source.rstrip()
    lines = source.split("\n")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source
    for token in tokens:
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column].rstrip()
    program = "\n".join(lines).rstrip()
    try:
        is_same = (same := parse(program)) is not None and ast.dump(same) == ast.dump(tree)
    except (RecursionError, MemoryError):
        return source
    return program if is_same else source


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


def _suspicious_use(node: ast.AST, questions: set[int]) -> set[str]:
    """What a name that an answer may use is used for, where that reaches further than it should.

    Args:
        node: ast.AST.
        questions: set of int, the ids of the nodes that are called with one argument, as in `type(x)`.
    """
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        # The owner may be torch itself under any name, so that no function of PyTorch may be set anywhere.
        return {f".{node.attr} = "} & {f".{name} = " for name in _torch_attributes()}
    if isinstance(node, ast.Attribute) and node.attr == "format" and not _is_plain_format(node.value):
        return {".format"}
    if isinstance(node, ast.Name) and node.id == "type" and id(node) not in questions:
        return {"type"}  # with three arguments it makes a class
    return set()


def _has_one_argument(call: ast.Call) -> bool:
    return len(call.args) == 1 and not isinstance(call.args[0], ast.Starred) and not call.keywords


def _class_names(node: ast.ClassDef) -> Iterator[str]:
    """The names that the body of a class defines."""
    for part in node.body:
        for inner in [part] if isinstance(part, ast.FunctionDef) else ast.walk(part):
            yield from _own_names(inner)


def _is_plain_format(text: ast.expr) -> bool:
    """Whether a text before `.format` is written out, and reads no attribute or item of what it is given."""
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        return False
    try:
        fields = [part for _, name, spec, _ in Formatter().parse(text.value) for part in (name, spec)]
    except ValueError:
        return True  # format itself will refuse it
    return not any(set("[{") & set(part or "") or re.search(r"[^\d\W]*\.[^\d\W]", part or "") for part in fields)


@cache
def _torch_attributes() -> frozenset[str]:
    """The names of what PyTorch's modules and tensors have, but for what answers set on tensors."""
    owners = (
        torch,
        torch.Tensor,
        torch.autograd,
        torch.autograd.Function,
        torch.nn.functional,
        torch.autograd.graph.Node,
    )
    return frozenset(name for owner in owners for name in dir(owner)) - _TENSOR_ATTRIBUTES


def _is_private(name: str) -> bool:
    return name.startswith("_") and name != "_" and name not in _HARMLESS


def _suspicious_imports(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The imported modules and names that an answer does not need."""
    names = [alias.name for alias in node.names]
    modules = [node.module or "."] if isinstance(node, ast.ImportFrom) else names
    suspicious = {module for module in modules if not set(module.split(".")[1:]) <= _SUBMODULES}
    suspicious |= {module for module in modules if module.split(".")[0] not in _MODULES}
    if isinstance(node, ast.Import) or modules[0].split(".")[0] in ("helpers", "matplotlib"):
        return suspicious | ({"*"} & set(names))
    return suspicious | {name for name in names if _reaches_outside(name, set()) or name == "*"}


def _is_unusual(name: str) -> bool:
    """Whether a name is a builtin that an answer does not need: eval, getattr, open..."""
    is_error = name.endswith(("Error", "Exception", "Warning", "Iteration"))
    return (hasattr(builtins, name) and name not in _BUILTINS and not is_error) or _is_special(name)


def _own_names(node: ast.AST) -> Iterator[str]:
    """The names that a statement gives to attributes of an answer's own classes and objects."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id


def _text_annotations(node: ast.AST) -> Iterator[str]:
    """The texts in an annotation, which typing can run as a program."""
    annotations = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    for part in (part for annotation in annotations if annotation for part in ast.walk(annotation)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _reaches_outside(attribute: str, own: set[str]) -> bool:
    """Whether an attribute is neither public in what an answer may use nor, harmless in itself, one of its own."""
    if attribute in _HARMLESS or attribute.startswith(_ALLOWED_PREFIXES) or attribute in _public_attributes():
        return False
    dangerous = attribute in _DANGEROUS | _INSIDE or attribute.startswith("_") or attribute in _other_modules()
    return dangerous or attribute not in own


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
