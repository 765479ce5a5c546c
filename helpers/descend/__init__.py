"""Gradient descent on a function of two inputs, live: contours, the gradient, one real step a click.

`descend(f, w=(-1.0, 6.0), b=(-4.0, 6.0), lr=0.02)` shows it in a cell; the widget's traits hold its whole state.
"""

from .widget import Descent, descend

__all__ = ["Descent", "descend"]
