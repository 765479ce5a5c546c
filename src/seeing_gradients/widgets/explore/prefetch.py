"""Run f at positions to which a slider may move next, so that the page can show the picture in its very next frame.

The page names positions near the current one. `Prefetch.answer` runs f there, forward and backward, for some
milliseconds at a time. When a slider stops, f runs there again as usual, and `Prefetch.agrees` compares the results.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from seeing_gradients.recorder import referenced_tensors, referenced_values, tensors_in
from seeing_gradients.runtime import thread_time

from .protocol import AheadEntry, CheckCell, Scene, State

_BUDGET = 0.02  # seconds until an answer is sent; a move of a slider waits no longer
# A run of f is slow by its processor time, or by the clock if it waits for something (seconds). On a busy machine the
# clock alone would blame f for other programs. A share of the runs may be slow.
_SLOW, _SLOW_WAIT, _SLOW_SHARE = 0.08, 0.25, 0.4
_MOST_NODES = 600  # of a larger graph, the numbers of all positions would fill the memory of the page
_MOST_REMEMBERED = 4096
_MOST_COMPARED = 1 << 14  # elements; of a larger tensor outside f only the version is compared
_STRIKES = 3  # after so many runs that were slow or not repeatable, prefetching stops

Prefetched: TypeAlias = tuple[State, list[CheckCell] | None, Scene]


class Prefetch:
    """Runs of f at positions where the sliders are not yet.

    They need an f that gives the same numbers at the same position. Prefetching stops for an f that prints, changes
    anything outside itself, is slow or large, or gives other numbers when it runs again.

    Args:
        run_ahead: position, whether the state has the sentences of the steps -> (state, cells of the check or None,
            scene), or None if there is nothing to show before f has run there as usual.
        surroundings: returns everything outside f that it may change, in a form that can be compared.
    """

    def __init__(
        self, run_ahead: Callable[[list[float], bool], Prefetched | None], surroundings: Callable[[], Any]
    ) -> None:
        self._run_ahead, self._surroundings = run_ahead, surroundings
        self._seen: OrderedDict[tuple[float, ...], int] = OrderedDict()  # position -> hash of the state shown there
        self._strikes, self._runs, self._slow = 0, 0, 0
        self._alters: bool | None = None

    def answer(self, positions: Sequence[list[float]], scenes: Sequence[int], captioned: bool) -> dict[str, Any]:
        """Run f at as many of the positions as the time allows.

        Args:
            positions: the nearest first.
            scenes: keys of the scenes that the page has.
            captioned: whether the states have the sentences of the steps.

        Returns:
            dict. entries: one for each position that was tried, with the state None if the page should not ask again.
            scenes: those that the page lacks. off: whether prefetching has stopped for good.
        """
        entries: list[AheadEntry] = []
        lacking: dict[int, Scene] = {}
        began = time.perf_counter()
        for position in positions:
            if self._is_off() or (entries and time.perf_counter() - began > _BUDGET):
                break
            started, worked = time.perf_counter(), thread_time()
            prefetched = self._prefetched(position, captioned)
            state, cells, scene = prefetched or (None, None, None)
            self._runs += 1
            self._slow += thread_time() - worked > _SLOW or time.perf_counter() - started > _SLOW_WAIT
            entries.append({"position": position, "state": state, "cells": cells})
            if scene is not None and scene["key"] not in scenes:
                lacking[scene["key"]] = scene
        return {"ahead": {"entries": entries, "scenes": list(lacking.values()), "off": self._is_off()}}

    def agrees(self, position: Sequence[float], state: State) -> bool:
        """Return whether f gave the same state here as ahead, if it ran here ahead.

        If not, forget all prefetched runs.
        """
        before = self._seen.get(tuple(position))
        if before is None or before == _digest(state):
            return True
        self._seen.clear()
        self._strikes += 1
        return False

    def _is_off(self) -> bool:
        is_slow = self._slow >= max(_STRIKES, _SLOW_SHARE * self._runs)
        return self._strikes >= _STRIKES or is_slow or bool(self._alters)

    def _prefetched(self, position: list[float], captioned: bool) -> Prefetched | None:
        before = self._surroundings() if self._alters is None else None
        prefetched = self._run_ahead(position, captioned)
        if before is not None:
            self._alters = before != self._surroundings()
        if prefetched is None or self._alters or len(prefetched[0].get("values", ())) > _MOST_NODES:
            return None
        self._seen[tuple(position)] = _digest(prefetched[0])
        while len(self._seen) > _MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return prefetched


def _digest(state: State) -> int:
    lists = tuple(tuple(state.get(name, ())) for name in ("gradients", "values", "grads", "flows"))
    return hash((state.get("scene"), state.get("output"), bool(state["problem"]), lists))


def surroundings(f: Callable[..., Any], fixed: Sequence[Any]) -> Any:
    """Return everything that f may change: tensors that it names and their .grad, lengths of containers, identities.

    Args:
        f: the function or nn.Module.
        fixed: what it receives as fixed arguments.
    """
    received = [tensor for value in fixed for _, tensor in tensors_in(value)]
    tensors = [*received, *(tensor for _, tensor in referenced_tensors(f))]
    held = [(id(tensor), _content(tensor), _collected(tensor)) for tensor in tensors if not tensor.is_inference()]
    named = [*referenced_values(f).values(), *fixed]
    return held, [(id(value), len(value) if isinstance(value, (list, dict, set)) else 0) for value in named]


def _content(tensor: Tensor) -> str | int:
    """A text of the numbers of a small tensor, which a run may write to and restore; the version of any other."""
    is_plain = tensor.layout == torch.strided and not (tensor.is_nested or tensor.is_quantized or tensor.is_meta)
    return repr(tensor.tolist()) if is_plain and tensor.numel() <= _MOST_COMPARED else tensor._version


def _collected(tensor: Tensor) -> tuple[int, int] | None:
    grad = tensor.grad if tensor.is_leaf else None
    return None if grad is None else (id(grad), grad._version)
