"""Judge untrusted answers: each runs in a sandbox, and only plain data comes out of it.

`with Judge("zh") as judge: judge.grade(task, source, seed, student)` returns a GradedAnswer. The reference solutions
stay in this process, which also draws the inputs and compares the results. The Judge, which needs PyTorch, is imported when
it is first asked for, so that `start_sandbox` can start one meanwhile.
"""

from typing import TYPE_CHECKING, Any

from .launch import SandboxError
from .launch import launch as start_sandbox
from .limits import AnswerLimits

if TYPE_CHECKING:
    from .judge import GradedAnswer, Judge

__all__ = ["AnswerLimits", "GradedAnswer", "Judge", "SandboxError", "start_sandbox"]


def __getattr__(name: str) -> Any:
    if name not in ("GradedAnswer", "Judge"):
        raise AttributeError(name)
    from . import judge

    return getattr(judge, name)
