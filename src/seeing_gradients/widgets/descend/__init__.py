"""Gradient descent on a function of one or two inputs as a widget: each click takes a real step with PyTorch.

`descend(f, w=(-1.0, 6.0), b=(-4.0, 6.0), lr=0.02)` draws the steps on contour lines; `descend(f, w=(-1.0, 6.0))` draws
them on the curve of an f of one input. The widget's traits hold its whole state.
"""

from .widget import Descent, descend

__all__ = ["Descent", "descend"]
