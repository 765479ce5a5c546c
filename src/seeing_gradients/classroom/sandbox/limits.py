"""The limits of an answer in the sandbox: time, memory, processes and files.

An instructor changes them by the same names: `--limit seconds=5` for all answers, the table [limits."02.5"] of points.toml for one
exercise.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class AnswerLimits:
    """The resources that one answer may use.

    Attributes:
        seconds: float, wall-clock time for running its cell, and the same again for all runs on inputs together.
        processor: float, seconds of processor time in total; they stop an endless loop.
        memory: int, bytes of address space on top of what the process has before the answer.
        processes: int, how many processes and threads may exist at a time, its own included.
        files: int, bytes in its temporary folder, and in a single file.
    """

    seconds: float = 2.0
    processor: float = 1.0
    memory: int = 256 << 20
    processes: int = 1
    files: int = 16 << 20


DEFAULT_LIMITS = AnswerLimits()
