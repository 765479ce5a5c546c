"""Run f where the sliders may be moved to next, so that the page can show that picture in its very next frame.

The page names positions near the one it shows; `Prefetch.answer` really runs f there, forward and backward, for some
milliseconds at a time. Where a slider then stops, f is run once more, as ever; `Prefetch.agrees` compares the two.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from seeing_gradients.recorder import referenced_tensors, referenced_values

from .protocol import AheadEntry, CheckCell, Scene, State

_BUDGET = 0.02  # seconds after which an answer is sent: a move of a slider waits no longer
# A run of f is slow by its processor time, or by the clock where it waits for something: on a busy machine, the clock
# alone would blame f for what the others did (seconds). A share of slow runs is let pass.
_SLOW, _SLOW_WAIT, _SLOW_SHARE = 0.04, 0.09, 0.4
_MOST_NODES = 120  # beyond, the numbers of all positions would fill the page's memory
_MOST_REMEMBERED = 4096
_MOST_COMPARED = 1 << 14  # elements of a tensor outside f whose numbers are compared
_STRIKES = 3  # runs too slow, or not to be trusted, after which f is left alone

Prefetched: TypeAlias = tuple[State, list[CheckCell] | None, Scene]


class Prefetch:
    """What was run ahead of the learner.

    Only for f that gives the same numbers at the same position: f that prints, alters what is outside it, is slow or
    large, or gave something else when it was run again, is left alone.

    Args:
        run_ahead: position -> (state, cells of the check or None, scene), or None where there is nothing to show before
            f runs there in earnest.
        surroundings: returns what f might alter besides its result, in a form that can be compared.
    """

    def __init__(self, run_ahead: Callable[[list[float]], Prefetched | None], surroundings: Callable[[], Any]) -> None:
        self._run_ahead, self._surroundings = run_ahead, surroundings
        self._seen: OrderedDict[tuple[float, ...], int] = OrderedDict()  # position -> what was shown there, as a number
        self._strikes, self._runs, self._slow = 0, 0, 0
        self._alters: bool | None = None

    def answer(self, positions: Sequence[list[float]], scenes: Sequence[int]) -> dict[str, Any]:
        """Run f at as many of the positions as there is time for.

        Args:
            positions: the nearest first.
            scenes: keys of the scenes that the page has.

        Returns:
            dict: entries, one for each position that was tried, with the state None where it is not to be asked again;
            scenes that the page lacks; off, whether f is left alone for good.
        """
        entries: list[AheadEntry] = []
        lacking: dict[int, Scene] = {}
        began = time.perf_counter()
        for position in positions:
            if self._is_off() or (entries and time.perf_counter() - began > _BUDGET):
                break
            started, worked = time.perf_counter(), time.thread_time()
            prefetched = self._prefetched(position)
            state, cells, scene = prefetched or (None, None, None)
            self._runs += 1
            self._slow += time.thread_time() - worked > _SLOW or time.perf_counter() - started > _SLOW_WAIT
            entries.append({"position": position, "state": state, "cells": cells})
            if scene is not None and scene["key"] not in scenes:
                lacking[scene["key"]] = scene
        return {"ahead": {"entries": entries, "scenes": list(lacking.values()), "off": self._is_off()}}

    def agrees(self, position: Sequence[float], state: State) -> bool:
        """Return whether f gave here what was shown ahead, if anything was; if not, all of it is forgotten."""
        before = self._seen.get(tuple(position))
        if before is None or before == _digest(state):
            return True
        self._seen.clear()
        self._strikes += 1
        return False

    def _is_off(self) -> bool:
        is_slow = self._slow >= max(_STRIKES, _SLOW_SHARE * self._runs)
        return self._strikes >= _STRIKES or is_slow or bool(self._alters)

    def _prefetched(self, position: list[float]) -> Prefetched | None:
        before = self._surroundings() if self._alters is None else None
        prefetched = self._run_ahead(position)
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


def surroundings(f: Callable[..., Any], fixed: Iterable[Tensor]) -> Any:
    """Return what f could alter: the tensors that it names and what is collected in their .grad, the lengths of containers
    and the identities of all that it names.

    Args:
        f: the function or nn.Module.
        fixed: tensors that it receives.
    """
    tensors = [*fixed, *(tensor for _, tensor in referenced_tensors(f))]
    held = [(id(tensor), _content(tensor), _collected(tensor)) for tensor in tensors if not tensor.is_inference()]
    named = referenced_values(f).values()
    return held, [(id(value), len(value) if isinstance(value, (list, dict, set)) else 0) for value in named]


def _content(tensor: Tensor) -> str | int:
    """The numbers of a small tensor, since what a run writes may be restored; the version of any other."""
    is_plain = tensor.layout == torch.strided and not (tensor.is_nested or tensor.is_quantized or tensor.is_meta)
    return repr(tensor.tolist()) if is_plain and tensor.numel() <= _MOST_COMPARED else tensor._version


def _collected(tensor: Tensor) -> tuple[int, int] | None:
    grad = tensor.grad if tensor.is_leaf else None
    return None if grad is None else (id(grad), grad._version)
