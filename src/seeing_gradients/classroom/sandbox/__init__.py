"""Judge untrusted answers: each runs in a sandbox, and only plain numbers come out of it.

`with Judge("zh") as judge: judge.grade(task, source, seed, student)` gives a GradedAnswer. The references, the
drawing of inputs and the comparison stay in this process.
"""

from .judge import GradedAnswer, Judge, Limits
from .launch import SandboxError

__all__ = ["GradedAnswer", "Judge", "Limits", "SandboxError"]
