"""The step size of a numerical derivative as a widget: the secant, its slope, and its error as a function of the step.

`secant(torch.sin, 1.0)` shows it in a cell. The widget's traits hold its whole state.
"""

from .widget import Secant, secant

__all__ = ["Secant", "secant"]
