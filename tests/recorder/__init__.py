"""What the tests of the recorder share."""

import pytest

from seeing_gradients.recorder.saved_tensors import READABLE

readable_saved_tensors = pytest.mark.skipif(not READABLE, reason="PyTorch before 2.13 does not tell what a node saved")
