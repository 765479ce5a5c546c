"""Judge numbers and choices: `judge_value(exercise, answer)` and `judge_choice(exercise, answer)` return a Verdict.

There is only one right answer, so the verdict never states it: it says which part is wrong, and in what way.
"""

from typing import Any

from torch import Size, Tensor

from seeing_gradients.language import message

from .comparison import Difference, NotPlainError, Plain, compare, is_array, plain
from .execution import is_stub
from .spec import Exercise, Misconception, Text
from .verdict import CLOSE, CORRECT, NOT_YET, WRONG, Verdict, fact

_MAX_PARTS = 100  # parts of an answer that are read; no exercise asks for more than five


def judge_value(exercise: Exercise, answer: Any) -> Verdict:
    """Return the Verdict on one number, or on several.

    Args:
        exercise: Exercise of kind "value".
        answer: the number; or a tuple, list or 1-D tensor with as many numbers as the exercise has names.
    """
    count = max(1, len(exercise.names))
    parts = _answer_parts(answer)
    if is_stub(answer) or all(map(is_stub, parts)):
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    if len(parts) != count:
        names = ", ".join(map(str, exercise.names)) or message("exercises.wanted_number")
        facts = (fact("received", message("exercises.count", count=len(parts))), fact("expected", names))
        return Verdict(exercise.id, WRONG, message("exercises.differs_count"), facts, reason="count")
    missing = [str(name) for name, part in zip(exercise.names, parts, strict=False) if is_stub(part)]
    if missing:
        return Verdict(exercise.id, NOT_YET, message("exercises.missing", names=", ".join(missing)), reason="stub")
    try:
        received = [plain(part) for part in parts]
    except NotPlainError as error:
        facts = (fact("received", str(error)), fact("expected", message("exercises.wanted_number")))
        return Verdict(exercise.id, WRONG, message("exercises.differs_type"), facts, reason="type")
    return _judge_numbers(exercise, received)


def judge_choice(exercise: Exercise, answer: Any) -> Verdict:
    """Return the Verdict on a dict from program to cause.

    Args:
        exercise: Exercise of kind "choice".
        answer: dict with the keys of the exercise's reference; its values are options of the exercise.
    """
    if is_stub(answer) or (isinstance(answer, dict) and answer and all(map(is_stub, answer.values()))):
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    if not isinstance(answer, dict) or set(answer) != set(exercise.reference):
        text = message("exercises.not_a_dict", names=", ".join(exercise.reference))
        received = list(answer) if isinstance(answer, dict) else type(answer).__name__
        return Verdict(exercise.id, WRONG, text, (fact("received", str(received)),), reason="type")
    missing = [name for name, choice in answer.items() if is_stub(choice)]
    if missing:
        return Verdict(exercise.id, NOT_YET, message("exercises.missing", names=", ".join(missing)), reason="stub")
    chosen = {name: _option(choice, exercise.options) for name, choice in answer.items()}
    unknown = [answer[name] for name, option in chosen.items() if option is None]
    if unknown:
        options = ", ".join(f'"{option}"' for option in exercise.options)
        text = message("exercises.unknown_option", options=options)
        return Verdict(exercise.id, WRONG, text, (fact("received", _as_text(unknown[0])),), reason="type")
    return _judge_choices(exercise, {name: option for name, option in chosen.items() if option})


def _option(choice: Any, options: tuple[str, ...]) -> str | None:
    """The option equal to a choice, or None; case, surrounding spaces and the notation of a number do not matter."""
    written = choice.strip().lower() if type(choice) is str else choice
    same = (
        option for option in options if option.lower() == written or _number(option) == _number(written) is not None
    )
    return next(same, None)


def _number(choice: Any) -> float | None:
    try:
        return float(choice) if type(choice) in (str, int, float) else None
    except (ValueError, OverflowError):
        return None


def _as_text(choice: Any) -> str:
    return repr(choice)[:80] if type(choice) in (str, float) else type(choice).__name__


