"""The Jacobian of a vector output beside the graph: its rows, one backward each, weighed by v and added up to v^T J.

`weights` puts v on sliders, `Jacobians` is the part of Explorer that shows the table, `with_jacobian` the static picture.
"""

import math
import time
from dataclasses import replace

import torch
import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture import theme
from seeing_gradients.picture.layout import brief, number
from seeing_gradients.picture.svg import below, columns, escape, wrap
from seeing_gradients.recorder import VectorOutputError, referenced_modules
from seeing_gradients.runtime import restore_buffers, restore_random_state, restore_tensors

from .calling import recorded
from .controls import control
from .session import run, undisturbed

_MOST = 16  # rows, and columns, that are shown
_MOST_SECONDS = 1.0  # for all rows together
_WORDS = (
    "jacobian", "jacobian_weights", "jacobian_sum", "jacobian_gradient", "jacobian_same", "jacobian_other",
    "jacobian_of", "jacobian_all",
)  # fmt: skip
_SIDE, _TOP, _ROW = 16, 48, 26  # px
_CHARACTER, _PADDING = 7.6, 20  # px of a column
_DARKEST = 0.45  # opacity of the largest element's background


class Jacobians(traitlets.HasTraits):
    """The part of Explorer that shows a Jacobian; f is run anew for it only where something else than v moved.

    `jacobian_of` comes from the page: the name of the input whose columns are shown, "" for all.
    """

    jacobian_of = traitlets.Unicode("").tag(sync=True, echo_update=False)

    @traitlets.validate("jacobian_of")
    def _known_input(self, proposal):
        known = [c.name for c in self._moving()]
        if proposal["value"] and proposal["value"] not in known:
            fields = {"name": proposal["value"], "allowed": ", ".join(known) or "-"}
            raise ValueError(message("explore.unknown", **fields))
        return proposal["value"]

    @traitlets.observe("jacobian_of")
    def _other_columns(self, change):
        """Show other columns of what is known; f is not run."""
        if self.record is None or not self.state.get("fresh"):
            return
        with self._busy:
            if self._ahead:
                self.send({"ahead": {"forget": True}})  # those positions have other columns
            self.state = {**self.state, **self._jacobian(self.sliders, self.record)}

    def _set_up_jacobian(self, weights, name):
        self._weights, self._output_name = weights, name
        self._rows_at = self._rows = None

    def _gradient_at(self, sliders):
        """What backward begins with where the sliders stand so."""
        if self._weights is None:
            return self._limits["gradient"]
        return next(c.value(numbers) for c, numbers in self._parts(sliders) if c.weighs)

    def _jacobian(self, sliders, record):
        """The part of the state that tells of the Jacobian; nothing where v has no sliders."""
        if self._weights is None or not record.complete:
            return {}
        moving, of = self._moving(), self.jacobian_of
        offered = {"inputs": [c.name for c in moving] if len(moving) > 1 else [], "of": of}
        return {"jacobian": {**offered, **self._columns(sliders, record, moving, of)}}

    def _columns(self, sliders, record, moving, of):
        """The columns of one input or all, or a note why there are none."""
        shown = [(c.name, label) for c in moving for label in c.labels]
        places = [j for j, (name, _) in enumerate(shown) if of in ("", name)]
        shape = tuple(record.output.shape)
        if not places or max(record.output.numel(), len(places)) > _MOST:
            fields = {"rows": record.output.numel(), "columns": len(places), "most": _MOST}
            return {"note": message("explore.jacobian_large", **fields)}
        rows, reason = self._rows_of(sliders, shape, moving)
        if reason:
            return {"note": message("explore.jacobian_failed", reason=reason)}
        names = [_place(brief(self._output_name), shape, i) for i in range(len(rows))]
        v = torch.as_tensor(self._gradient_at(sliders), dtype=torch.float64).flatten().tolist()
        rows, grads = [[row[j] for j in places] for row in rows], _flat(record, moving)
        starts = [k for k, j in enumerate(places) if k and shown[j][0] != shown[j - 1][0]]
        labels = [shown[j][1] for j in places]
        return {**told(rows, names, labels, v, [grads[j] for j in places]), "starts": starts}

    def _moving(self):
        """The inputs whose gradients make up J."""
        return [c for c in self._controls if c.kind in ("number", "vector") and not c.weighs]

    def _rows_of(self, sliders, shape, moving):
        """(list of rows of floats, None), or (None, why there are none)."""
        at = [numbers for c, numbers in self._parts(sliders) if not c.weighs], list(self.cuts), shape
        if self._rows_at != at:
            self._rows_at, self._rows = at, self._new_rows(sliders, shape, moving)
        return self._rows

    def _new_rows(self, sliders, shape, moving):
        args, kwargs = self._split(self._inputs(sliders))
        rows, end = [], time.monotonic() + _MOST_SECONDS
        for i in range(math.prod(shape)):
            one = torch.zeros(shape)
            one.view(-1)[i] = 1.0
            seconds = max(1e-3, min(end - time.monotonic(), self._limits["max_seconds"] or _MOST_SECONDS))
            limits = {**self._limits, **self._cut_places(), "gradient": one, "max_seconds": seconds}
            done = run(self._f, args, kwargs, self._random, limits)
            if done.record is None or not done.record.complete:
                return None, done.problem.text
            rows.append(_flat(done.record, moving))
        return rows, None

    def _jacobian_text(self):
        """Lines of the text table: J with v before its rows, and below it v^T J."""
        shown = self.state.get("jacobian")
        if not shown or not self.state.get("fresh"):
            return []
        if "note" in shown:
            return [shown["note"]]
        rows = zip(shown["weights"], shown["rows"], shown["cells"], strict=True)
        table = [["", "", *shown["columns"]], *([v, name, *cells] for v, name, cells in rows)]
        return ["", message("explore.jacobian"), *columns([*table, ["", "v^T J", *shown["sum"]]]), _verdict(shown)]


