"""The judge's side of an answer that runs in the sandbox: a `FunctionAnswer`, like `LocalAnswer`, over a socket."""

import builtins
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from seeing_gradients.course.exercises.execution import Outcome, OutputLimitError, ProcessorLimitError, is_stub
from seeing_gradients.course.exercises.function_answers import varies_gradients
from seeing_gradients.course.exercises.harness.observation import FLAG, GRAD, HISTORY, VALUE, VERSION, Observation
from seeing_gradients.course.exercises.spec import Exercise, call
from seeing_gradients.language import message
from seeing_gradients.runtime import TimeLimitError

from ..course import Task
from .inside.protocol import ProtocolError, pack, receive, send, unpack
from .limits import AnswerLimits

_HARNESS = "seeing_gradients.course.exercises.harness."
_ASPECTS = {aspect: aspect for aspect in (VALUE, FLAG, GRAD, HISTORY, VERSION)}  # of an input that was altered
_EXTRA_SECONDS = 1.0  # how long the judge waits for a reply beyond the time limit of the answer
_LIMIT_ERRORS = {"time": TimeLimitError, "processor": ProcessorLimitError, "output": OutputLimitError}


class SandboxedAnswer:
    """An answer that runs in the sandbox, a `FunctionAnswer`.

    Attributes:
        loaded: Outcome of running its cell. Its value is the answer if that is plain data, otherwise an empty object of
            a type with the same name.
        limits: dict, seconds of "time" by the clock and of "processor" time.
        imported_much: bool, whether its process has imported large parts of PyTorch by now.
        is_stub, is_function, type, has_statements, source: as in `function_answers.FunctionAnswer`.
    """

    def __init__(
        self,
        connection: socket.socket,
        exercise: Exercise,
        task: Task,
        source: str,
        limits: AnswerLimits,
        check_torch: bool = True,
    ) -> None:
        """Run the cell of an answer and evaluate the answer in it.

        Args:
            connection: socket, connected to the process in the sandbox.
            exercise: Exercise.
            task: Task, of which prelude and expression are used.
            source: str, the cell.
            limits: AnswerLimits, of which seconds and processor are used.
            check_torch: bool, whether to look for functions of torch that the answer replaced.
        """
        self._connection, self._exercise, self._check_torch = connection, exercise, check_torch
        self._processor_deadline = time.monotonic() + limits.processor
        self.source, self.limits = source, {"time": limits.seconds, "processor": limits.processor}
        request = {"prelude": task.prelude, "source": source, "expression": task.expression, "seconds": limits.seconds}
        self.loaded, reply = next(self._request(request, 1))
        self.is_stub = reply.get("is_stub") is True or is_stub(self.loaded.value)
        self.is_function = reply.get("is_function") is True
        self.has_statements = reply.get("has_statements") is True
        self.imported_much = reply.get("imported_much") is True
        self.type = type(self.loaded.value).__name__ if self.loaded.value is not None else "NoneType"

    def outcomes(self, inputs: Sequence[tuple[Any, ...]]) -> Iterator[Outcome]:
        """Run the answer on every tuple of inputs; yield the Outcomes, up to the first with an error."""
        packed = [pack(arguments) for arguments in inputs]
        run = harness_path(self._exercise.run)
        twice = varies_gradients(self._exercise)
        request = {"do": "runs", "run": run, "watch": self._check_torch, "inputs": packed, "varies_gradients": twice}
        yield from (outcome for outcome, _ in self._request(request, len(inputs)))

    def _request(self, request: dict[str, Any], count: int) -> Iterator[tuple[Outcome, dict[str, Any]]]:
        """Send a request and yield (Outcome, reply) `count` times, up to the first with an error.

        A bad or missing reply becomes an Outcome with an error, too.
        """
        start, seconds, reply = time.monotonic(), self.limits["time"], {}
        try:
            # A reply must contain this nonce, so that an earlier run cannot have left it on the socket beforehand.
            nonce = secrets.token_hex(8)
            send(self._connection, {**request, "seconds": seconds, "nonce": nonce})
            for _ in range(count):
                reply = receive(self._connection, start + seconds + _EXTRA_SECONDS)
                if reply.get("nonce") != nonce:
                    raise ProtocolError("not a reply to this request")
                outcome = _outcome(reply, time.monotonic() - start)
                self.imported_much = reply.get("imported_much") is True
                yield outcome, reply
                if outcome.error is not None:
                    return
            return
        except TimeoutError:
            error = TimeLimitError()
        except (EOFError, OSError):
            error = rebuild_error({"type": "SystemExit", "base": "SystemExit", "text": message("judge.ended")})
            if time.monotonic() > self._processor_deadline:  # the kernel killed it where its own timer had no effect
                error = ProcessorLimitError()
        except ProtocolError:
            error = rebuild_error({"type": "RuntimeError", "base": "RuntimeError", "text": message("judge.not_ours")})
        yield Outcome(error=error, seconds=time.monotonic() - start), {}


