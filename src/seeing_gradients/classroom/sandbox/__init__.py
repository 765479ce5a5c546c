"""Judge untrusted answers: each runs in a sandbox, and only plain data comes out of it.

`with Judge("zh") as judge: judge.grade(task, source, seed, student)` returns a GradedAnswer. The reference solutions
stay in this process, which also draws the inputs and compares the results.
"""

from .judge import GradedAnswer, Judge
from .launch import SandboxError
from .limits import AnswerLimits

__all__ = ["AnswerLimits", "GradedAnswer", "Judge", "SandboxError"]
