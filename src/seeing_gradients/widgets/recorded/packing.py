"""Pack many similar texts, as the states of a recording are: they differ in their numbers only.

A text without its numbers is a template; texts of one template are stored as columns of numbers. A number that stands in
several places of each text, e.g. in the output, in the table and in a sentence, is stored once. `unpack` gives back each
text exactly; the page does the same (packing.js).
"""

import re
from collections.abc import Sequence
from typing import TypedDict

_NUMBER = re.compile(r"([-−]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\binf\b|\bnan\b))")


class PackedTexts(TypedDict):
    """Packed texts.

    Keys:
        templates: of each, pieces of text, and between them the indices of columns.
        columns: of each template, the numbers of all its texts, with spaces between them.
        texts: of each text its template; the texts of one template are its rows in this order.
    """

    templates: list[list[str | int]]
    columns: list[list[str]]
    texts: list[int]


def pack(texts: Sequence[str]) -> PackedTexts:
    """Return the texts packed.

    Args:
        texts: any; they should be similar.
    """
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    members: list[tuple[str, ...]] = []
    for text in texts:
        parts = _NUMBER.split(text)
        skeleton = tuple(parts[::2])
        groups.setdefault(skeleton, []).append(tuple(parts[1::2]))
        members.append(skeleton)
    order = {skeleton: i for i, skeleton in enumerate(groups)}
    templates, columns = [], []
    for skeleton, rows in groups.items():
        template, used = _template(skeleton, rows)
        templates.append(template)
        columns.append(used)
    return {"templates": templates, "columns": columns, "texts": [order[skeleton] for skeleton in members]}


def _template(skeleton: tuple[str, ...], rows: list[tuple[str, ...]]) -> tuple[list[str | int], list[str]]:
    """The pieces of a template, numbers that never change among them, and the columns of those that do."""
    pieces: list[str | int] = [skeleton[0]]
    used: dict[tuple[str, ...], int] = {}
    for text, column in zip(skeleton[1:], zip(*rows, strict=True), strict=True):
        last = pieces[-1]
        if all(number == column[0] for number in column):
            pieces[-1] = f"{last}{column[0]}{text}"
            continue
        pieces += [used.setdefault(column, len(used)), text]
    return pieces, [" ".join(column) for column in used]


def unpack(packed: PackedTexts) -> list[str]:
    """Return the texts of which `pack` made this."""
    columns = [[column.split(" ") for column in each] for each in packed["columns"]]
    seen = [0] * len(columns)
    texts = []
    for which in packed["texts"]:
        row, seen[which] = seen[which], seen[which] + 1
        pieces = packed["templates"][which]
        texts.append("".join(columns[which][each][row] if isinstance(each, int) else each for each in pieces))
    return texts
