"""An answer in a cell, as the judging of exercises sees it: `Away` is asked what `function.Here` is asked."""

import builtins
import time

from helpers.exercises.function import is_stub
from helpers.exercises.sandbox import Outcome, OutputLimitError
from helpers.exercises.spec import call
from helpers.language import message
from helpers.record import TimeLimitError

from .inside.border import BorderError, pack, receive, send, unpack

_HARNESS = "helpers.exercises.harness."
_GRACE = 1.0  # seconds more than an answer has, until nobody waits for it any longer
_STOPS = {"time": TimeLimitError, "output": OutputLimitError}


class Away:
    """An answer in a cell.

    Attributes:
        loaded: Outcome of running its cell; its value is the answer, where that is plain data.
        is_stub, is_function, type, has_statements, source: as in `function.Here`.
    """

    def __init__(self, socket, exercise, task, source, seconds):
        self._socket, self._exercise, self._runs = socket, exercise, []
        self._over = time.monotonic() + seconds
        self.source = source
        order = {"prelude": task.prelude, "source": source, "expression": task.expression, "seconds": seconds}
        self.loaded, said = self._asked(order, seconds)
        self.is_stub = said.get("is_stub") is True or is_stub(self.loaded.value)
        self.is_function = said.get("is_function") is True
        self.has_statements = said.get("has_statements") is True
        self.type = type(self.loaded.value).__name__ if self.loaded.value is not None else "NoneType"

    def attempt(self, inputs, seconds):
        """Run it on inputs; return an Outcome."""
        order = {"do": "run", "run": path_of(self._exercise.run), "inputs": pack(inputs), "seconds": seconds}
        outcome, _ = self._asked(order, seconds)
        self._runs.append(inputs)
        return outcome

    def breaks(self, rule, run, seconds):
        """Return the Outcome of a rule on an earlier Run."""
        index = next(i for i, inputs in enumerate(self._runs) if inputs is run.inputs)
        order = {
            "do": "rule",
            "rule": path_of(rule.broken),
            "index": index,
            "inputs": pack(run.inputs),
            "seconds": seconds,
        }
        return self._asked(order, seconds)[0]

    def _asked(self, order, seconds):
        """(Outcome, what was said); nothing that is said, or not said, raises here."""
        began = time.monotonic()
        try:
            send(self._socket, order)
            said = receive(self._socket, began + seconds + _GRACE)
            return _outcome(said, time.monotonic() - began), said
        except TimeoutError:
            error = TimeLimitError()
        except (EOFError, OSError):
            error = told({"type": "SystemExit", "base": "SystemExit", "text": message("judge.ended")})
            if time.monotonic() > self._over:  # the kernel's limit of processor time came before ours of the clock
                error = TimeLimitError()
        except BorderError:
            error = told({"type": "RuntimeError", "base": "RuntimeError", "text": message("judge.not_ours")})
        return Outcome(error=error, seconds=time.monotonic() - began), {}


def path_of(function):
    """Where a function of the harness is, "graphs:has_power"; None for the plain call.

    Raises:
        ValueError: it is no function of the harness, so that it would need the reference solutions beside it.
    """
    if function is call:
        return None
    if not function.__module__.startswith(_HARNESS):
        raise ValueError(f"{function.__module__}.{function.__qualname__} must live in {_HARNESS}*")
    return f"{function.__module__.removeprefix(_HARNESS)}:{function.__name__}"


def _outcome(said, seconds):
    try:
        error = None if said["error"] is None else told(said["error"])
        line = said["line"] if type(said["line"]) is int else None
        names = tuple(str(name)[:60] for name in said["replaced"][:20])
        places = tuple(int(i) for i in said["changed"][:20])
        value = unpack(said["value"])
        return Outcome(
            value, error, line, str(said["source"])[:200], str(said["printed"])[:2000], names, places, seconds
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise BorderError(str(wrong)) from None


def told(error):
    """An exception made from what the cell told of one: same name, same text, same built-in kind."""
    if error.get("stopped") in _STOPS:
        return _STOPS[error["stopped"]]()
    kind = getattr(builtins, str(error["base"]), None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)) or issubclass(
        kind, KeyboardInterrupt | GeneratorExit
    ):
        kind = Exception
    text = str(error["text"])[:2000]
    made = type(str(error["type"])[:60].replace("\0", "") or "Exception", (kind,), {"__str__": lambda self: text})
    try:
        raised = made()
    except TypeError:  # UnicodeDecodeError and its like need arguments
        return type(made.__name__, (Exception,), {"__str__": lambda self: text})()
    if issubclass(kind, NameError) and type(error.get("name")) is str:
        raised.name = error["name"][:60]
    return raised
