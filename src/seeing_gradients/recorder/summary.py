"""A row for each call of an nn.Module: what it returned, how large its gradients are, what it saved.

`summary_of(record)` makes a Summary, which a notebook shows as a table, a terminal as text, and pandas as a data frame.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from seeing_gradients.language import message

from .module_outputs import norm_of, total_norm
from .types import Node, Snapshot, memory_of

if TYPE_CHECKING:
    from .types import Record, Scope

_DECADES, _BAR = 6, 12  # powers of ten that a bar covers; its length in characters
_EIGHTHS = " ▏▎▍▌▋▊▉"
_GRADIENTS = "grad_norm", "parameter_grad_norm"


@dataclass(frozen=True)
class ModuleRow:
    """One call of an nn.Module; the first row stands for all of f.

    Attributes:
        path: str, dotted; "layer1#2" for the second call; "" for f.
        kind: str, the name of its class; for a function the name of f.
        depth: int, how many modules lie around it.
        shape: tuple of int, of its output, of the first tensor if there are several; None if it has none.
        parameters: int, elements of the parameters that require grad, those of the modules inside, too.
        value_norm: float, 2-norm of its output, or None if it is not known.
        grad_norm: float, 2-norm of the gradient of its output; None if it is not known, or if none arrives.
        parameter_grad_norm: float, 2-norm of the gradients of all these parameters together; None if there are none, or
            if none arrives.
        saved_bytes: int, memory that the nodes inside keep alive for backward, counting shared memory once.
        mark: "" where gradients are of ordinary size; "vanishes" where the norm of one of the two is below 1e-6 of the
            largest of its kind; "zero", "nan", "inf"; "none" where no gradient arrives.
    """

    path: str
    kind: str
    depth: int
    shape: tuple[int, ...] | None
    parameters: int
    value_norm: float | None
    grad_norm: float | None
    parameter_grad_norm: float | None
    saved_bytes: int
    mark: str = ""


class Summary(Sequence[ModuleRow]):
    """The rows of a summary, in the order in which the modules began.

    `summary[2]` is a row, and so is `summary["layer1"]`. The bar beside a row shows the norm of a gradient on a
    logarithmic scale: full for the largest one, empty at a millionth of it.

    Args:
        rows: the first stands for all of f.
        measure: the norm that the bars show, "grad_norm", or "parameter_grad_norm" where not all of those are known.
        is_whole: whether all norms are known.
    """

    def __init__(self, rows: Sequence[ModuleRow], measure: str, is_whole: bool) -> None:
        self.rows, self.measure, self.is_whole = list(rows), measure, is_whole

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return self.rows[key]
        for row in self.rows:
            if row.path == key:
                return row
        raise KeyError(message("record.no_such_module", path=key, paths=_listing(row.path for row in self.rows)))

    def __iter__(self) -> Iterator[ModuleRow]:
        return iter(self.rows)

    def to_pandas(self) -> Any:
        """Return the rows as a pandas.DataFrame, a column for each attribute of ModuleRow.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        import pandas

        return pandas.DataFrame([asdict(row) for row in self.rows])

    def __repr__(self) -> str:
        lines = [_headings(), *self._cells()]
        widths = [max(_columns_of(line[i]) for line in lines) for i in range(len(lines[0]))]
        text = ["  ".join(map(_padded, line, widths, _ALIGNED)).rstrip() for line in lines]
        return "\n".join([*text, *self._notes()])

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{escape(cell)}</th>" for cell in _headings())
        rows = "".join(
            "<tr>"
            + "".join(f'<td align="{align}">{_html(cell)}</td>' for cell, align in zip(line, _ALIGNED, strict=True))
            + "</tr>"
            for line in self._cells()
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{notes}"

    def _cells(self) -> list[list[str]]:
        largest = _largest(self.rows, self.measure)
        return [
            [
                "  " * row.depth + (row.path or row.kind),
                row.kind if row.path else "",
                "-" if row.shape is None else str(row.shape),
                f"{row.parameters:,}" if row.parameters else "-",
                _number(row.value_norm),
                _number(row.grad_norm),
                _number(row.parameter_grad_norm),
                _bar(getattr(row, self.measure), largest),
                "" if not row.mark else f"◀ {message(f'record.gradient_{row.mark}')}",
                _bytes(row.saved_bytes),
            ]
            for row in self.rows
        ]

    def _notes(self) -> list[str]:
        marked = [row.path or row.kind for row in self.rows if row.mark]
        notes = [message("record.summary_marked", paths=_listing(marked))] if marked else []
        return notes if self.is_whole else [*notes, message("record.summary_partly")]


_ALIGNED = ("left", "left", "left", "right", "right", "right", "right", "left", "left", "right")


def summary_of(record: "Record") -> Summary:
    """Return the Summary of a Record.

    Norms of outputs and of their gradients are exact where the Record holds all numbers, or was made with summary=True;
    elsewhere they are None. Norms of the gradients of parameters are always exact.

    Args:
        record: not folded.
    """
    scopes, inside = _scopes(record)
    grads = {name: norm_of(grad) for name, grad in record.parameters.items() if grad is not None}
    rows = [_row_of_f(record, grads)]
    rows += [_row(record, scopes[key], len(chain), inside[key], grads) for key, chain in _chains(record).items()]
    reached = [_is_reached(row, record) for row in rows]
    largest = {kind: _largest(rows, kind) for kind in _GRADIENTS}
    marked = [replace(row, mark=_mark(row, largest, reaches)) for row, reaches in zip(rows, reached, strict=True)]
    unknown = any(row.grad_norm is None and reaches for row, reaches in zip(rows, reached, strict=True))
    is_whole = bool(record.module_norms) or not (unknown or any(row.value_norm is None for row in rows))
    return Summary(marked, "parameter_grad_norm" if unknown else "grad_norm", is_whole)


def _chains(record: "Record") -> dict[str, tuple[str, ...]]:
    """Key of each module -> keys of the modules around it, in the order in which they began."""
    began: dict[str, tuple[str, ...]] = {}
    for node in record.nodes:
        if node.kind in ("leaf", "constant"):
            continue
        for i, scope in enumerate(node.module):
            began.setdefault(scope.key, tuple([around.key for around in node.module[:i]]))
    return began


def _scopes(record: "Record") -> tuple[dict[str, "Scope"], dict[str, list[Node]]]:
    """{key: Scope} and {key: the nodes inside} of each module."""
    scopes: dict[str, Scope] = {}
    inside: dict[str, list[Node]] = {}
    for node in record.nodes:
        for scope in node.module:
            scopes[scope.key] = scope
            inside.setdefault(scope.key, []).append(node)
    return scopes, inside


def _row_of_f(record: "Record", grads: Mapping[str, float | None]) -> ModuleRow:
    output, root = record.output, record.nodes[-1] if record.nodes else None
    norms = record.module_norms.get("")
    inputs = set(record.inputs.values())
    leaves = [n for n in record.nodes if n.kind == "leaf" and n.requires_grad and n.id not in inputs]
    return ModuleRow(
        path="",
        kind=record.name,
        depth=0,
        shape=None if output is None else tuple(output.shape),
        parameters=sum(math.prod(leaf.shape) for leaf in leaves),
        value_norm=None if output is None else norm_of(output),
        grad_norm=norms.grad if norms else _norm_of_snapshots(root.grads) if root and record.complete else None,
        parameter_grad_norm=total_norm(grads.values()),
        saved_bytes=record.saved_bytes,
    )


def _row(
    record: "Record", scope: "Scope", depth: int, nodes: Sequence[Node], grads: Mapping[str, float | None]
) -> ModuleRow:
    computed = [node for node in nodes if node.kind not in ("leaf", "constant")]
    last, norms = (computed or nodes)[-1], record.module_norms.get(scope.key)
    prefix = f"{scope.path}."
    leaves = {
        n.name: n for n in record.nodes if n.kind == "leaf" and n.requires_grad and (n.name or "").startswith(prefix)
    }
    return ModuleRow(
        path=scope.key,
        kind=scope.kind,
        depth=depth + 1,
        shape=norms.shape if norms else tuple(last.shape),
        parameters=sum(math.prod(leaf.shape) for leaf in leaves.values()),
        value_norm=norms.value if norms else _norm_of_snapshots(last.values),
        grad_norm=norms.grad if norms else _norm_of_snapshots(last.grads),
        parameter_grad_norm=total_norm(norm for name, norm in grads.items() if name.startswith(prefix)),
        saved_bytes=memory_of([saved for node in nodes for saved in node.saved_tensors]),
    )


def _norm_of_snapshots(snapshots: Iterable[Snapshot | None]) -> float | None:
    """The norm of what snapshots hold; None if one of them does not hold all numbers."""
    held = [snapshot for snapshot in snapshots if snapshot is not None]
    if any(snapshot.numbers is None for snapshot in held):
        return None
    return total_norm([norm_of(_floats(snapshot)) for snapshot in held])


def _floats(snapshot: Snapshot) -> Tensor:
    dtype = snapshot.dtype
    return snapshot.tensor() if dtype.is_floating_point or dtype.is_complex else torch.zeros(0, dtype=torch.bool)


def _largest(rows: Iterable[ModuleRow], kind: str) -> float:
    norms = [norm for row in rows if (norm := getattr(row, kind)) is not None and math.isfinite(norm)]
    return max(norms, default=0.0)


def _mark(row: ModuleRow, largest: Mapping[str, float], is_reached: bool) -> str:
    norms = [(norm, largest[kind]) for kind in _GRADIENTS if (norm := getattr(row, kind)) is not None]
    for norm, _ in norms:
        if not math.isfinite(norm):
            return "nan" if math.isnan(norm) else "inf"
    if not norms:
        return "" if is_reached else "none"
    if any(norm == 0 for norm, _ in norms):
        return "zero"
    return "vanishes" if any(norm < most * 10**-_DECADES for norm, most in norms) else ""


def _is_reached(row: ModuleRow, record: "Record") -> bool:
    """Whether a gradient arrived at a value that a module computed, or none is missing there."""
    nodes = [n for n in record.nodes if not row.path or any(scope.key == row.path for scope in n.module)]
    computed = [node for node in nodes if node.kind not in ("leaf", "constant")]
    is_missing = record.complete and any(node.requires_grad for node in computed)
    return not is_missing or any(any(node.grads) for node in computed)


# ---- texts ----


def _headings() -> list[str]:
    keys = ("module", "class", "output", "parameters", "value_norm", "grad_norm", "parameter_grad_norm")
    return [*(message(f"record.summary_{key}") for key in keys), "", "", message("record.summary_saved")]


def _number(norm: float | None) -> str:
    return "-" if norm is None else f"{norm:.3g}"


def _bar(norm: float | None, largest: float) -> str:
    if norm is None or not largest or not math.isfinite(norm) or norm <= 0:
        return ""
    eighths = round(8 * _BAR * max(0.0, 1 + math.log10(norm / largest) / _DECADES))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _bytes(count: int) -> str:
    if count < 1024:
        return f"{count} B" if count else "-"
    power = min(3, int(math.log(count, 1024)))
    return f"{count / 1024**power:.3g} {('kB', 'MB', 'GB')[power - 1]}"


def _listing(paths: Iterable[str], most: int = 12) -> str:
    listed = [path for path in paths if path]
    return ", ".join([*listed[:most], *(["..."] if len(listed) > most else [])]) or "-"


def _html(cell: str) -> str:
    """A cell as HTML; the two spaces at the beginning of an inner module stay."""
    bare = cell.lstrip(" ")
    return "&nbsp;" * (len(cell) - len(bare)) + escape(bare)


def _columns_of(text: str) -> int:
    return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in text)


def _padded(cell: str, width: int, align: str) -> str:
    space = " " * (width - _columns_of(cell))
    return space + cell if align == "right" else cell + space
