"""Exercises without reference, misconceptions and worked solution, for a class that gets none of them.

`describe(exercise)` is a dict for JSON, `restore(described)` an Exercise again, `judge(exercise, answer)` finds what can be
found without a reference: errors, nothing returned, altered inputs, broken rules. Whether numbers are right it cannot tell.
"""

import inspect
import random
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import torch

from seeing_gradients.language import message

from .function_answers import LocalAnswer, judge_without_reference
from .harness import rules as rules_module
from .harness import runs as runs_module
from .spec import Condition, Exercise, Rule, Text, Variants, call
from .value_answers import judge_choice, judge_value
from .verdict import NOT_YET, Verdict

NUM_SAMPLES = 9  # inputs on which an answer runs, drawn when the exercise is described


class Withheld:
    """Stands for a reference that is not there; it has the same parameters.

    Args:
        parameters: names.
    """

    def __init__(self, parameters: tuple[str, ...]) -> None:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in parameters])

    def __call__(self, *inputs: Any) -> Any:
        """Raise a LookupError: nothing is computed here."""
        raise LookupError("the reference is not part of this course")


def describe(spec: Exercise) -> dict[str, Any]:
    """Return what learners get of an exercise, as a dict that JSON can express."""
    rng, is_function = random.Random(), spec.kind == "function"
    inputs = [spec.inputs(rng, (1, -1, 0)[i % 3]) for i in range(NUM_SAMPLES)] if spec.inputs else []
    return {
        **{name: getattr(spec, name) for name in ("id", "kind", "difficulty", "minutes", "options")},
        "statement": asdict(spec.statement),
        "hints": [asdict(hint) for hint in spec.hints],
        "names": [
            name if isinstance(name, str) else {**asdict(name), "is": type(name).__name__} for name in spec.names
        ],
        "parameters": list(inspect.signature(spec.reference).parameters) if is_function else [],
        "programs": list(spec.reference) if spec.kind == "choice" else [],
        "run": None if spec.run is call else spec.run.__name__,
        # A function of the exercise's own is left out, since it holds what is right.
        "read": getattr(spec.read, "__name__", None) if _is_of_harness(spec.read) else None,
        "rules": [
            {"name": rule.name, "why": asdict(rule.why), "broken": rule.broken.__name__, "all": rule.is_about_all_runs}
            for rule in spec.rules
        ],
        "samples": [[_described(value) for value in arguments] for arguments in inputs],
        "variants": [describe(replace(variant, vary=None)) for variant in spec.vary.all()] if spec.vary else [],
    }


def restore(described: dict[str, Any]) -> Exercise:
    """Return the Exercise of a dict from `describe`; its reference is a Withheld, its solution ""."""
    samples = [tuple(_restored(value) for value in arguments) for arguments in described["samples"]]
    variants = described["variants"]
    names = (
        name if isinstance(name, str) else _NAMES[name["is"]](name["en"], name["zh"]) for name in described["names"]
    )
    return Exercise(
        **{name: described[name] for name in ("id", "kind", "difficulty", "minutes")},
        options=tuple(described["options"]),
        statement=Text(**described["statement"]),
        hints=tuple(Text(**hint) for hint in described["hints"]),
        names=tuple(names),
        reference=Withheld(tuple(described["parameters"] or described["programs"])),
        inputs=(lambda rng, sign: rng.choice(samples)) if samples else None,
        run=call if described["run"] is None else getattr(runs_module, described["run"]),
        read=None if described["read"] is None else getattr(runs_module, described["read"]),
        rules=tuple(
            Rule(rule["name"], Text(**rule["why"]), getattr(rules_module, rule["broken"]), rule["all"])
            for rule in described["rules"]
        ),
        solution="",
        misconceptions=(),
        vary=Variants(cache(lambda: tuple(map(restore, variants)))) if variants else None,
    )


def _is_of_harness(function: object) -> bool:
    return getattr(function, "__module__", None) == runs_module.__name__


_NAMES = {"Text": Text, "Condition": Condition}


def is_withheld(spec: Exercise) -> bool:
    """Return whether the reference of an exercise is not there."""
    return isinstance(spec.reference, Withheld)


def judge(spec: Exercise, answer: Any) -> Verdict:
    """Return the Verdict that is possible without a reference: "not yet", unless something is wrong in any case."""
    if spec.kind == "function":
        problem = judge_without_reference(spec, LocalAnswer(spec, answer))
    elif spec.kind == "choice":
        problem = judge_choice(
            replace(spec, reference=dict.fromkeys(inspect.signature(spec.reference).parameters, "")), answer
        )
    else:
        problem = judge_value(
            replace(spec, reference=(float("nan"),) * len(spec.names) if spec.names else float("nan")), answer
        )
    if problem is not None and problem.reason in ("value", "choice", ""):  # what only a reference can tell
        problem = None
    return problem or Verdict(spec.id, NOT_YET, message("exercises.withheld"), reason="withheld")


def _described(value: Any) -> Any:
    """A tensor or a tuple as a dict, which JSON keeps apart from a list; a dict as a list of pairs."""
    if isinstance(value, torch.Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        return {"tensor": value.detach().tolist(), "dtype": kind, "requires_grad": value.requires_grad}
    if isinstance(value, tuple):
        return {"tuple": [_described(part) for part in value]}
    if isinstance(value, dict):
        return {"pairs": [[_described(key), _described(part)] for key, part in value.items()]}
    return [_described(part) for part in value] if isinstance(value, list) else value


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return [_restored(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "tensor" in value:
        tensor = torch.tensor(value["tensor"], dtype=getattr(torch, value["dtype"]))
        return tensor.requires_grad_(value["requires_grad"])
    if "tuple" in value:
        return tuple(_restored(part) for part in value["tuple"])
    return {_restored(key): _restored(part) for key, part in value["pairs"]}
