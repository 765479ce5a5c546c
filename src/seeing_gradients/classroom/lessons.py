"""Read the exercises of a lesson from its built notebook: statement, code cells, stub, the expression that is checked.

`read_lesson(number, lang)` returns a `Lesson` with one `LessonExercise` per exercise; `solution(spec, expression)`
returns the worked solution of an exercise.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from seeing_gradients.course.exercises import Exercise, exercise
from seeing_gradients.language import message

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
_HOSTED = "colab-and-kaggle"  # the cell that installs the course there: no part of the lesson
_CHECK = re.compile(r'\Acheck\("(?P<id>\d\d\.\d+)",\s*(?P<expression>.*)\)\s*\Z', re.DOTALL)
_IMPORTABLE = {"torch", "math", "random", "itertools", "functools", "collections", "warnings", "helpers"}
_COMMON_IMPORTS = (
    "import math",
    "import torch",
    "from helpers import check, d2l, draw, explore, hint, language, numerical_grad, record",
)


@dataclass(frozen=True)
class LessonExercise:
    """An exercise as it stands in a lesson.

    Attributes:
        exercise: Exercise.
        statement: str, Markdown.
        handed_out: tuple of str, code cells before the answer; the first holds definitions from earlier in the lesson.
        prelude: str, the imports of the lesson and the definitions in `handed_out`.
        stub: str, the cell that the student completes.
        after: tuple of str, code cells that follow the answer and use it.
        expression: str, the argument of `check`, such as "two_arrows" or "(g, x_grad)".
    """

    exercise: Exercise
    statement: str
    handed_out: tuple[str, ...]
    prelude: str
    stub: str
    after: tuple[str, ...]
    expression: str


@dataclass(frozen=True)
class Lesson:
    """The exercises of a lesson.

    Attributes:
        name: str, "02_computation_graph".
        setup: str, a code cell that imports what the exercises need and sets the language.
        exercises: tuple of LessonExercise.
    """

    name: str
    setup: str
    exercises: tuple[LessonExercise, ...]


@cache
def read_lesson(number: str, lang: str) -> Lesson:
    """Return the Lesson with this number.

    Args:
        number: str, "02".
        lang: str, "en" or "zh".

    Raises:
        ValueError: there is no such lesson.
    """
    folder = NOTEBOOKS / lang
    paths = sorted(folder.glob(f"{number}_*.ipynb")) if re.fullmatch(r"\d\d", number) else []
    if not paths:
        numbers = ", ".join(sorted(path.stem[:2] for path in folder.glob("[0-9][0-9]_*.ipynb")))
        raise ValueError(message("assign.no_lesson", received=number, lessons=numbers, folder=folder))
    cells = [cell for cell in nbformat.read(paths[0], as_version=4).cells if cell.id != _HOSTED]
    codes = [cell.source for cell in cells if cell.cell_type == "code"]
    imports = [ast.unparse(node) for code in codes for node in ast.parse(code).body if _is_import(node)]
    setup = "\n".join([*dict.fromkeys([*_COMMON_IMPORTS, *imports]), "", f'language.use("{lang}")'])
    exercises = tuple(_lesson_exercise(cells, i, match, setup) for i, match in _checks(cells))
    return Lesson(paths[0].stem, setup, exercises)


def solution(spec: Exercise, expression: str) -> str:
    """Return the source of the worked solution; it assigns every name that `expression` uses.

    Args:
        spec: Exercise.
        expression: str, the argument of `check`.

    Raises:
        ValueError: the solution binds fewer names than `expression` uses.
    """
    checked = [node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)]
    bound = _bound_names(ast.parse(spec.solution))
    count = len(checked)
    names = bound[-count:] if spec.kind == "value" else bound[:count]
    pairs = [f"{target} = {name}" for target, name in zip(checked, names, strict=True) if target not in bound]
    return "\n".join([spec.solution, *pairs])


def _checks(cells: Sequence[NotebookNode]) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield (index, match of _CHECK) of every cell that checks an answer."""
    for i, cell in enumerate(cells):
        match = _CHECK.match(cell.source) if cell.cell_type == "code" else None
        if match:
            yield i, match


def _lesson_exercise(cells: Sequence[NotebookNode], end: int, match: re.Match[str], setup: str) -> LessonExercise:
    """The exercise from the nearest heading above cell `end` to the check in that cell."""
    start = next(
        i for i in range(end, -1, -1) if cells[i].cell_type == "markdown" and cells[i].source.startswith("### ")
    )
    own_cells = [cell for cell in cells[start:end] if "solution" not in cell.metadata.get("tags", ())]
    codes = [cell.source for cell in own_cells if cell.cell_type == "code"]
    statement = "\n\n".join(cell.source for cell in own_cells if cell.cell_type == "markdown")
    spec = exercise(match["id"])
    checked = _used_names(match["expression"])
    index_of_stub = max(i for i, code in enumerate(codes) if checked & set(_bound_names(ast.parse(code))))
    before, stub, after = codes[:index_of_stub], codes[index_of_stub], codes[index_of_stub + 1 :]
    imports = [node for node in ast.parse(setup).body if _is_import(node)]
    known = {name for node in imports for name in _bound_names(node)}
    known |= {name for code in before for name in _bound_names(ast.parse(code))}
    earlier = [cell.source for cell in cells[:start] if cell.cell_type == "code"]
    needed = _needed_definitions([*before, stub, match["expression"], spec.solution], earlier, known)
    handed_out = (*(["\n\n\n".join(needed)] if needed else []), *before)
    defined = [ast.unparse(node) for code in handed_out for node in ast.parse(code).body if _is_definition(node)]
    prelude = "\n\n".join([*map(ast.unparse, imports), *defined]) + "\n"
    return LessonExercise(spec, statement, handed_out, prelude, stub, tuple(after), match["expression"])


def _used_names(expression: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}


def _is_import(node: ast.AST) -> bool:
    """Whether a statement imports only from modules that every exercise may use."""
    if isinstance(node, ast.Import):
        return all(alias.name.split(".")[0] in _IMPORTABLE for alias in node.names)
    if not isinstance(node, ast.ImportFrom) or node.module is None:
        return False
    return node.module == "helpers" or node.module.split(".")[0] in _IMPORTABLE - {"helpers"}


def _is_definition(node: ast.AST) -> bool:
    """Whether a statement binds names without calling anything."""
    return isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom) or (
        isinstance(node, ast.Assign) and not any(isinstance(part, ast.Call) for part in ast.walk(node.value))
    )


def _bound_names(tree: ast.AST) -> list[str]:
    """The names that a statement binds, or the top-level statements of a module."""
    names = []
    for node in tree.body if isinstance(tree, ast.Module) else [tree]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names += [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        elif isinstance(node, ast.Assign):
            names += [part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return names


def _needed_definitions(codes: Sequence[str], earlier: Sequence[str], known: set[str]) -> list[str]:
    """The sources of the earlier functions and classes that the code needs, directly or through others, in their order.

    Args:
        codes: sources of the cells of the exercise.
        earlier: sources of the code cells above it.
        known: names that need no definition.
    """
    definitions: dict[str, str] = {}
    for code in earlier:
        for node in ast.parse(code).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                definitions.setdefault(node.name, ast.get_source_segment(code, node) or "")
    queue, needed = list(codes), set()
    while queue:
        tree = ast.parse(queue.pop())
        bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | set(_bound_names(tree))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - bound - known - set(vars(builtins))
        new = {name for name in used if name in definitions} - needed
        needed |= new
        queue += [definitions[name] for name in new]
    return [text for name, text in definitions.items() if name in needed]
