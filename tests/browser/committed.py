"""What the cells of a lesson gave in a page, compared with the committed notebook as nbval would compare it.

A lesson that is run and compared here need not be run once more by nbval: `notebooks/conftest.py` leaves it out of a run
that has this test of it.
"""

import json
from pathlib import Path

from nbformat import v4
from nbval.plugin import IPyNbFile, coalesce_streams, get_sanitize_patterns

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
SANITIZE = Path(__file__).resolve().parents[1] / "nbval_sanitize.cfg"  # what nbval is told to overlook


def differences(session, lesson, executed):
    """Compare the outputs of each code cell with those of the committed notebook.

    Args:
        session: pytest.Session.
        lesson: str, path of the notebook under `notebooks/`.
        executed: dict in nbformat, the notebook after every cell was run once.

    Returns:
        list of str, one for each cell that differs: its number and what nbval would say.
    """
    file = IPyNbFile.from_parent(session, path=NOTEBOOKS / lesson)
    file.sanitize_patterns.update(get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")))
    programs = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    cells = v4.reads(json.dumps(executed | {"cells": programs})).cells
    return [
        f"cell {expected.cell_num}: {problem}"
        for expected, cell in zip(file.collect(), cells, strict=True)
        if (problem := _difference(expected, cell))
    ]


def _difference(expected, cell):
    """What differs in one cell, "" for nothing.

    Args:
        expected: nbval's IPyNbCell, of the committed notebook.
        cell: NotebookNode, the same cell as it was run in the page.
    """
    committed = expected.cell
    if cell.source != committed.source:
        return "another program"
    if committed.execution_count is None:
        return "outputs without a run" if committed.outputs else ""
    if cell.execution_count is None:
        return "it was not run"
    if not expected.options["check"]:
        return ""
    is_equal = expected.compare_outputs(coalesce_streams(cell.outputs), coalesce_streams(committed.outputs))
    return "" if is_equal else "\n".join(expected.comparison_traceback)
