"""The Jacobian of a vector output beside the graph: its rows, one backward each, weighed by v and added up to v^T J.

`Jacobians` is the part of Explorer that shows it where v is on sliders (`gradient="v"`): over all inputs side by side, or
over one of them.
"""

import math
import time

import torch
import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture.layout import brief, number
from seeing_gradients.picture.svg import columns

from .run import run

_MOST = 16  # rows, and columns, that are shown
_MOST_SECONDS = 1.0  # for all rows together
_WORDS = (
    "jacobian", "jacobian_weights", "jacobian_sum", "jacobian_gradient", "jacobian_same", "jacobian_other",
    "jacobian_of", "jacobian_all",
)  # fmt: skip


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
            done = run(self._f, args, kwargs, self._dice, limits)
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
