"""Formulas of an exercise's statement as text that a page without a typesetter can show: `$x^\\top x$` as xᵀ x."""

import re

_SIGNS = {
    r"^\top": "ᵀ", r"\cdot": "·", r"\partial ": "∂", r"\tfrac12": "½", r"\hat y": "ŷ", r"\, ": " ", r"\; ": " ", r"\_": "_",
    "**": "", "$": "", "`": "",
}  # fmt: skip
_RAISED, _LOWERED = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ"), str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def readable(text):
    """Return Markdown with formulas as plain text; what is no formula keeps its signs, `x ** 3` among them."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part.strip("`") if part.startswith("`") else _formulas(part) for part in parts)


def _formulas(text):
    text = re.sub(r"\\text\{([^}]*)\}", r"\1", text)
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    text = re.sub(r"\^(\d|n)", lambda found: found[1].translate(_RAISED), text)
    return re.sub(r"_(\d)", lambda found: found[1].translate(_LOWERED), text)
