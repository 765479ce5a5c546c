"""Derivatives by central differences in float64, to compare with what autograd computes.

`numerical_grad(f, x)` or `numerical_grad(f, w=4.0, b=2.0)`, `directional_check(f, x)`, `relative_error(a, b)`.
"""

from .differences import DirectionalCheck, directional_check, directional_grad, numerical_grad, relative_error

__all__ = ["DirectionalCheck", "directional_check", "directional_grad", "numerical_grad", "relative_error"]
