"""The Jacobian of a vector output beside the graph: one row for each backward pass, and their sum weighted by v, v^T J.

`control_of_v` puts v on sliders. `JacobianView` computes the rows, and gives the table as plain data for the page,
as text, and as a static picture below the graph.
"""

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, cast

import torch

from seeing_gradients.language import abridged, message
from seeing_gradients.picture import svg, theme
from seeing_gradients.picture.labels import brief, columns, number, wrap
from seeing_gradients.picture.painting import below
from seeing_gradients.recorder import Record, VectorOutputError, referenced_modules, tensors_in
from seeing_gradients.runtime import repeat_random_state, restore_buffers, restore_containers, restore_tensors

from . import protocol
from .controls import Control, control, v_range
from .option_names import recorded
from .session import RunSession, captured

_MOST = 16  # rows and columns that are shown
_MOST_SECONDS = 1.0  # seconds for all rows together
_WORDS = (
    "jacobian", "jacobian_weights", "jacobian_sum", "jacobian_gradient", "jacobian_same", "jacobian_other",
    "jacobian_input", "jacobian_all",
)  # fmt: skip
_SIDE, _TOP, _ROW = 16, 48, 26  # px
_CHARACTER, _PADDING = 7.6, 20  # px: width of a character; padding of a column
_DARKEST = 0.45  # opacity of the background of the largest element


class JacobianView:
    """The table of a Jacobian. It runs f only if an input other than v has moved.

    Args:
        session: RunSession.
        output_name: name of the output, from which the rows get their names.

    Attributes:
        input: name of the input whose columns are shown; "" for all inputs.
    """

    def __init__(self, session: RunSession, output_name: str) -> None:
        self._session, self._output_name, self.input = session, output_name, ""
        self._computed_for: Any = None
        self._computed: tuple[list[list[float]], str | None] = [], None

    def check_input(self, name: str) -> str:
        """Return the name of an input, or "", if it is known.

        Args:
            name: the name.

        Raises:
            ValueError: there is no such input.
        """
        known = [c.name for c in self._session.moving()]
        if name and name not in known:
            raise ValueError(message("explore.unknown", name=name, allowed=", ".join(known) or "-"))
        return name

    def state(self, position: Sequence[float], record: Record) -> dict[str, Any]:
        """Return the part of the state about the Jacobian; {} if v has no sliders."""
        if self._session.v_control is None or not record.complete:
            return {}
        moving = self._session.moving()
        choice = {"inputs": [c.name for c in moving] if len(moving) > 1 else [], "input": self.input}
        return {"jacobian": {**choice, **self._columns(position, record, moving)}}

    def _columns(self, position: Sequence[float], record: Record, moving: list[Control]) -> dict[str, Any]:
        """The columns of one input or of all, or a note why there are none."""
        names = [(c.name, label) for c in moving for label in c.labels]
        shown = [j for j, (name, _) in enumerate(names) if self.input in ("", name)]
        output = cast(torch.Tensor, record.output)
        shape = tuple(output.shape)
        if not shown or max(output.numel(), len(shown)) > _MOST:
            fields = {"rows": output.numel(), "columns": len(shown), "most": _MOST}
            return {"note": message("explore.jacobian_large", **fields)}
        rows, reason = self._rows(position, shape, moving)
        if reason:
            return {"note": message("explore.jacobian_failed", reason=reason)}
        row_names = [_element_name(brief(self._output_name), shape, i) for i in range(len(rows))]
        v = torch.as_tensor(self._session.gradient(position), dtype=torch.float64).flatten().tolist()
        rows, grads = [[row[j] for j in shown] for row in rows], _gradients(record, moving)
        starts = [k for k, j in enumerate(shown) if k and names[j][0] != names[shown[k] - 1][0]]
        labels = [names[j][1] for j in shown]
        return {**jacobian_table(rows, row_names, labels, v, [grads[j] for j in shown]), "starts": starts}

    def _rows(
        self, position: Sequence[float], shape: tuple[int, ...], moving: list[Control]
    ) -> tuple[list[list[float]], str | None]:
        """(rows, None), or ([], the reason why there are none)."""
        session = self._session
        key = [numbers for c, numbers in session.split(position) if not c.is_v], list(session.cuts), shape
        if self._computed_for != key:
            self._computed_for, self._computed = key, self._new_rows(position, shape, moving)
        return self._computed

    def _new_rows(
        self, position: Sequence[float], shape: tuple[int, ...], moving: list[Control]
    ) -> tuple[list[list[float]], str | None]:
        session, rows, end = self._session, [], time.monotonic() + _MOST_SECONDS
        for i in range(math.prod(shape)):
            one = torch.zeros(shape)
            one.view(-1)[i] = 1.0
            seconds = max(1e-3, min(end - time.monotonic(), session.max_seconds or _MOST_SECONDS))
            options = {**session.record_options, **session.cut_option(), "gradient": one, "max_seconds": seconds}
            result = session.run(position, options)
            if result.record is None or not result.record.complete:
                return [], result.problem.text if result.problem else "?"
            rows.append(_gradients(result.record, moving))
        return rows, None


