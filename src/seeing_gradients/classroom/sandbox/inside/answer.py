"""Run one answer on the inputs that the judge sends, and report the outcome of each run.

Untrusted code runs only in `serve(connection)`; the judge checks everything that arrives from there.
"""

import builtins
import importlib
import linecache
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import fields
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
from seeing_gradients.course.exercises.harness.observation import Observation

from . import helpers, sizes
from .protocol import ProtocolError, pack, receive, send, unpack

_Guard = Callable[[], AbstractContextManager[list[str]]]  # as for `execution.attempt`

_FILE = "<answer>"
_MAX_CHARACTERS = 2000
_MANY_MODULES = 50  # so many new ones mean that PyTorch imports parts of itself


def warm_up() -> None:
    """Import, and run once, everything that an answer may need, so that this is not repeated after each fork.

    Raises:
        Exception: the code that is run for this failed.
    """
    torch.set_num_threads(1)
    sizes.compare_without_compiler()
    sys.modules["helpers"], sys.modules["helpers.record"] = helpers, recorder
    importlib.import_module("seeing_gradients.course.exercises.harness.runs")
    loaded = {}
    _load({"prelude": _WARM_UP_CODE, "source": "", "expression": "use_everything", "seconds": 60.0}, loaded)
    x = torch.ones(2, requires_grad=True)
    if error := _attempt(loaded["answer"], _call, (x,), 60.0, restored_session).error:
        raise error


def warm_up_fully() -> None:
    """Import what few answers need, and what takes seconds: the compiler, for the first optimizer and for torch.func."""
    sizes.load_compiler()
    w = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=0.1)
    (w * w).sum().backward()
    optimizer.step()
    torch.func.hessian(lambda x: (x * x).sum())(torch.ones(2))


_WARM_UP_CODE = """
import math
import warnings
import torch
from helpers import language, numerical_grad, record

def use_everything(x):
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
    """Load an answer, then run it on inputs, until the connection is closed.

    A reply says of a process that has imported much meanwhile that it did.

    Args:
        connection: socket, connected to a `SandboxedAnswer`. The first request loads the answer: prelude, source,
            expression, seconds. The others have "do": "runs". Each request has a nonce, which is sent back.

    Raises:
        EOFError: the connection was closed.
        ProtocolError: a request is not valid.
    """
    request, num_modules = receive(connection), len(sys.modules)
    loaded = {}

    def common() -> dict[str, Any]:
        return {"nonce": request["nonce"], "imported_much": len(sys.modules) >= num_modules + _MANY_MODULES}

    send(connection, {**_load(request, loaded), **common()})
    while True:
        request = receive(connection)
        for outcome in _run_all(loaded["answer"], request):
            _send_outcome(connection, outcome, common())


def _run_all(answer: Any, request: dict[str, Any]) -> Iterator[Outcome]:
    """Yield the Outcome of each run, up to the first with an error."""
    run = _harness_function(request["run"]) if request["run"] else _call
    seconds, guard = request["seconds"], restored_session if request["watch"] else restored_settings
    for packed in request["inputs"]:
        outcome = _attempt(answer, run, unpack(packed), max(seconds, 0.02), guard, request["varies_gradients"])
        yield outcome
        if outcome.error is not None:
            return
        seconds -= outcome.seconds
        guard = restored_settings  # looking for replaced functions takes longer than most answers, so do it only once


def _load(request: dict[str, Any], loaded: dict[str, Any]) -> dict[str, Any]:
    """Run the cell and evaluate the expression; store the answer in loaded["answer"] and return the reply about it."""
    linecache.cache[_FILE] = len(request["source"]), None, request["source"].splitlines(keepends=True), _FILE

    def load() -> None:
        namespace = {"__name__": "__main__", "__builtins__": builtins}
        exec(compile(request["prelude"], "<prelude>", "exec"), namespace)  # noqa: S102
        exec(compile(request["source"], _FILE, "exec"), namespace)  # noqa: S102
        loaded["answer"] = eval(compile(request["expression"], "<expression>", "eval"), namespace)

    outcome = _attempt(load, _call, (), request["seconds"])
    answer = loaded.get("answer")
    description = {
        "type": type(answer).__name__,
        "is_stub": is_stub(answer),
        "is_function": callable(answer) and not isinstance(answer, type),
        "has_statements": has_statements(answer),
    }
    return {**_as_reply(outcome), **description, "value": pack(answer)}


def _call(answer: Callable[..., Any], *inputs: Any) -> Any:
    return answer(*inputs)


def _harness_function(path: str) -> Callable[..., Any]:
    """The function of the harness with a path as `harness_path` returns it, "runs:value_and_slope"."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(f"seeing_gradients.course.exercises.harness.{module}"), name)


def _attempt(
    answer: Any,
    run: Callable[..., Any],
    inputs: tuple[Any, ...],
    seconds: float,
    guard: _Guard = restored_settings,
    varies_gradients: bool = False,
) -> Outcome:
    try:
        return attempt(answer, run, inputs, seconds, guard, varies_gradients=varies_gradients)
    except KeyboardInterrupt as error:
        return Outcome(error=error)


def _send_outcome(connection: socket.socket, outcome: Outcome, common: dict[str, Any]) -> None:
    reply = {**_as_reply(outcome), **common}
    try:
        send(connection, {**reply, "value": pack(outcome.value)})
    except ProtocolError:
        send(connection, {**reply, "value": ["other", type(outcome.value).__name__]})


def _as_reply(outcome: Outcome) -> dict[str, Any]:
    return {
        "error": _describe_error(outcome.error),
        "line": outcome.line,
        "source": outcome.source[:_MAX_CHARACTERS],
        "printed": outcome.printed[:_MAX_CHARACTERS],
        "replaced": list(outcome.replaced)[:20],
        "warnings": [text[:_MAX_CHARACTERS] for text in outcome.warnings],
        "observations": [_as_list(seen) for seen in outcome.observations],
        "seconds": outcome.seconds,
    }


def _as_list(seen: Observation) -> list[Any]:
    return [getattr(seen, name.name) for name in fields(seen)]


def _describe_error(error: BaseException | None) -> dict[str, Any] | None:
    """The description from which `rebuild_error` makes a similar exception on the other side."""
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
    except Exception as other:  # noqa: BLE001, __str__ of an answer's own exception may raise anything
        return f"({type(other).__name__})"
