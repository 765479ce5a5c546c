"""What the tests of widgets share: the check of a gradient may take long, since another program may have the processor."""

import pytest

from seeing_gradients.widgets.explore import gradient_check


@pytest.fixture(autouse=True)
def patient_check(monkeypatch):
    monkeypatch.setattr(gradient_check, "_MAX_SECONDS", 20.0)