def harness_path(function: Callable[..., Any]) -> str | None:
    """Return the module and name of a function of the harness, such as "runs:value_and_slope".

    Args:
        function: the `run` of an Exercise.

    Returns:
        str; None for `spec.call`, which just calls the answer.

    Raises:
        ValueError: the function is not part of the harness, so the sandbox does not contain it.
    """
    if function is call:
        return None
    if not function.__module__.startswith(_HARNESS):
        raise ValueError(f"{function.__module__}.{function.__qualname__} must live in {_HARNESS}*")
    return f"{function.__module__.removeprefix(_HARNESS)}:{function.__name__}"


def unpack_observation(packed: Any) -> Observation:
    """Return the Observation that the other side sent as a list of its fields.

    Raises:
        TypeError, ValueError: it does not describe one.
    """
    functions, shapes, passes, batched, tangents, operations, edges, *rest = packed
    requires_grad, has_grad_fn, ignores, altered, complete = rest
    flags = batched, tangents, requires_grad, has_grad_fn, ignores, complete
    if type(passes) is not int or not all(type(flag) is bool for flag in flags):
        raise ValueError("observation")
    if not all(type(n) is int and 0 <= n < 1 << 63 for shape in shapes for n in shape):
        raise ValueError("shape")
    return Observation(
        functions=tuple(str(name)[:60] for name in functions[:1000]),
        shapes=tuple(tuple(shape[:16]) for shape in shapes[:1000]),
        passes=passes,
        batched=batched,
        tangents=tangents,
        operations=tuple(str(name)[:60] for name in operations[:6000]),
        edges=tuple((int(node), int(parent)) for node, parent in edges[:20_000]),
        requires_grad=requires_grad,
        has_grad_fn=has_grad_fn,
        ignores_gradients=ignores,
        altered=tuple((int(position), _ASPECTS[aspect]) for position, aspect in altered[:50]),
        complete=complete,
    )


def _outcome(reply: dict[str, Any], seconds: float) -> Outcome:
    """The Outcome in a reply, its texts and lists cut to a maximum length.

    Raises:
        ProtocolError: the reply does not describe an Outcome.
    """
    try:
        error = None if reply["error"] is None else rebuild_error(reply["error"])
        line = reply["line"] if type(reply["line"]) is int else None
        replaced = tuple(str(name)[:60] for name in reply["replaced"][:20])
        warnings = tuple(str(text)[:500] for text in reply["warnings"][:5])
        seen = tuple(unpack_observation(each) for each in reply["observations"][:100])
        source, printed = str(reply["source"])[:200], str(reply["printed"])[:2000]
        return Outcome(unpack(reply["value"]), error, line, source, printed, replaced, seconds, warnings, seen)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as wrong:
        raise ProtocolError(str(wrong)) from None


def rebuild_error(description: dict[str, Any]) -> BaseException:
    """Return an exception like the one in the sandbox, with the same type name, text and built-in base class.

    Args:
        description: dict as `inside.answer` sends it: "type", "base", "text", "stopped" and "name" (of a NameError).

    Returns:
        One of our own limit errors if "stopped" names it. KeyboardInterrupt and GeneratorExit become an Exception.
    """
    if description.get("stopped") in _LIMIT_ERRORS:
        return _LIMIT_ERRORS[description["stopped"]]()
    kind = getattr(builtins, str(description["base"]), None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        kind = Exception
    if issubclass(kind, KeyboardInterrupt | GeneratorExit):
        kind = Exception
    text = str(description["text"])[:2000]
    rebuilt = type(
        str(description["type"])[:60].replace("\0", "") or "Exception", (kind,), {"__str__": lambda self: text}
    )
    try:
        error = rebuilt()
    except TypeError:  # some types, e.g. UnicodeDecodeError, need arguments
        return type(rebuilt.__name__, (Exception,), {"__str__": lambda self: text})()
    if isinstance(error, NameError) and type(description.get("name")) is str:
        error.name = description["name"][:60]
    return error
