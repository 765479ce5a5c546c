"""`from helpers.record import RecordingLimitError`, as lesson 06 types it, while `helpers.record` stays the function.

The import system binds `helpers.record` to whatever stands for this module: that is the function, which carries the
errors that it raises.
"""

import sys
from types import ModuleType
from typing import cast

from seeing_gradients import recorder

for _name in recorder.__all__:
    if _name.endswith("Error"):
        setattr(recorder.record, _name, getattr(recorder, _name))
sys.modules[__name__] = cast(ModuleType, recorder.record)
