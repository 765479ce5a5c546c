"""A Judge that runs nothing, to test grading without a sandbox: the text of an answer decides its result.

Comments in an answer make grading it slow (`# slow`), kill the worker (`# deadly`) or raise an error (`# faulty`).
"""

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass


class SandboxError(Exception):
    pass


@dataclass(frozen=True)
class AnswerLimits:
    seconds: float = 2.0


@dataclass(frozen=True)
class GradedAnswer:
    exercise: str
    state: str
    credit: float
    text: str
    facts: tuple = ()
    why: str = ""
    misconception: str = ""
    reason: str = ""
    notes: tuple = ()
    seconds: float = 0.01

    def as_dict(self):
        return asdict(self)


class Judge:
    def __init__(self, lang="zh", limits=None, sandbox="bubblewrap"):
        if sandbox == "none":
            raise SandboxError("not on this cluster")
        self._lang = lang

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    @contextmanager
    def session(self):
        yield self

    def grade(self, task, source, seed, student):
        if source is None:
            return GradedAnswer(task.exercise, "missing", 0.0, "There is no answer.")
        if "# slow" in source:
            time.sleep(0.3)
        if "# deadly" in source:
            os.kill(os.getpid(), signal.SIGKILL)
        if "# faulty" in source:
            raise RuntimeError("a fault of the Judge")
        if "x * x" in source:
            return GradedAnswer(task.exercise, "correct", 1.0, "Right.")
        if "2 * x" in source:
            shown = (("received", "<b>\x1b[31m2</b>\n<script>alert(1)</script>"),)
            return GradedAnswer(task.exercise, "wrong", 0.25, "Wrong.", shown, "Adds up.", "doubles", "value")
        return GradedAnswer(task.exercise, "not yet", 0.0, f"Nothing yet, seed {seed}.")
