"""See autograd live: `explore(f, w=(-5.0, 5.0), b=2.0, x=[1.0, 2.0])` gives sliders and the recorded graph.

Each move of a slider runs f and its backward pass again in the kernel; the page updates the numbers in place.
"""

from .controls import Control, control, read_controls
from .explorer import Explorer, explore
from .problems import Problem
from .session import RunResult, RunSession

__all__ = ["Control", "Explorer", "Problem", "RunResult", "RunSession", "control", "explore", "read_controls"]