def _answer_parts(answer: Any, depth: int = 2) -> list[Any]:
    """The parts of an answer: itself, or the items of tuples, lists (up to `depth` levels) and 1-D tensors."""
    if depth and type(answer) in (tuple, list, Size):
        return [part for item in answer[:_MAX_PARTS] for part in _answer_parts(item, depth - 1)]
    return _elements(answer) if isinstance(answer, Tensor) or is_array(answer) else [answer]


def _elements(tensor: Any) -> list[Any]:
    try:
        whole = plain(tensor)
    except NotPlainError:
        return [tensor]
    return list(whole.rows()) if len(whole.shape) == 1 and whole.numbers else [tensor]


def _judge_numbers(exercise: Exercise, received: list[Plain]) -> Verdict:
    reference = exercise.reference if exercise.names else (exercise.reference,)
    names = exercise.names or (message("exercises.result"),)
    expected = [plain(number) for number in reference]
    differences = [compare(a, b) for a, b in zip(received, expected, strict=True)]
    if all(d.kind == "none" for d in differences):
        exact, largest = all(d.exact for d in differences), max(d.largest for d in differences)
        text = message("exercises.right" if exact else "exercises.right_close")
        return Verdict(exercise.id, CORRECT if exact else CLOSE, text, difference=largest, share=1.0)
    shown = fact("received", ", ".join(f"{name} = {part}" for name, part in zip(names, received, strict=True)))
    # Names of variables in code: some are words, and would be read as such.
    called = [f"`{name}`" if isinstance(name, str) and name.isascii() else name for name in exercise.names] or names
    remarks = [_remark(*each) for each in zip(called, received, expected, differences, strict=True)]
    known = next((m for m in exercise.misconceptions if _has_misconception(m, received)), None)
    why, name = (str(known.why), known.name) if known else ("", "")
    text = message("exercises.parts", remarks=message("exercises.separator").join(remarks))
    share = sum(d.kind == "none" for d in differences) / len(differences)
    return Verdict(exercise.id, WRONG, text, (shown,), why, "value", name, share=share)


def _has_misconception(misconception: Misconception, received: list[Plain]) -> bool:
    wrong = misconception.gives if isinstance(misconception.gives, tuple) else (misconception.gives,)
    return all(compare(a, plain(b)).kind == "none" for a, b in zip(received, wrong, strict=True))


def _remark(name: str | Text, received: Plain, expected: Plain, difference: Difference) -> str:
    """A sentence on what is wrong with one number, without telling the right one."""
    if difference.kind == "none":
        return message("exercises.part_right", name=name)
    if difference.kind == "shape":
        return message("exercises.part_shape", name=name, shape=received.shape)
    a, b = received.numbers[0], expected.numbers[0]
    if isinstance(a, complex) or isinstance(b, complex) or not abs(a) < float("inf"):
        return message("exercises.part_not_finite", name=name)
    if a * b < 0:
        return message("exercises.part_sign", name=name)
    key = "small" if abs(a) < abs(b) else "large"
    return message(f"exercises.part_{key}_negative" if b < 0 else f"exercises.part_{key}", name=name)


def _judge_choices(exercise: Exercise, answer: dict[str, str]) -> Verdict:
    wrong = [name for name, choice in answer.items() if choice != exercise.reference[name]]
    if not wrong:
        return Verdict(exercise.id, CORRECT, message("exercises.right"), difference=0.0, share=1.0)
    first = answer[wrong[0]]
    known = next((m for m in exercise.misconceptions if m.gives == first), None)
    right, total = len(answer) - len(wrong), len(answer)
    text = message("exercises.some_choices", right=right, total=total)
    shown = (fact("look_again", f'{wrong[0]}: "{first}"'),)
    why, name = (str(known.why), known.name) if known else ("", "")
    return Verdict(exercise.id, WRONG, text, shown, why, "value", name, share=right / total)
