"""An answer in a cell, as the judging of exercises sees it: `Away` is asked what `function_answers.LocalAnswer` is asked."""

import builtins
import secrets
import time

from seeing_gradients.course.exercises.execution import Outcome, OutputLimitError, ProcessorLimitError, is_stub
from seeing_gradients.course.exercises.spec import call
from seeing_gradients.language import message
from seeing_gradients.runtime import TimeLimitError

from .inside.border import BorderError, pack, receive, send, unpack

_HARNESS = "seeing_gradients.course.exercises.harness."
_GRACE = 1.0  # seconds more than an answer has, until nobody waits for it any longer
_STOPS = {"time": TimeLimitError, "processor": ProcessorLimitError, "output": OutputLimitError}


class Away:
    """An answer in a cell.

    Attributes:
        loaded: Outcome of running its cell; its value is the answer, where that is plain data.
        limits, is_stub, is_function, type, has_statements, source: as in `function_answers.LocalAnswer`.
    """

    def __init__(self, socket, exercise, task, source, limits, watch=True):
        """Load an answer.

        Args:
            socket: socket.socket of the process.
            exercise: Exercise.
            task: Task.
            source: str.
            limits: Limits.
            watch: bool, whether to look for what it replaced in torch.
        """
        self._socket, self._exercise, self._watch, self._drawn = socket, exercise, watch, ()
        self._spent = time.monotonic() + limits.processor
        self.source, self.limits = source, {"time": limits.seconds, "processor": limits.processor}
        order = {"prelude": task.prelude, "source": source, "expression": task.expression, "seconds": limits.seconds}
        self.loaded, said = next(self._asked(order, 1))
        self.is_stub = said.get("is_stub") is True or is_stub(self.loaded.value)
        self.is_function = said.get("is_function") is True
        self.has_statements = said.get("has_statements") is True
        self.type = type(self.loaded.value).__name__ if self.loaded.value is not None else "NoneType"

    def outcomes(self, drawn):
        """Run it on every tuple of inputs; yield Outcomes, up to the first with an error."""
        self._drawn, inputs = drawn, [pack(inputs) for inputs in drawn]
        order = {"do": "runs", "run": path_of(self._exercise.run), "watch": self._watch, "inputs": inputs}
        yield from (outcome for outcome, _ in self._asked(order, len(drawn)))

    def rule_outcomes(self, pairs):
        """Yield the Outcome of every (rule, earlier Run), up to the first with an error."""
        places = {id(inputs): i for i, inputs in enumerate(self._drawn)}
        rules = [(path_of(rule.broken), places[id(run.inputs)], pack(run.inputs)) for rule, run in pairs]
        yield from (outcome for outcome, _ in self._asked({"do": "rules", "rules": rules}, len(rules)))

    def _asked(self, order, count):
        """Yield (Outcome, what was said) so often, up to the first with an error; nothing that is said, or not, raises here."""
        began, seconds, said = time.monotonic(), self.limits["time"], {}
        try:
            # Its answer must name what only now is told, so that what an earlier run left on the socket is no answer.
            nonce = secrets.token_hex(8)
            send(self._socket, {**order, "seconds": seconds, "nonce": nonce})
            for _ in range(count):
                said = receive(self._socket, began + seconds + _GRACE)
                if said.get("nonce") != nonce:
                    raise BorderError("no answer to this")
                outcome = _outcome(said, time.monotonic() - began)
                yield outcome, said
                if outcome.error is not None:
                    return
            return
        except TimeoutError:
            error = TimeLimitError()
        except (EOFError, OSError):
            error = told({"type": "SystemExit", "base": "SystemExit", "text": message("judge.ended")})
            if time.monotonic() > self._spent:  # the kernel's limit, for what its own timer does not reach
                error = ProcessorLimitError()
        except BorderError:
            error = told({"type": "RuntimeError", "base": "RuntimeError", "text": message("judge.not_ours")})
        yield Outcome(error=error, seconds=time.monotonic() - began), {}


def path_of(function):
    """Where a function of the harness is, "rules:has_power"; None for the plain call.

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