def told(rows, names, labels, v, grads):
    """The Jacobian as plain data for the page.

    Args:
        rows: list of list of float, J.
        names: list of str, of the rows: elements of the output.
        labels: list of str, of the columns: elements of the inputs.
        v: list of float, one a row.
        grads: list of float, one a column: what backward(v) gave.

    Returns:
        dict: rows, columns, cells, weights, sum, grads, all text; parts, the cells as parts of the largest, -1 to 1, None
        for nan and infinity; lights, the |v_i| as parts of the largest; same, whether v^T J is what backward gave.
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


def jacobian_words():
    """The labels of the page."""
    return {name: message(f"explore.{name}") for name in _WORDS}


def _verdict(shown):
    return message("explore.jacobian_same" if shown["same"] else "explore.jacobian_other")


def _flat(record, moving):
    """The gradients of all elements of these inputs, one after the other; 0 where no gradient arrived."""
    found = [record.grads.get(c.name) for c in moving]
    return [
        x
        for c, grad in zip(moving, found, strict=True)
        for x in (grad.flatten().tolist() if grad is not None else [0.0] * len(c.start))
    ]


def _place(name, shape, i):
    """The element number i of the output: "y[0, 1]"; "y" for a scalar."""
    index = torch.unravel_index(torch.tensor(i), shape) if shape else ()
    return f"{name}[{', '.join(str(int(k)) for k in index)}]" if shape else name


def with_jacobian(picture, state):
    """Return an SVG with the Jacobian of a state below it, where the state has one.

    Args:
        picture: SVG text of ours.
        state: dict, the trait of that name.
    """
    shown = state.get("jacobian")
    if not shown or not state.get("fresh"):
        return picture
    return below(picture, *(_sentence(shown["note"]) if "note" in shown else _table(shown)))


def _sentence(text):
    lines = wrap(text, 84)
    height = 20 * len(lines) + 20
    return _card(720, height) + "".join(_text(_SIDE, 25 + 20 * i, line) for i, line in enumerate(lines)), 720, height


def _table(shown):
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
    return _card(width, height) + "".join(parts), width, height


def _background(shown, rights, widths):
    """One rectangle a cell, as dark as the element is large, orange-striped hues apart from the printed sign."""
    found = []
    for i, row in enumerate(shown["parts"], 1):
        for j, part in enumerate(row, 2):
            if not part:
                continue
            x, y = rights[j] - widths[j] + 4, _TOP + _ROW * i + 1
            colour = theme.VALUE if part > 0 else theme.GRADIENT
            size = f'width="{widths[j] - 4:g}" height="{_ROW - 2}" rx="3"'
            found.append(
                f'<rect x="{x:g}" y="{y:g}" {size} fill="{colour}" fill-opacity="{abs(part) * _DARKEST:.2f}"/>'
            )
    return "".join(found)


def _card(width, height):
    return f'<rect x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="{theme.CARD_RADIUS}" fill="{theme.CARD}" stroke="{theme.BORDER}"/>'


def _text(x, y, text, colour=theme.TEXT, anchor="start", bold=False):
    weight = ' font-weight="650"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{theme.TEXT_SIZE}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'


def _length(text):
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def weights(f, given, by_position, gradient, limits):
    """Return the Control that holds v.

    Args:
        f: the function.
        given: list of Control, of its arguments.
        by_position: container of the names that f receives by position.
        gradient: str, its name, all of it 1 at first; or dict from the name to a (nested) list, where it starts.
        limits: dict of max_ops and max_seconds, for the run that tells the output's shape.

    Raises:
        ValueError: the name is that of an argument, the list is empty or too long, f fails where it starts.
        TypeError: it is not one name, or what it starts at is no list of numbers.
    """
    name, start = _parts(gradient)
    if any(c.name == name for c in given):
        raise ValueError(message("explore.weights_name", name=name))
    start = _ones(f, given, by_position, name, limits) if start is None else start
    return replace(control(name, start), weighs=True)


def _parts(gradient):
    if isinstance(gradient, str):
        return gradient, None
    (name, start), *more = list(gradient.items()) or [(None, None)]
    if more or not isinstance(name, str) or not isinstance(start, list | int | float) or isinstance(start, bool):
        raise TypeError(message("explore.weights_form", received=repr(gradient)[:80]))
    return name, start


def _ones(f, given, by_position, name, limits):
    """1 for every element of what f gives where the sliders start, as a number or nested list."""
    inputs = {c.name: c.value(list(c.start)) for c in given}
    args = [inputs.pop(c.name) for c in given if c.name in by_position]
    try:
        modules = referenced_modules(f, args)
        with (
            undisturbed(),
            restore_random_state(),
            restore_buffers(modules),
            restore_tensors([*args, *inputs.values()]),
        ):
            output = recorded(f, args, inputs, limits).output
    except VectorOutputError as error:
        output = error.record.output
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        raise ValueError(message("explore.weights_unknown", name=name, reason=reason)) from error
    return output.new_ones(output.shape).tolist()
