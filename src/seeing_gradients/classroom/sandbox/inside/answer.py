"""Run one answer on the inputs that it receives, and report the outcome of each run.

Only `serve(connection)` calls untrusted code; the judge checks everything that it sends.
"""

import builtins
import importlib
import linecache
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import torch

from seeing_gradients import recorder
from seeing_gradients.course.exercises.execution import (
    Outcome,
    attempt,
    has_statements,
    is_stub,
    restored_session,
    restored_settings,
    stopped_by,
)

from . import helpers
from .protocol import ProtocolError, pack, receive, send, unpack

Guard = Callable[[], AbstractContextManager[list[str]]]

_FILE = "<answer>"
_MAX_CHARACTERS = 2000


def warm_up() -> None:
    """Load and run once all that an answer may need, so that no fork has to."""
    torch.set_num_threads(1)
    sys.modules["helpers"], sys.modules["helpers.record"] = helpers, recorder
    for name in ("runs", "rules"):
        importlib.import_module(f"seeing_gradients.course.exercises.harness.{name}")
    space = {}
    _load({"prelude": _REHEARSAL, "source": "", "expression": "rehearse", "seconds": 60.0}, space)
    x = torch.ones(2, requires_grad=True)
    if error := _attempt(space["answer"], (x,), 60.0, restored_session).error:
        raise error


_REHEARSAL = """
import math
import warnings
import torch
from helpers import language, numerical_grad, record

def rehearse(x):
    y = (x * x).sum()
    y.backward(retain_graph=True)
    x.grad = None
    torch.autograd.grad(y, x, create_graph=True)
    (x * x).backward(torch.ones_like(x))
    x.grad = None
    numerical_grad(lambda x: (x * x).sum(), x.detach())
    return record(lambda x: (x * x).sum(), x.detach().requires_grad_())
"""


def serve(connection: socket.socket) -> None:
    """Load an answer, then run it or hold rules against it, as long as requests come."""
    request = receive(connection)
    space, values = {}, []
    send(connection, {**_load(request, space), "nonce": request["nonce"]})
    actions = {"runs": _run_all, "rules": _check_rules}
    while True:
        request = receive(connection)
        for outcome in actions[request["do"]](space["answer"], values, request):
            _send_outcome(connection, outcome, request["nonce"])


def _run_all(answer: Any, values: list[Any], request: dict[str, Any]) -> Iterator[Outcome]:
    """Yield the Outcome of each run, up to the first with an error."""
    run = _harness_function(request["run"]) if request["run"] else _call
    seconds, guard = request["seconds"], restored_session if request["watch"] else restored_settings
    for packed in request["inputs"]:
        outcome = _attempt(partial(run, answer), unpack(packed), max(seconds, 0.02), guard)
        values.append(outcome.value)
        yield outcome
        if outcome.error is not None:
            return
        seconds -= outcome.seconds
        guard = restored_settings  # checking all of torch costs more than most answers: once is enough


def _check_rules(answer: Any, values: list[Any], request: dict[str, Any]) -> Iterator[Outcome]:
    """Yield the Outcome of each rule on an earlier run."""
    seconds = request["seconds"]
    for path, index, packed in request["rules"]:
        is_broken = partial(_harness_function(path), answer, values[index])
        outcome = _attempt(
            lambda *inputs, is_broken=is_broken: bool(is_broken(*inputs)), unpack(packed), max(seconds, 0.02)
        )
        seconds -= outcome.seconds
        yield outcome


def _load(request: dict[str, Any], space: dict[str, Any]) -> dict[str, Any]:
    """Run the cell and evaluate the answer into space["answer"]; return what is sent of it."""
    linecache.cache[_FILE] = len(request["source"]), None, request["source"].splitlines(keepends=True), _FILE

    def load() -> None:
        names = {"__name__": "__main__", "__builtins__": builtins}
        exec(compile(request["prelude"], "<prelude>", "exec"), names)  # noqa: S102
        exec(compile(request["source"], _FILE, "exec"), names)  # noqa: S102
        space["answer"] = eval(compile(request["expression"], "<expression>", "eval"), names)

    outcome = _attempt(load, (), request["seconds"])
    answer = space.get("answer")
    description = {
        "type": type(answer).__name__,
        "is_stub": is_stub(answer),
        "is_function": callable(answer) and not isinstance(answer, type),
        "has_statements": has_statements(answer),
    }
    return {**_as_message(outcome), **description, "value": pack(answer)}


def _call(answer: Callable[..., Any], *inputs: Any) -> Any:
    return answer(*inputs)


def _harness_function(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(f"seeing_gradients.course.exercises.harness.{module}"), name)


def _attempt(
    run: Callable[..., Any], inputs: tuple[Any, ...], seconds: float, guard: Guard = restored_settings
) -> Outcome:
    try:
        return attempt(run, inputs, seconds, guard)
    except KeyboardInterrupt as error:
        return Outcome(error=error)


def _send_outcome(connection: socket.socket, outcome: Outcome, nonce: str) -> None:
    message = {**_as_message(outcome), "nonce": nonce}
    try:
        send(connection, {**message, "value": pack(outcome.value)})
    except ProtocolError:
        send(connection, {**message, "value": ["other", type(outcome.value).__name__]})


def _as_message(outcome: Outcome) -> dict[str, Any]:
    return {
        "error": _describe_error(outcome.error),
        "line": outcome.line,
        "source": outcome.source[:_MAX_CHARACTERS],
        "printed": outcome.printed[:_MAX_CHARACTERS],
        "replaced": list(outcome.replaced)[:20],
        "changed": list(outcome.changed),
        "seconds": outcome.seconds,
    }


def _describe_error(error: BaseException | None) -> dict[str, Any] | None:
    if error is None:
        return None
    base = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    name = getattr(error, "name", None) if isinstance(error, NameError) else None
    return {
        "stopped": stopped_by(error),
        "type": type(error).__name__,
        "base": base.__name__,
        "text": _text(error),
        "name": name if type(name) is str else None,
    }


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MAX_CHARACTERS]
    except Exception as other:  # noqa: BLE001, an error may be built so that it cannot be shown
        return f"({type(other).__name__})"
