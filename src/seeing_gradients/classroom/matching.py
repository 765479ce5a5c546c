"""Finds the cell that answers a task: by its id, or, when ids were lost or doubled, where only one cell can be meant.

Nothing of a submission is parsed or run here: whether a cell defines a name is read off the beginnings of its lines.
"""

import ast
import re
from functools import cache

_CODE = ("code",)
_LONGEST_LINE = 500


def find(task, cells, known=()):
    """Return (source or None, list of kinds of faults) for one task.

    Args:
        task: Task, with grade_id and stub.
        cells: list of Cell.
        known: the grade_ids of all tasks of the assignment.
    """
    named = [cell for cell in cells if cell.grade_id == task.grade_id]
    if not named:
        return _without_id(task, cells, known)
    whole = [cell for cell in named if cell.source is not None]
    if not whole:
        return None, ["no_text"]
    kinds = ["copies"] if len(named) > 1 else []
    chosen = _one(task, whole)
    if chosen is None:
        return None, ["duplicate"]
    if chosen.kind not in _CODE:
        if not defines(chosen.source, task.stub):
            return None, ["not_code"]
        kinds.append("cell_type")
    return chosen.source, kinds


def defines(source, stub):
    """Return whether lines of the source begin to define every name that the stub defines, and there is one."""
    names = stub_names(stub)
    lines = [line[:_LONGEST_LINE] for line in source.split("\n") if line[:1].strip()]
    return bool(names) and all(any(_defines(line, name) for line in lines) for name in names)


@cache
def stub_names(stub):
    """Return the names that a stub (trusted code) defines at its top level, as a tuple."""
    found = []
    for node in ast.parse(stub).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.append(node.name)
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        found += [part.id for target in targets if target for part in ast.walk(target) if isinstance(part, ast.Name)]
    return tuple(dict.fromkeys(found))


def _defines(line, name):
    if re.match(rf"(?:async\s+def|def|class)\s+{name}\b", line):
        return True
    left, equals, right = line.partition("=")
    if not equals or right.startswith("=") or not re.fullmatch(r"[\w\s,()\[\]*]+(?::[^=]*)?", left):
        return False
    return re.search(rf"(?<!\w){name}\b", left.partition(":")[0]) is not None


def _one(task, cells):
    """The cell that is meant among several of one id, or None."""
    answers = {_bare(cell.source): cell for cell in cells if _bare(cell.source) not in ("", _bare(task.stub))}
    if len(answers) > 1:
        return None
    return next(iter(answers.values()), cells[0])


def _without_id(task, cells, known):
    """An answer that lost its id: the only cell without an id of the assignment that defines what the stub defines."""
    candidates = [cell for cell in cells if cell.source and cell.grade_id not in known and cell.kind in _CODE]
    candidates = [cell for cell in candidates if defines(cell.source, task.stub)]
    if not candidates:
        return None, ["missing"]
    chosen = _one(task, candidates)
    if chosen is None or len(candidates) > 1:
        return None, ["ambiguous"]
    return chosen.source, ["lost_id"]


def _bare(source):
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))
