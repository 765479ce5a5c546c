"""Gradient descent on a function of one or two inputs, live: curve or contours, the gradient, one real step a click.

`descend(f, w=(-1.0, 6.0), b=(-4.0, 6.0), lr=0.02)` shows it in a cell, over contours; `descend(f, w=(-1.0, 6.0))` on the
curve of an f of one input. The widget's traits hold its whole state.
"""

from .widget import Descent, descend

__all__ = ["Descent", "descend"]
