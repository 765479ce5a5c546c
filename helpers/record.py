"""Makes `from helpers.record import RecordingLimitError` work, as lesson 06 writes it, although `record` is a function.

Importing a submodule sets the attribute `helpers.record` to the object in `sys.modules`. So this module puts the
function `record` there, with the errors that it raises as attributes.
"""

import sys
from types import ModuleType
from typing import cast

from seeing_gradients import recorder

for _name in recorder.__all__:
    if _name.endswith("Error"):
        setattr(recorder.record, _name, getattr(recorder, _name))
sys.modules[__name__] = cast(ModuleType, recorder.record)
