"""The Judge: draws inputs, has an answer run in a cell, compares what comes out with the reference, says what it is worth."""

import random
import time
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace

from seeing_gradients.course.exercises import exercise
from seeing_gradients.course.exercises.function_answers import error_verdict, judge_function
from seeing_gradients.course.exercises.spec import call
from seeing_gradients.course.exercises.value_answers import judge_choice, judge_value
from seeing_gradients.course.exercises.variants import student_key, variant
from seeing_gradients.language import message

from ..speaking import speaking
from .cells import SandboxError
from .launching import launched
from .maths import readable
from .remote import Away
from .ruling import Limits, Ruling, ruling
from .screening import alters, concerns, parsed

KINDS = ("auto", "bubblewrap", "namespaces", "none")


class Judge:
    """Rules on answers, one after the other; a context manager.

    Args:
        lang: str, "en" or "zh", the language of what it says.
        limits: Limits.
        sandbox: "auto" takes bubblewrap, or namespaces where that is missing; "none" runs answers as you, unprotected.

    Raises:
        SandboxError: on entering, where there is no sandbox to be had.
        ValueError: there is no such sandbox.
    """

    def __init__(self, lang="en", limits=Limits(), sandbox="auto"):  # noqa: B008, frozen
        if sandbox not in KINDS:
            raise ValueError(message("judge.unknown_sandbox", received=sandbox, kinds=", ".join(KINDS)))
        self._lang, self._limits, self._sandbox = lang, limits, sandbox

    def __enter__(self):
        self._open = ExitStack()
        self._zygote = self._open.enter_context(self._launched())
        return self

    def __exit__(self, *exc_info):
        self._open.close()

    def rule(self, task, source, seed, student=""):
        """Return the Ruling on an answer, as `Sitting.rule` does."""
        with self.sitting() as sitting:
            return sitting.rule(task, source, seed, student)

    @contextmanager
    def sitting(self):
        """Give a Sitting, for the answers of one student."""
        with ExitStack() as cells:
            yield Sitting(self._lang, self._limits, lambda: self._cell(cells))

    def _cell(self, cells):
        """A fresh cell that lasts as long as `cells`; a zygote that was lost is replaced once."""
        files = self._limits.files
        try:
            cells.close()  # the zygote ends one cell before it begins another
            return cells.enter_context(self._zygote.cell(files))
        except (OSError, SandboxError):
            self._open.close()
            self.__enter__()
            return cells.enter_context(self._zygote.cell(files))

    def _launched(self):
        if self._sandbox == "none":
            from .unprotected import unprotected

            return unprotected()
        return launched(self._sandbox)


class Sitting:
    """Rules on the answers of one student, one after the other, each in a process of its own."""

    def __init__(self, lang, limits, fresh):
        self._lang, self._limits, self._fresh, self._cell = lang, limits, fresh, None

    def rule(self, task, source, seed, student=""):
        """Return the Ruling on an answer; whatever the answer does, this does not raise.

        Args:
            task: Task.
            source: str, the text of the answer's cell; None where it is missing.
            seed: str, secret until the answer is handed in; the hidden inputs are drawn from it.
            student: str.

        Raises:
            SandboxError: the sandbox broke down and could not be started anew.
        """
        began = time.monotonic()
        with speaking(self._lang):
            spec = exercise(task.exercise)
            if task.personal:
                spec = variant(spec, student_key(task.personal, student, spec.id))
            if source is None or not source.strip():
                return Ruling(spec.id, "missing", 0.0, message("judge.missing"))
            rng = random.Random(f"{seed}/{student}/{spec.id}")
            found, limits = concerns(source), replace(self._limits, **task.limits)
            with self._process(limits) as socket:
                away = Away(socket, spec, task, runnable(source), limits, bool(found) or alters(source))
                made = self._ruled(spec, away, rng, began)
            if task.personal and made.credit < 1:
                made = replace(
                    made,
                    notes=(*made.notes, message("judge.personal", student=student, task=readable(str(spec.statement)))),
                )
            return _screened(spec, made, found)

    def _ruled(self, spec, away, rng, began):
        try:
            verdict = _verdict(spec, away, rng)
        except SandboxError:
            raise
        except Exception as error:  # noqa: BLE001, a surprise in one answer must not cost the others
            text = message("judge.surprise", error=f"{type(error).__name__}: {error}"[:200])
            return Ruling(spec.id, "review", 0.0, text, reason="surprise", seconds=time.monotonic() - began)
        return ruling(spec, verdict, time.monotonic() - began)

    @contextmanager
    def _process(self, limits):
        """A socket to a fresh process; a cell that was lost is replaced once."""
        limits = asdict(limits)
        with ExitStack() as stack:
            try:
                self._cell = self._cell or self._fresh()
                socket = stack.enter_context(self._cell.answer(limits))
            except (OSError, SandboxError):
                self._cell = self._fresh()
                socket = stack.enter_context(self._cell.answer(limits))
            yield socket


def _verdict(spec, away, rng):
    if away.loaded.error is not None:
        return error_verdict(spec.id, away.loaded, away.limits)
    if spec.kind == "function":
        return judge_function(spec, away, rng)
    return {"value": judge_value, "choice": judge_choice}[spec.kind](spec, away.loaded.value)


def _screened(spec, made, found):
    """Where what counts is seen beside the answer, an answer that reaches around is for a person to read."""
    if not found:
        return made
    note = message("judge.out_of_the_ordinary", what=", ".join(found)[:200])
    is_seen_inside = spec.kind == "function" and (spec.rules or spec.run is not call)
    if made.credit == 0 or not is_seen_inside:
        return replace(made, notes=(*made.notes, note))
    return replace(made, state="review", credit=0.0, text=note, facts=(), why="", reason="screened")


def runnable(source):
    """The source without the lines that only IPython reads (%matplotlib, !pip), which keep their numbers."""
    if parsed(source) is None:
        lines = source.split("\n")
        return "\n".join("" if line.startswith(("%", "!", "?")) or line.endswith("?") else line for line in lines)
    return source