def jacobian_text(state: protocol.State) -> list[str]:
    """Return the lines of the text table: J with v on its left, and v^T J below it."""
    shown: Any = state.get("jacobian")
    if not shown or not state.get("fresh"):
        return []
    if "note" in shown:
        return [shown["note"]]
    rows = zip(shown["weights"], shown["rows"], shown["cells"], strict=True)
    table = [["", "", *shown["columns"]], *([v, name, *cells] for v, name, cells in rows)]
    return ["", message("explore.jacobian"), *columns([*table, ["", "v^T J", *shown["sum"]]]), _verdict(shown)]


def jacobian_table(
    rows: list[list[float]], names: list[str], labels: list[str], v: list[float], grads: list[float]
) -> dict[str, Any]:
    """Return the Jacobian as plain data for the page.

    Args:
        rows: J, a list for each row.
        names: of the rows: elements of the output.
        labels: of the columns: elements of the inputs.
        v: one number for each row.
        grads: one number for each column: the gradients of backward(v).

    Returns:
        dict. rows, columns, cells, weights, sum, grads: text. parts: the cells divided by the largest magnitude, -1 to
        1; None for nan and infinity. lights: |v_i| divided by the largest. same: whether v^T J equals the gradients.
    """
    largest = max((abs(x) for row in rows for x in row if math.isfinite(x)), default=0.0) or 1.0
    heaviest = max((abs(x) for x in v if math.isfinite(x)), default=0.0) or 1.0
    total = [math.fsum(a * row[j] for a, row in zip(v, rows, strict=True)) for j in range(len(labels))]
    scale = [math.fsum(abs(a * row[j]) for a, row in zip(v, rows, strict=True)) for j in range(len(labels))]
    near = zip(total, grads, scale, strict=True)
    return {
        "rows": names,
        "columns": labels,
        "cells": [[number(x) for x in row] for row in rows],
        "parts": [[round(x / largest, 3) if math.isfinite(x) else None for x in row] for row in rows],
        "weights": [number(x) for x in v],
        "lights": [round(abs(x) / heaviest, 3) for x in v],
        "sum": [number(float(f"{x:.7g}")) for x in total],
        "grads": [number(x) for x in grads],
        "same": all(a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= 1e-5 * s for a, b, s in near),
    }


def jacobian_labels() -> dict[str, str]:
    """Return the words of the page about the Jacobian."""
    return {name: message(f"explore.{name}") for name in _WORDS}


def _verdict(shown: Any) -> str:
    return message("explore.jacobian_same" if shown["same"] else "explore.jacobian_other")


def _gradients(record: Record, moving: list[Control]) -> list[float]:
    """The gradients of all elements of these inputs in a row; 0 if no gradient arrived."""
    grads = [record.grads.get(c.name) for c in moving]
    return [
        x
        for c, grad in zip(moving, grads, strict=True)
        for x in (grad.flatten().tolist() if grad is not None else [0.0] * len(c.start))
    ]


def _element_name(name: str, shape: tuple[int, ...], i: int) -> str:
    """The name of an element of the output: "y[0, 1]"; "y" for a scalar."""
    index = torch.unravel_index(torch.tensor(i), shape) if shape else ()
    return f"{name}[{', '.join(str(int(k)) for k in index)}]" if shape else name


def with_jacobian(picture: str, state: protocol.State) -> str:
    """Return an SVG picture with the Jacobian of a state below it, if it has one.

    Args:
        picture: SVG text made by `painting`.
        state: of the position that is shown.
    """
    shown: Any = state.get("jacobian")
    if not shown or not state.get("fresh"):
        return picture
    return below(picture, *(_sentence(shown["note"]) if "note" in shown else _table(shown)))


def _sentence(text: str) -> tuple[str, float, float]:
    lines = wrap(text, 84)
    height = 20 * len(lines) + 20
    return svg.card(720, height) + "".join(_text(_SIDE, 25 + 20 * i, line) for i, line in enumerate(lines)), 720, height


