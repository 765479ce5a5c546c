"""Runs one answer on inputs that come in, and says what came of each run.

`serve(socket)` is all that ever calls code that nobody trusts; whatever it says is checked on the other side.
"""

import builtins
import importlib
import linecache
import sys
from functools import partial

import torch

from seeing_gradients.course.exercises import execution
from seeing_gradients.course.exercises.execution import has_statements, is_stub, restored_session, restored_settings

from . import helpers
from .border import BorderError, pack, receive, send, unpack

_FILE = "<answer>"
_SAID = 2000  # characters


def warm_up():
    """Load and run once all that an answer may need, so that no fork has to."""
    torch.set_num_threads(1)
    sys.modules["helpers"] = helpers
    for name in ("runs", "rules"):
        importlib.import_module(f"seeing_gradients.course.exercises.harness.{name}")
    made = {}
    _loaded({"prelude": _REHEARSED, "source": "", "expression": "rehearsed", "seconds": 60.0}, made)
    x = torch.ones(2, requires_grad=True)
    if error := _attempt(made["answer"], (x,), 60.0, restored_session).error:
        raise error


_REHEARSED = """
import math
import warnings
import torch
from helpers import language, numerical_grad, record

def rehearsed(x):
    y = (x * x).sum()
    y.backward(retain_graph=True)
    x.grad = None
    torch.autograd.grad(y, x, create_graph=True)
    (x * x).backward(torch.ones_like(x))
    x.grad = None
    numerical_grad(lambda x: (x * x).sum(), x.detach())
    return record(lambda x: (x * x).sum(), x.detach().requires_grad_())
"""


def serve(socket):
    """Load an answer, then run it or hold rules against it, as long as somebody asks."""
    order = receive(socket)
    made, values = {}, []
    send(socket, {**_loaded(order, made), "nonce": order["nonce"]})
    answers = {"runs": _runs, "rules": _rules}
    while True:
        asked = receive(socket)
        for outcome in answers[asked["do"]](made["answer"], values, asked):
            _tell(socket, outcome, asked["nonce"])


def _runs(answer, values, asked):
    """Yield the Outcome of each run, up to the first with an error."""
    run, left = _named(asked["run"]) if asked["run"] else _call, asked["seconds"]
    guard = restored_session if asked["watch"] else restored_settings
    for packed in asked["inputs"]:
        outcome = _attempt(partial(run, answer), unpack(packed), max(left, 0.02), guard)
        values.append(outcome.value)
        yield outcome
        if outcome.error is not None:
            return
        left, guard = (
            left - outcome.seconds,
            restored_settings,
        )  # a look at all of torch costs more than most answers: once


def _rules(answer, values, asked):
    """Yield the Outcome of each rule on an earlier run."""
    left = asked["seconds"]
    for path, index, packed in asked["rules"]:
        broken = partial(_named(path), answer, values[index])
        outcome = _attempt(lambda *given, broken=broken: bool(broken(*given)), unpack(packed), max(left, 0.02))
        left -= outcome.seconds
        yield outcome


def _loaded(order, made):
    """Run the cell and evaluate the answer; what it is, for a function, or its value."""
    linecache.cache[_FILE] = len(order["source"]), None, order["source"].splitlines(keepends=True), _FILE

    def load():
        space = {"__name__": "__main__", "__builtins__": builtins}
        exec(compile(order["prelude"], "<prelude>", "exec"), space)  # noqa: S102
        exec(compile(order["source"], _FILE, "exec"), space)  # noqa: S102
        made["answer"] = eval(compile(order["expression"], "<expression>", "eval"), space)

    outcome = _attempt(load, (), order["seconds"])
    answer = made.get("answer")
    about = {
        "type": type(answer).__name__,
        "is_stub": is_stub(answer),
        "is_function": callable(answer) and not isinstance(answer, type),
        "has_statements": has_statements(answer),
    }
    return {**_told(outcome), **about, "value": pack(answer)}


def _call(answer, *inputs):
    return answer(*inputs)


def _named(path):
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(f"seeing_gradients.course.exercises.harness.{module}"), name)


def _attempt(run, inputs, seconds, guard=restored_settings):
    try:
        return execution.attempt(run, inputs, seconds, guard)
    except KeyboardInterrupt as error:
        return execution.Outcome(error=error)


def _tell(socket, outcome, nonce):
    told = {**_told(outcome), "nonce": nonce}
    try:
        send(socket, {**told, "value": pack(outcome.value)})
    except BorderError:
        send(socket, {**told, "value": ["other", type(outcome.value).__name__]})


def _told(outcome):
    return {
        "error": _error(outcome.error),
        "line": outcome.line,
        "source": outcome.source[:_SAID],
        "printed": outcome.printed[:_SAID],
        "replaced": list(outcome.replaced)[:20],
        "changed": list(outcome.changed),
        "seconds": outcome.seconds,
    }


def _error(error):
    if error is None:
        return None
    base = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    name = getattr(error, "name", None) if isinstance(error, NameError) else None
    return {
        "stopped": execution.stopped_by(error),
        "type": type(error).__name__,
        "base": base.__name__,
        "text": _text(error),
        "name": name if type(name) is str else None,
    }


def _text(error):
    try:
        return str(error)[:_SAID]
    except Exception as other:  # noqa: BLE001, an error may be made so that it cannot be shown
        return f"({type(other).__name__})"
