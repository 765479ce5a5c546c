"""What a Judge may take and what it says: Limits, and the Ruling on one answer."""

from dataclasses import asdict, dataclass

from seeing_gradients.language import message


@dataclass(frozen=True)
class Limits:
    """What one answer may take, over all its runs.

    Attributes:
        seconds: float, wall-clock, for loading the cell and again for all runs together.
        processor: float, seconds of processor time for everything, so that a loop without end holds up nobody for long.
        memory: int, bytes on top of what PyTorch holds.
        processes: int, processes and threads at a time; its own is one.
        files: int, bytes in its temporary folder, and in one file.
    """

    seconds: float = 2.0
    processor: float = 1.0
    memory: int = 256 << 20
    processes: int = 1
    files: int = 16 << 20


@dataclass(frozen=True)
class Ruling:
    """What came of one answer. Any of its texts may quote the answer: escape them.

    Attributes:
        exercise: str, "02.5".
        state: str, a Verdict's state, or "missing" or "review".
        credit: float from 0 to 1.
        text: str.
        facts: tuple of (label, text); no hidden input, no expected value.
        why: str, the misconception or error explained.
        misconception: str, its name.
        reason: str, what decided, as in Verdict.
        notes: tuple of str.
        seconds: float, wall-clock.
    """

    exercise: str
    state: str
    credit: float
    text: str
    facts: tuple = ()
    why: str = ""
    misconception: str = ""
    reason: str = ""
    notes: tuple = ()
    seconds: float = 0.0

    def as_dict(self):
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data):
        """Return the Ruling of what `as_dict` gave."""
        facts = tuple((label, text) for label, text in data["facts"])
        return cls(**{**data, "facts": facts, "notes": tuple(data["notes"])})


_HIDDEN = ("input", "expected", "index", "difference")  # facts that would tell of the hidden test


def ruling(exercise, verdict, seconds):
    """Return the Ruling that a Verdict amounts to, without what it tells of the hidden inputs."""
    hidden = {message(f"exercises.{key}") for key in _HIDDEN}
    if exercise.kind == "function" and verdict.reason in ("value", "shape", "dtype"):
        hidden.add(message("exercises.received"))  # what an answer makes of an input may tell the input
    facts = tuple((label, text) for label, text in verdict.facts if label not in hidden)
    said = {
        "why": verdict.why,
        "misconception": verdict.misconception,
        "reason": verdict.reason,
        "notes": verdict.notes,
    }
    return Ruling(exercise.id, verdict.state, credit(exercise, verdict), verdict.text, facts, **said, seconds=seconds)


def credit(exercise, verdict):
    """The share of the points: all where it is right; half where only a rule is broken; half of the share of inputs
    that came out right; for numbers and choices the share that is right."""
    if verdict.solved:
        return 1.0
    return round(verdict.share * (0.5 if exercise.kind == "function" else 1.0), 4)