def _table(shown: Any) -> tuple[str, float, float]:
    """(SVG elements, width, height)."""
    columns = [shown["weights"], shown["rows"], *zip(*shown["cells"], strict=True)]
    heads = [message("explore.jacobian_weights"), "", *shown["columns"]]
    last = ["", "vᵀJ", *shown["sum"]]
    longest = [max(map(_length, [head, *cells, end])) for head, cells, end in zip(heads, columns, last, strict=True)]
    widths = [_CHARACTER * length + _PADDING for length in longest]
    rights = [_SIDE + sum(widths[: j + 1]) for j in range(len(widths))]
    lines = [heads, *zip(*columns, strict=True), last]
    parts = [_background(shown, rights, widths), _text(_SIDE, 26, message("explore.jacobian"), theme.MUTED)]
    for i, line in enumerate(lines):
        for j, text in enumerate(line):
            is_sum, is_head = i == len(lines) - 1, i == 0 or j == 1
            colour = theme.GRADIENT if is_sum or (j == 0 and i) else theme.MUTED if is_head else theme.TEXT
            parts.append(_text(rights[j] - 8, _TOP + _ROW * i + 17, text, colour, "end", bold=is_sum))
    verdict = message("explore.jacobian_same" if shown["same"] else "explore.jacobian_other")
    height = _TOP + _ROW * len(lines) + 34
    parts.append(_text(_SIDE, height - 14, verdict, theme.MUTED))
    width = max(
        rights[-1] + _SIDE, 8 * _length(verdict) + 2 * _SIDE, 8 * _length(message("explore.jacobian")) + 2 * _SIDE
    )
    return svg.card(width, height) + "".join(parts), width, height


def _background(shown: Any, rights: list[float], widths: list[float]) -> str:
    """A rectangle for each cell: the larger the element, the darker; the colour shows the sign."""
    cells = []
    for i, row in enumerate(shown["parts"], 1):
        for j, part in enumerate(row, 2):
            if not part:
                continue
            x, y = rights[j] - widths[j] + 4, _TOP + _ROW * i + 1
            colour = theme.VALUE if part > 0 else theme.GRADIENT
            size, opacity = {"width": widths[j] - 4, "height": _ROW - 2, "rx": 3}, f"{abs(part) * _DARKEST:.2f}"
            cells.append(svg.element("rect", x=x, y=y, **size, fill=colour, fill_opacity=opacity))
    return "".join(cells)


def _text(x: float, y: float, text: str, colour: str = theme.TEXT, anchor: str = "start", bold: bool = False) -> str:
    return svg.text(x, y, text, theme.TEXT_SIZE, anchor, colour, ' font-weight="650"' if bold else "")


def _length(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def control_of_v(
    f: Callable[..., Any],
    controls: Sequence[Control],
    by_position: Collection[str],
    gradient: str | dict[str, Any],
    record_options: dict[str, Any],
) -> Control:
    """Return the Control that holds v.

    Args:
        f: the function.
        controls: of its arguments.
        by_position: names of the arguments that f receives by position.
        gradient: the name of v, whose elements all start at 1; or {name: (nested) list of start values}.
        record_options: max_ops and max_seconds of the run that finds the shape of the output.

    Raises:
        ValueError: an argument has the same name, the list is empty or too long, or f fails at the start position.
        TypeError: gradient is not one name, or its start value is not a list of numbers.
    """
    name, start = _name_and_start(gradient)
    if any(c.name == name for c in controls):
        raise ValueError(message("explore.v_name", name=name))
    start = _ones(f, controls, by_position, name, record_options) if start is None else start
    v = control(name, start)
    low, high, step = v_range(v.start)
    return replace(v, low=low, high=high, step=step, is_v=True)


def _name_and_start(gradient: str | dict[str, Any]) -> tuple[str, Any]:
    if isinstance(gradient, str):
        return gradient, None
    (name, start), *more = list(gradient.items()) or [(None, None)]
    if more or not isinstance(name, str) or not isinstance(start, list | int | float) or isinstance(start, bool):
        raise TypeError(message("explore.v_form", received=abridged(gradient)))
    return name, start


def _ones(
    f: Callable[..., Any],
    controls: Sequence[Control],
    by_position: Collection[str],
    name: str,
    record_options: dict[str, Any],
) -> Any:
    """1 for every element of the output of f at the start position, as a number or nested list."""
    inputs = {c.name: c.value(list(c.start)) for c in controls}
    args = [inputs.pop(c.name) for c in controls if c.name in by_position]
    values, modules = [*args, *inputs.values()], referenced_modules(f, args)
    try:
        restored = restore_tensors([tensor for value in values for _, tensor in tensors_in(value)])
        with captured(), repeat_random_state(), restore_buffers(modules), restore_containers(values), restored:
            record = recorded(f, args, inputs, record_options)
    except VectorOutputError as error:
        record = error.record
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        raise ValueError(message("explore.v_unknown", name=name, reason=reason)) from error
    output: Any = cast(Record, record).output
    return output.new_ones(output.shape).tolist()
