"""Takes the exercises out of a lesson's built notebook: statement, programs handed out, stub, what is checked.

`parts(lesson, lang)` gives the lesson's name, its set-up cell and one `Part` an exercise.
"""

import ast
import builtins
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from seeing_gradients.course.exercises import exercise
from seeing_gradients.language import message

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
_CHECK = re.compile(r'\Acheck\("(?P<id>\d\d\.\d+)",\s*(?P<expression>.*)\)\s*\Z', re.DOTALL)
_IMPORTED = {"torch", "math", "random", "itertools", "functools", "collections", "warnings", "helpers"}
_ALWAYS = (
    "import math",
    "import torch",
    "from helpers import check, d2l, draw, explore, hint, language, numerical_grad, record",
)


@dataclass(frozen=True)
class Part:
    """An exercise as the lesson puts it.

    Attributes:
        exercise: Exercise.
        statement: str, Markdown.
        given: tuple of str, code cells that are handed out with it, those of the lesson that it needs first.
        prelude: str, what of them defines something, and the imports.
        stub: str, the answer's cell.
        after: tuple of str, code cells that show what the answer does.
        expression: str, what is checked.
    """

    exercise: object
    statement: str
    given: tuple
    prelude: str
    stub: str
    after: tuple
    expression: str


def parts(lesson, lang):
    """Return (name of the lesson, source of its set-up cell, list of Part).

    Args:
        lesson: str, "02".
        lang: str, "en" or "zh".

    Raises:
        ValueError: there is no such lesson.
    """
    found = sorted((NOTEBOOKS / lang).glob(f"{lesson}_*.ipynb")) if re.fullmatch(r"\d\d", lesson) else []
    if not found:
        known = ", ".join(sorted(path.stem[:2] for path in (NOTEBOOKS / lang).glob("[0-9][0-9]_*.ipynb")))
        raise ValueError(message("assign.no_lesson", received=lesson, lessons=known, folder=NOTEBOOKS / lang))
    cells = nbformat.read(found[0], as_version=4).cells
    codes = [cell.source for cell in cells if cell.cell_type == "code"]
    imports = [ast.unparse(node) for code in codes for node in ast.parse(code).body if _is_import(node)]
    setup = "\n".join([*dict.fromkeys([*_ALWAYS, *imports]), "", f'language.use("{lang}")'])
    return found[0].stem, setup, [_part(cells, i, match, setup) for i, match in _checks(cells)]


def _checks(cells):
    for i, cell in enumerate(cells):
        match = _CHECK.match(cell.source) if cell.cell_type == "code" else None
        if match:
            yield i, match


def _part(cells, end, match, setup):
    start = next(
        i for i in range(end, -1, -1) if cells[i].cell_type == "markdown" and cells[i].source.startswith("### ")
    )
    between = [cell for cell in cells[start:end] if "solution" not in cell.metadata.get("tags", ())]
    codes = [cell.source for cell in between if cell.cell_type == "code"]
    statement = "\n\n".join(cell.source for cell in between if cell.cell_type == "markdown")
    spec = exercise(match["id"])
    checked = _names(match["expression"])
    place = max(i for i, code in enumerate(codes) if checked & set(_made(ast.parse(code))))
    handed_out, stub, after = codes[:place], codes[place], codes[place + 1 :]
    imports = [node for node in ast.parse(setup).body if _is_import(node)]
    earlier = [cell.source for cell in cells[:start] if cell.cell_type == "code"]
    known = {name for node in imports for name in _made(node)} | {
        name for code in handed_out for name in _made(ast.parse(code))
    }
    needed = _needed([*handed_out, stub, match["expression"], spec.solution], earlier, known)
    given = (*(["\n\n\n".join(needed)] if needed else []), *handed_out)
    defined = [ast.unparse(node) for code in given for node in ast.parse(code).body if _defines(node)]
    prelude = "\n\n".join([*map(ast.unparse, imports), *defined]) + "\n"
    return Part(spec, statement, given, prelude, stub, tuple(after), match["expression"])


def _names(expression):
    return {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}


def solution(spec, expression):
    """Return the worked solution; where its names are others than those that are checked, these as well.

    Args:
        spec: Exercise.
        expression: str, what is checked.
    """
    checked = [node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)]
    made = [name for node in ast.parse(spec.solution).body for name in _made(node)]
    count = len(checked)
    names = made[-count:] if spec.kind == "value" else made[:count]
    pairs = [f"{to} = {name}" for to, name in zip(checked, names, strict=True) if to not in made]
    return "\n".join([spec.solution, *pairs])


def _is_import(node):
    if isinstance(node, ast.Import):
        return all(alias.name.split(".")[0] in _IMPORTED for alias in node.names)
    if not isinstance(node, ast.ImportFrom):
        return False
    return node.module == "helpers" or node.module.split(".")[0] in _IMPORTED - {"helpers"}


def _defines(node):
    return isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom) or (
        isinstance(node, ast.Assign) and not any(isinstance(part, ast.Call) for part in ast.walk(node.value))
    )


def _made(tree):
    """The names that code binds at its top level."""
    for node in getattr(tree, "body", [tree]) if isinstance(tree, ast.Module) else [tree]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign):
            yield from (part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _needed(codes, earlier, known):
    """Definitions of the lesson that the codes use and do not make themselves, in the lesson's order."""
    definitions = {}
    for code in earlier:
        for node in ast.parse(code).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                definitions.setdefault(node.name, ast.get_source_segment(code, node))
    wanted, found = list(codes), set()
    while wanted:
        tree = ast.parse(wanted.pop())
        bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | set(_made(tree))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - bound - known - set(vars(builtins))
        new = {name for name in used if name in definitions} - found
        found |= new
        wanted += [definitions[name] for name in new]
    return [text for name, text in definitions.items() if name in found]
