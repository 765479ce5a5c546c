"""The Judge draws inputs, runs an answer in the sandbox, compares its results with the reference, and gives credit.

The inputs follow from a secret seed and from the program, without its comments. So a program that several students hand in
gets the same inputs and the same grade, and is run once.
"""

import hashlib
import random
import re
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import Any, Self

from seeing_gradients import language
from seeing_gradients.course.exercises import exercise
from seeing_gradients.course.exercises.function_answers import error_verdict, judge_function
from seeing_gradients.course.exercises.spec import Exercise, call
from seeing_gradients.course.exercises.value_answers import judge_choice, judge_value
from seeing_gradients.course.exercises.variants import student_key, variant
from seeing_gradients.course.exercises.verdict import Verdict
from seeing_gradients.language import message
from seeing_gradients.runtime import TimeLimitError, time_limit

from ..course import Task
from .answer import SandboxedAnswer
from .launch import SANDBOXES, Jail, Launcher, SandboxError, launch
from .limits import DEFAULT_LIMITS, AnswerLimits
from .screening import parse, sets_attributes, suspicious_parts, without_comments, written_out

_MAX_KNOWN = 1000  # programs whose grades are kept
_JUDGING_SECONDS = 20.0  # for comparing and explaining what an answer returned, which takes some milliseconds


