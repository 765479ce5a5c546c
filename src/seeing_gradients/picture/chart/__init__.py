"""What every plot of ours is made of: axes with round ticks, lines in pixels, contour lines of a grid of values.

`Axis` places values and ticks; `Frame` is the rectangle of two axes; `field(z, frame)` draws contours in it,
`torn(z)` finds where they end at a jump.
"""

from .axis import Axis
from .contours import Field, Frame, field
from .lines import clipped, gradient_arrow, path, thin
from .torn import torn

__all__ = ["Axis", "Field", "Frame", "clipped", "field", "gradient_arrow", "path", "thin", "torn"]
