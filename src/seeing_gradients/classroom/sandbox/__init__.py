"""Rules on answers that nobody can trust: each runs in a sandbox, and only plain numbers come out of it.

`with Judge("zh") as judge: judge.rule(task, source, seed, student)` gives a Ruling. The references, the drawing of inputs
and the comparison stay in this process.
"""

from .cells import SandboxError
from .judge import Judge
from .ruling import Limits, Ruling

__all__ = ["Judge", "Limits", "Ruling", "SandboxError"]