@dataclass(frozen=True)
class GradedAnswer:
    """The result of grading one answer. Its texts may quote the answer, so they must be escaped in HTML.

    Attributes:
        exercise: str, the id of the exercise, "02.5".
        state: str, the state of a Verdict, or "missing", or "review" if a person must read the answer.
        credit: float, the share of the points, from 0 to 1.
        text: str, one sentence.
        facts: tuple of (label, text); hidden inputs and expected values are left out.
        why: str, explains the misconception or the error; may be "".
        misconception: str, its name; "" if none was recognised.
        reason: str, which check decided, as in Verdict.
        notes: tuple of str, further sentences.
        seconds: float, wall-clock time.
    """

    exercise: str
    state: str
    credit: float
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    why: str = ""
    misconception: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the GradedAnswer with the fields in a dict from `as_dict`, which may have been stored as JSON."""
        facts = tuple((label, text) for label, text in data["facts"])
        return cls(**{**data, "facts": facts, "notes": tuple(data["notes"])})


class Judge:
    """Grades answers one after another; a context manager that starts and ends the sandbox.

    Args:
        lang: "en" or "zh", the language of the texts.
        limits: AnswerLimits of each answer.
        sandbox: "bubblewrap", or "none" to run answers unprotected, with the rights of the current user.
        launcher: Launcher that is used in place of one of its own, and stays open afterwards.

    Raises:
        ValueError: `sandbox` is neither.
        SandboxError: on entering, if the sandbox is missing or does not work.
    """

    def __init__(
        self,
        lang: str = "en",
        limits: AnswerLimits = DEFAULT_LIMITS,
        sandbox: str = "bubblewrap",
        launcher: Launcher | None = None,
    ) -> None:
        if sandbox not in SANDBOXES:
            raise ValueError(message("judge.unknown_sandbox", received=sandbox, kinds=", ".join(SANDBOXES)))
        self._lang, self._limits, self._sandbox, self._shared_launcher = lang, limits, sandbox, launcher
        self._resources, self._is_warm = ExitStack(), False
        self._known = _KnownPrograms()

    def __enter__(self) -> Self:
        if self._shared_launcher is None:
            self._launch()
        else:
            self._launcher = self._shared_launcher
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._resources.close()

    def grade(self, task: Task, source: str | None, seed: str, student: str = "") -> GradedAnswer:
        """Grade a single answer, as `StudentSession.grade` does, in a jail of its own."""
        with self.session() as session:
            return session.grade(task, source, seed, student)

    @contextmanager
    def session(self) -> Iterator["StudentSession"]:
        """Give a StudentSession, which grades the answers of one student in one jail."""
        with ExitStack() as jails:
            yield StudentSession(
                self._lang, self._limits, lambda: self._new_jail(jails), lambda: self._warm_up(jails), self._known
            )

    def _new_jail(self, jails: ExitStack) -> Jail:
        """A new jail that is closed with `jails`; if the zygote was lost, it is restarted once."""
        files = self._limits.files
        try:
            jails.close()  # the zygote has at most one jail at a time
            return jails.enter_context(self._launcher.jail(files))
        except (OSError, SandboxError):
            self._resources.close()
            self._launch()
            return jails.enter_context(self._launcher.jail(files))

    def _launch(self) -> None:
        with ExitStack() as resources:
            self._launcher: Launcher = resources.enter_context(launch(self._sandbox))
            self._launcher.wait()
            self._resources, self._is_warm = resources.pop_all(), False

    def _warm_up(self, jails: ExitStack) -> bool:
        """Load what few answers need; return False if that has been done before."""
        if self._is_warm:
            return False
        jails.close()
        self._launcher.warm_up_fully()
        self._is_warm = True
        return True


class _KnownPrograms:
    """The grades of the programs that a Judge graded last, by all that a grade follows from."""

    def __init__(self) -> None:
        self._grades: OrderedDict[bytes, GradedAnswer] = OrderedDict()
        self._stopped: OrderedDict[bytes, None] = OrderedDict()  # those that were stopped at a limit once

    @staticmethod
    def key(task: Task, spec: Exercise, seed: str, program: str) -> bytes:
        """Return what a grade follows from, in short."""
        return hashlib.sha256(
            repr((task, str(spec.statement), seed, program)).encode("utf-8", "surrogatepass")
        ).digest()

    def get(self, key: bytes) -> GradedAnswer | None:
        """Return the grade of a program, or None if it has to be graded."""
        return self._grades.get(key)

    def add(self, key: bytes, graded: GradedAnswer) -> None:
        """Note a grade, unless another run may end otherwise.

        A limit of time may have been reached because the computer was busy: such a grade counts from the second time on.
        """
        if graded.reason == "surprise":
            return
        if graded.reason in _STOPPED and key not in self._stopped:
            _add(self._stopped, key, None)
        else:
            _add(self._grades, key, graded)


def _add(known: OrderedDict[bytes, Any], key: bytes, value: Any) -> None:
    known[key] = value
    if len(known) > _MAX_KNOWN:
        known.popitem(last=False)


class StudentSession:
    """Grades the answers of one student one after another, each in a process of its own.

    Args:
        lang: "en" or "zh", the language of the texts.
        limits: AnswerLimits of each answer.
        new_jail: function () -> Jail, called for the first answer and after a jail was lost.
        warm_up: function () -> bool, closes the jail, loads what few answers need, and returns False if that was done.
        known: _KnownPrograms, filled when a program is graded.
    """

    def __init__(
        self,
        lang: str,
        limits: AnswerLimits,
        new_jail: Callable[[], Jail],
        warm_up: Callable[[], bool],
        known: _KnownPrograms,
    ) -> None:
        self._lang, self._limits, self._new_jail, self._warm_up = lang, limits, new_jail, warm_up
        self._known = known
        self._jail: Jail | None = None

    def grade(self, task: Task, source: str | None, seed: str, student: str = "") -> GradedAnswer:
        """Grade one answer. No answer can make this raise.

        Args:
            task: Task.
            source: str, the answer's cell; None if it is missing.
            seed: str, a secret; the hidden inputs are drawn from it and from the program.
            student: str, whose numbers a personal exercise has.

        Returns:
            GradedAnswer.

        Raises:
            SandboxError: the sandbox failed and could not be restarted.
        """
        start = time.monotonic()
        with language.using(self._lang):
            spec = exercise(task.exercise)
            if task.personal:
                spec = variant(spec, student_key(task.personal, student, spec.id))
            if source is None or not source.strip():
                return GradedAnswer(spec.id, "missing", 0.0, message("judge.missing"))
            program = without_comments(source)
            key = self._known.key(task, spec, seed, program)
            if (graded := self._known.get(key)) is None:
                rng = random.Random(f"{seed}/{spec.id}/{program}".encode("utf-8", "surrogatepass"))
                graded = _screened(spec, self._graded(spec, task, program, rng, start), suspicious_parts(program))
                self._known.add(key, graded)
            if task.personal and graded.credit < 1:
                statement = plain_formulas(str(spec.statement))
                note = message("judge.personal", student=student, task=statement)
                graded = replace(graded, notes=(*graded.notes, note))
            return graded

    def _graded(self, spec: Exercise, task: Task, source: str, rng: random.Random, start: float) -> GradedAnswer:
        """The grade of an answer, without hidden inputs; no process is started where none is needed."""
        if spec.kind != "function" and (value := written_out(source, task.expression)) is not None:
            verdict = {"value": judge_value, "choice": judge_choice}[spec.kind](spec, value)
            return graded_answer(spec, verdict, time.monotonic() - start)
        limits = replace(self._limits, **task.limits)
        check_torch = sets_attributes(source) or bool(suspicious_parts(source))

        def run_and_judge(inputs: random.Random, limits: AnswerLimits) -> GradedAnswer:
            with self._process(limits) as connection:
                answer = SandboxedAnswer(connection, spec, task, runnable(source), limits, check_torch)
                graded = self._grade(spec, answer, inputs, start)
            if answer.imported_much and graded.reason in _STOPPED and self._warm_up():
                self._jail = None
                return run_and_judge(inputs, limits)
            return graded

        graded = run_and_judge(rng, limits)
        if spec.kind == "function" and (graded.facts or graded.reason in _QUOTING):
            shown = run_and_judge(random.Random(_SHOWN_SEED), _shorter(limits) if graded.reason in _STOPPED else limits)
            graded = _without_hidden_inputs(graded, shown)
        return graded

    def _grade(self, spec: Exercise, answer: SandboxedAnswer, rng: random.Random, start: float) -> GradedAnswer:
        try:
            with time_limit(_JUDGING_SECONDS + 2 * answer.limits["time"]):  # for the runs and the rules
                verdict = _verdict(spec, answer, rng)
        except SandboxError:
            raise
        except (Exception, TimeLimitError) as error:  # noqa: BLE001, one answer must not stop the others
            text = message("judge.surprise", error=f"{type(error).__name__}: {error}".rstrip(": ")[:200])
            return GradedAnswer(spec.id, "review", 0.0, text, reason="surprise", seconds=time.monotonic() - start)
        return graded_answer(spec, verdict, time.monotonic() - start)

    @contextmanager
    def _process(self, limits: AnswerLimits) -> Iterator[socket.socket]:
        """A socket connected to a new process; if the jail was lost, it is replaced once."""
        with ExitStack() as stack:
            try:
                self._jail = self._jail or self._new_jail()
                connection = stack.enter_context(self._jail.answer(asdict(limits)))
            except (OSError, SandboxError):
                self._jail = self._new_jail()
                connection = stack.enter_context(self._jail.answer(asdict(limits)))
            yield connection


def _verdict(spec: Exercise, answer: SandboxedAnswer, rng: random.Random) -> Verdict:
    if answer.loaded.error is not None:
        return error_verdict(spec.id, answer.loaded, answer.limits)
    if spec.kind == "function":
        return judge_function(spec, answer, rng)
    return {"value": judge_value, "choice": judge_choice}[spec.kind](spec, answer.loaded.value)


_SHOWN_SEED = "inputs that anybody may see"
_QUOTING = ("replaced", "surprise")  # verdicts whose sentence quotes what the answer sent
_STOPPED = ("time", "processor")  # verdicts on an answer that was stopped at a limit of time


def _shorter(limits: AnswerLimits) -> AnswerLimits:
    """The limits for a second run of an answer that was stopped: one that never ends shows that in a part of the time."""
    return replace(limits, seconds=limits.seconds / 8, processor=limits.processor / 8)


def _without_hidden_inputs(graded: GradedAnswer, shown: GradedAnswer) -> GradedAnswer:
    """Return a grade with the sentence and the facts of a second run, which never received the hidden inputs.

    Whatever an answer sends, the text of its errors, the name of a type, a shape, what it printed, may carry its inputs.

    Args:
        graded: the grade on the hidden inputs.
        shown: of the same answer, in another process, on inputs that anybody may see.
    """
    if shown.reason == graded.reason:  # the sentence about a limit names that of the first run
        return replace(graded, text=graded.text if graded.reason in _STOPPED else shown.text, facts=shown.facts)
    if graded.reason in _QUOTING:
        return replace(graded, text=message("judge.surprise", error=graded.reason), facts=())
    return replace(graded, facts=())


_HIDDEN_FACTS = ("input", "expected", "index", "difference")  # they would reveal the hidden test


def graded_answer(spec: Exercise, verdict: Verdict, seconds: float) -> GradedAnswer:
    """Return the GradedAnswer for a Verdict, without facts that would reveal hidden inputs.

    Args:
        spec: Exercise.
        verdict: Verdict.
        seconds: float, wall-clock time of grading.
    """
    hidden = {message(f"exercises.{key}") for key in _HIDDEN_FACTS}
    if spec.kind == "function" and verdict.reason in ("value", "shape", "dtype"):
        hidden.add(message("exercises.received"))  # a returned value may reveal the input
    return GradedAnswer(
        exercise=spec.id,
        state=verdict.state,
        credit=credit(spec, verdict),
        text=verdict.text,
        facts=tuple((label, text) for label, text in verdict.facts if label not in hidden),
        why=verdict.why,
        misconception=verdict.misconception,
        reason=verdict.reason,
        notes=verdict.notes,
        seconds=seconds,
    )


def credit(spec: Exercise, verdict: Verdict) -> float:
    """Return the share of the points for a Verdict, from 0 to 1.

    A right answer has all points. A wrong function has half of the share of inputs with a right result, so half of the
    points if it only breaks a rule. Wrong numbers or choices have the share of them that is right.
    """
    if verdict.solved:
        return 1.0
    return round(verdict.share * (0.5 if spec.kind == "function" else 1.0), 4)


def _screened(spec: Exercise, graded: GradedAnswer, suspicious: tuple[str, ...]) -> GradedAnswer:
    """Leave a suspicious answer to a person if the answer could have forged what its credit is based on.

    It could if a rule or a special `run` is observed by code in its own process. Otherwise, and if the answer has no
    points anyway, only a note is added.
    """
    if not suspicious:
        return graded
    note = message("judge.out_of_the_ordinary", what=", ".join(suspicious)[:200])
    is_observed_inside = spec.kind == "function" and (spec.rules or spec.run is not call)
    if graded.credit == 0 or not is_observed_inside:
        return replace(graded, notes=(*graded.notes, note))
    return replace(graded, state="review", credit=0.0, text=note, facts=(), why="", reason="screened")


def runnable(source: str) -> str:
    """Return the source as Python: lines that only IPython understands (%matplotlib, !pip, x?) become empty lines.

    Args:
        source: str, the cell; returned as it is if it is valid Python.
    """
    if parse(source) is not None:
        return source
    lines = source.split("\n")
    return "\n".join("" if line.startswith(("%", "!", "?")) or line.endswith("?") else line for line in lines)


_FORMULA_SIGNS = {
    r"^\top": "ᵀ", r"\cdot": "·", r"\partial ": "∂", r"\tfrac12": "½", r"\hat y": "ŷ",
    r"\, ": " ", r"\; ": " ", r"\_": "_", "**": "", "$": "", "`": "",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plain_formulas(text: str) -> str:
    """Return Markdown with LaTeX formulas as plain text: `$x^\\top x$` becomes xᵀ x.

    Code in backquotes stays as it is, without the backquotes: `x ** 3` becomes x ** 3.
    """
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part.strip("`") if part.startswith("`") else _plain_formula(part) for part in parts)


def _plain_formula(text: str) -> str:
    text = re.sub(r"\\text\{([^}]*)\}", r"\1", text)
    for sign, plain in _FORMULA_SIGNS.items():
        text = text.replace(sign, plain)
    text = re.sub(r"\^(\d|n)", lambda match: match[1].translate(_SUPERSCRIPTS), text)
    return re.sub(r"_(\d)", lambda match: match[1].translate(_SUBSCRIPTS), text)
