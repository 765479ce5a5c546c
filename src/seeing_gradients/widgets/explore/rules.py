"""The rules of backward as people write them: `6 × x`, `g × cos(a)`; each is compared with what autograd really sent.

Source: the derivative formulas of PyTorch, tools/autograd/derivatives.yaml.
"""

import math

import torch

# operation -> for each operand the rule: text, and the same as a function of the arriving gradient g, the operands a and
# b, the result r and a module with cos, exp, ... for their type
_RULES = {
    "add": (("{g}", lambda g, a, b, r, m: g), ("{g}", lambda g, a, b, r, m: g)),
    "sub": (("{g}", lambda g, a, b, r, m: g), ("−{g}", lambda g, a, b, r, m: -g)),
    "mul": (("{g} × {b}", lambda g, a, b, r, m: g * b), ("{g} × {a}", lambda g, a, b, r, m: g * a)),
    "div": (("{g} ÷ {b}", lambda g, a, b, r, m: g / b), ("−{g} × {a} ÷ {b}²", lambda g, a, b, r, m: -g * a / b**2)),
    "pow": (
        ("{g} × {b} × {a}^({b} − 1)", lambda g, a, b, r, m: g * b * a ** (b - 1)),
        ("{g} × {r} × ln {a}", lambda g, a, b, r, m: g * r * m.log(a)),
    ),
    "neg": (("−{g}", lambda g, a, b, r, m: -g),),
    "exp": (("{g} × {r}", lambda g, a, b, r, m: g * r),),
    "log": (("{g} ÷ {a}", lambda g, a, b, r, m: g / a),),
    "sin": (("{g} × cos {a}", lambda g, a, b, r, m: g * m.cos(a)),),
    "cos": (("−{g} × sin {a}", lambda g, a, b, r, m: -g * m.sin(a)),),
    "tanh": (("{g} × (1 − {r}²)", lambda g, a, b, r, m: g * (1 - r * r)),),
    "sigmoid": (("{g} × {r} × (1 − {r})", lambda g, a, b, r, m: g * r * (1 - r)),),
    "relu": (("{g} × [{a} > 0]", lambda g, a, b, r, m: g * (a > 0)),),
    "sqrt": (("{g} ÷ (2 × {r})", lambda g, a, b, r, m: g / (2 * r)),),
    "square": (("{g} × 2 × {a}", lambda g, a, b, r, m: g * 2 * a),),
    "abs": (("{g} × sign {a}", lambda g, a, b, r, m: g * a / abs(a)),),
    "reciprocal": (("−{g} × {r}²", lambda g, a, b, r, m: -g * r * r),),
    "sum": (("{g}", lambda g, a, b, r, m: g),),
    "mean": (("{g} ÷ {n}", lambda g, a, b, r, m: g / (a.numel() / g.numel() if m is torch else 1)),),
    "matmul": (("{g} @ {b}ᵀ", lambda g, a, b, r, m: g @ b.mT), ("{a}ᵀ @ {g}", lambda g, a, b, r, m: a.mT @ g)),
}
_RULES |= {"square_": _RULES["square"], "dot": _RULES["mul"], "mm": _RULES["matmul"], "__rsub__": _RULES["sub"][::-1]}
_RULES |= {"rsub": _RULES["__rsub__"]}
_SIGNS = {
    "add": ("{a} + {b}", lambda a, b: a + b),
    "sub": ("{a} − {b}", lambda a, b: a - b),
    "mul": ("{a} × {b}", lambda a, b: a * b),
    "div": ("{a} ÷ {b}", lambda a, b: a / b),
    "pow": ("{a}^{b}", lambda a, b: a**b),
    "neg": ("−{a}", lambda a, b: -a),
    "__rsub__": ("{b} − {a}", lambda a, b: b - a),
    "rsub": ("{b} − {a}", lambda a, b: b - a),
    "dot": ("{a} · {b}", lambda a, b: a @ b),
    "matmul": ("{a} @ {b}", lambda a, b: a @ b),
    "mv": ("{a} @ {b}", lambda a, b: a @ b),
    "mm": ("{a} @ {b}", lambda a, b: a @ b),
}
_CLOSE = 1e-3  # of the larger; the numbers are float32
_CANCELLED = 1e-6  # of the largest element: another may be the rest of larger numbers that cancel


def backward_rule(op, place, given, sent):
    """The text of the rule that gives what autograd sent, and whether it is spread over more elements.

    None where no rule here gives just that.

    Args:
        op: str, "mul".
        place: int, which operand.
        given: dict of Snapshot or None: g, a, b, r.
        sent: Snapshot, what flowed to that operand.
    """
    rules = _RULES.get("square" if op == "pow" and given.get("b") is None else op, ())
    if place >= len(rules):
        return None
    text, rule = rules[place]
    found = _computed(rule, given, ("g", "a", "b", "r"))
    if found is None or not _agree(_summed(found, sent), sent):
        return None
    return (f"Σ {text}" if _size(found) > _size(sent) else text), _size(found) < _size(sent)


def forward_rule(op, given):
    """The text of what an operation computes, "{a} × {b}", or None where that is not what it computed.

    Args:
        op: str, "mul".
        given: dict of Snapshot or None: a, b, r.
    """
    if op not in _SIGNS:
        return None
    text, rule = _SIGNS[op]
    found = _computed(lambda a, b, m: rule(a, b), given, ("a", "b"))
    return text if found is not None and _agree(found, given["r"]) else None


def _computed(rule, given, names):
    """What the rule gives: a number where all are numbers, else a float64 tensor; None where it does not apply."""
    snapshots = [given.get(name) for name in names]
    if any(s is not None and (s.numbers is None or s.dtype.is_complex) for s in snapshots):
        return None
    try:
        if all(s is None or not s.shape for s in snapshots):
            return rule(*(s and s.numbers for s in snapshots), math)
        return rule(*(s and s.tensor().double() for s in snapshots), torch)
    except (ArithmeticError, AttributeError, RuntimeError, TypeError, ValueError):
        return None  # not numbers, or of shapes that this rule is not for


def _summed(found, sent):
    """A gradient summed over what was broadcast."""
    if _size(found) <= _size(sent):
        return found
    try:
        return found.sum_to_size(sent.shape)
    except RuntimeError:
        return found


def _agree(found, wanted):
    """Whether what a rule gives, copied to every element if need be, is what there was."""
    if wanted is None or wanted.numbers is None or _size(found) > _size(wanted):
        return False
    if not isinstance(found, torch.Tensor) and not wanted.shape:
        return found == wanted.numbers or abs(found - wanted.numbers) <= _CLOSE * max(abs(found), abs(wanted.numbers))
    try:
        numbers = wanted.tensor().double()
        least = _CANCELLED * float(numbers.abs().max()) if numbers.numel() else 0.0
        return torch.allclose(torch.as_tensor(found).expand(wanted.shape).double(), numbers, rtol=_CLOSE, atol=least)
    except RuntimeError:  # of another shape
        return False


def _size(value):
    if isinstance(value, torch.Tensor):
        return value.numel()
    return math.prod(getattr(value, "shape", ()))
