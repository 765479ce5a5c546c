"""The sign by which a picture names an operation: "mul" -> "×", "linalg_vector_norm" -> "‖·‖"."""

_SIGNS = {
    "add": "+", "sub": "−", "rsub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "xⁿ", "square": "x²", "sqrt": "√",
    "sum": "Σ", "mean": "mean", "prod": "Π", "dot": "·", "inner": "·", "vdot": "·", "vecdot": "·",
    "matmul": "@", "mm": "@", "mv": "@", "bmm": "@", "addmm": "@+", "linear": "@+", "outer": "⊗",
    "norm": "‖x‖", "linalg_norm": "‖x‖", "linalg_vector_norm": "‖x‖", "vector_norm": "‖x‖", "frobenius_norm": "‖x‖",
    "abs": "|x|", "log": "ln", "log2": "log2", "log10": "log10", "log1p": "ln1+", "expm1": "eˣ-1", "exp": "eˣ",
    "reciprocal": "1/x", "rsqrt": "1/√", "sigmoid": "σ", "softmax": "softmax", "relu": "ReLU",
    "gt": ">", "lt": "<", "ge": "≥", "le": "≤", "eq": "=", "ne": "≠", "where": "if", "remainder": "mod",
    "getitem": "[ ]", "__getitem__": "[ ]", "select": "[ ]", "slice": "[ ]", "index": "[ ]", "setitem": "[ ]=",
    "__setitem__": "[ ]=", "copy": "=", "view": "view", "reshape": "view", "t": "ᵀ", "transpose": "ᵀ", "permute": "ᵀ",
    "mse_loss": "MSE", "std": "std", "var": "var", "cumsum": "Σ..", "item": "item", "to": "to", "contiguous": "copy",
    "square_": "x²", "stack": "stack", "concat": "cat", "concatenate": "cat", "unsqueeze": "view", "squeeze": "view",
}  # fmt: skip
_LONGEST = 6


def symbol(op):
    """Return the sign of an operation, its name if that is short, else "ƒ"; in-place operations end in "="."""
    if op in _SIGNS:
        return _SIGNS[op]
    bare = op.strip("_")
    if op.endswith("_") and not op.endswith("__") and bare in _SIGNS and len(_SIGNS[bare]) == 1:
        return f"{_SIGNS[bare]}="
    sign = _SIGNS.get(bare, bare)
    return sign if len(sign) <= _LONGEST else "ƒ"
