"""Run f where the sliders may be moved to next, so that the page can show that picture in its very next frame.

The page names positions near the one it shows; `Ahead.answer` really runs f there, forward and backward, for some
milliseconds at a time. Where a slider then stops, f is run once more, as ever; `Ahead.agrees` compares the two.
"""

import time
from collections import OrderedDict

import torch

from seeing_gradients.recorder import outer_names, outside

_BUDGET = 0.02  # seconds after which an answer is sent: a move of a slider waits no longer
# A run of f is slow by its processor time, or by the clock where it waits for something: on a busy machine, the clock
# alone would blame f for what the others did (seconds). A share of slow runs is let pass.
_SLOW, _SLOW_WAIT, _SLOW_SHARE = 0.04, 0.09, 0.4
_MOST_NODES = 120  # beyond, the numbers of all positions would fill the page's memory
_MOST_KEPT = 4096
_MOST_COMPARED = 1 << 14  # elements of a tensor outside f whose numbers are compared
_STRIKES = 3  # runs too slow, or not to be trusted, after which f is left alone


class Ahead:
    """What was run ahead of the learner.

    Only for f that gives the same numbers at the same position: f that prints, alters what is outside it, is slow or
    large, or gave something else when it was run again, is left alone.

    Args:
        foresee: function from a position to (state, rows of the check or None, scene), or None where there is nothing
            to show before f runs there in earnest.
        surroundings: function that returns what f might alter besides its result, in a form that can be compared.
    """

    def __init__(self, foresee, surroundings):
        self._foresee, self._surroundings = foresee, surroundings
        self._seen = OrderedDict()  # position -> what was shown there, as a number
        self._strikes, self._runs, self._slow, self._alters = 0, 0, 0, None

    def answer(self, positions, scenes):
        """Run f at as many of the positions as there is time for.

        Args:
            positions: list of list of float, the nearest first.
            scenes: list of int, the keys of the scenes that the page has.

        Returns:
            dict: entries, one for each position that was tried, with the state None where it is not to be asked again;
            scenes that the page lacks; off, whether f is left alone for good.
        """
        entries, lacking, began = [], {}, time.perf_counter()
        for at in positions:
            if self._is_off() or (entries and time.perf_counter() - began > _BUDGET):
                break
            started, worked = time.perf_counter(), time.thread_time()
            state, rows, scene = self._foreseen(at)
            self._runs += 1
            self._slow += time.thread_time() - worked > _SLOW or time.perf_counter() - started > _SLOW_WAIT
            entries.append({"at": at, "state": state, "rows": rows})
            if scene is not None and scene["key"] not in scenes:
                lacking[scene["key"]] = scene
        return {"ahead": {"entries": entries, "scenes": list(lacking.values()), "off": self._is_off()}}

    def agrees(self, at, state):
        """Whether f gave here what was shown ahead, if anything was; if not, all of it is forgotten."""
        before = self._seen.get(tuple(at))
        if before is None or before == _digest(state):
            return True
        self._seen.clear()
        self._strikes += 1
        return False

    def _is_off(self):
        is_slow = self._slow >= max(_STRIKES, _SLOW_SHARE * self._runs)
        return self._strikes >= _STRIKES or is_slow or bool(self._alters)

    def _foreseen(self, at):
        before = self._surroundings() if self._alters is None else None
        found = self._foresee(at)
        if before is not None:
            self._alters = before != self._surroundings()
        if found is None or self._alters or len(found[0]["values"]) > _MOST_NODES:
            return None, None, None
        self._seen[tuple(at)] = _digest(found[0])
        while len(self._seen) > _MOST_KEPT:
            self._seen.popitem(last=False)
        return found


def _digest(state):
    lists = tuple(tuple(state.get(name, ())) for name in ("rows", "values", "grads", "flows"))
    return hash((state.get("scene"), state.get("output"), bool(state["problem"]), lists))


def surroundings(f, fixed):
    """What f could alter: the tensors that it names and what is collected in their .grad, the lengths of containers and the
    identities of all that it names.

    Args:
        f: the function or nn.Module.
        fixed: list of the tensors that it is given.
    """
    tensors = [*fixed, *(tensor for _, tensor in outer_names(f))]
    held = [(id(tensor), _content(tensor), _collected(tensor)) for tensor in tensors if not tensor.is_inference()]
    named = outside(f).values()
    return held, [(id(value), len(value) if isinstance(value, (list, dict, set)) else 0) for value in named]


def _content(tensor):
    """The numbers of a small tensor, since what a run writes may be put back; the version of any other."""
    is_plain = tensor.layout == torch.strided and not (tensor.is_nested or tensor.is_quantized or tensor.is_meta)
    return repr(tensor.tolist()) if is_plain and tensor.numel() <= _MOST_COMPARED else tensor._version


def _collected(tensor):
    grad = tensor.grad if tensor.is_leaf else None
    return None if grad is None else (id(grad), grad._version)
