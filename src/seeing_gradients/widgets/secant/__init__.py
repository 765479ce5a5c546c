"""The step size of a numerical derivative, live: the secant, its slope, and its error over the step.

`secant(torch.sin, 1.0)` shows it in a cell; the widget's traits hold its whole state.
"""

from .widget import Secant, secant

__all__ = ["Secant", "secant"]
