"""Reads the cells of a notebook that nobody vouches for: JSON of any shape becomes a list of plain `Cell`s.

`cells(data)` never fails for anything but `Unreadable`; ids, kinds and sources are all that is taken: outputs,
checksums and every other claim are left where they are.
"""

import json
import re
from dataclasses import dataclass

from .reading import Unreadable

MOST_CELLS = 5_000


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        kind: str, "code", "markdown", ... as the file says, or "".
        source: str, or None where the file holds something else.
        grade_id: str, nbgrader's id of the cell, or "".
    """

    kind: str
    source: str | None
    grade_id: str


def cells(data):
    """Return (list of Cell, tuple of remarks (kind, fields)) of a notebook file, of nbformat 3 or 4.

    Args:
        data: bytes, UTF-8 with or without a mark, or UTF-16 or UTF-32.

    Raises:
        Unreadable: it is no JSON, or JSON without cells.
    """
    text, remarks = _decoded(data)
    try:
        notebook = json.loads(text)
    except RecursionError:
        raise Unreadable("nested") from None
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise Unreadable("malformed", line=line) from None
    found = _listed(notebook)
    if found is None:
        raise Unreadable("no_cells")
    if len(found) > MOST_CELLS:
        raise Unreadable("many_cells", count=MOST_CELLS)
    return [_cell(item) for item in found if isinstance(item, dict)], remarks


def _decoded(data):
    encoding = json.detect_encoding(data)
    try:
        text, remarks = data.decode(encoding), ()
        if not encoding.startswith("utf-8"):
            remarks = (("encoding", {"encoding": encoding.upper()}),)
    except UnicodeDecodeError:
        text, remarks = data.decode("utf-8", "replace"), (("encoding", {"encoding": "?"}),)
    return text.removeprefix("\ufeff"), remarks


def _listed(notebook):
    """The cells of a notebook of format 4, or of format 3, which keeps them in worksheets."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(notebook.get("cells"), list):
        return notebook["cells"]
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return None
    lists = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
    return [cell for cells in lists for cell in cells] if lists else None


def _cell(item):
    kind, metadata = item.get("cell_type"), item.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return Cell(
        kind=kind if isinstance(kind, str) else "",
        source=_source(item.get("source", item.get("input"))),
        grade_id=grade_id if isinstance(grade_id, str) else "",
    )


def _source(value):
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return re.sub(r"\r\n?", "\n", value) if isinstance(value, str) else None
