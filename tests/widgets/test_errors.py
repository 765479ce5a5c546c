"""Which lines of a traceback are the learner's own."""

import pytest
import torch

from seeing_gradients.widgets.errors import users_frames


def test_code_in_a_folder_called_torch_is_the_learner_s_and_pytorch_s_own_is_not():
    namespace = {"torch": torch}
    source = "def f(x):\n    return torch.nn.functional.linear(x, x[:1], x)"
    exec(compile(source, "/home/me/torch/seeing_gradients/notes.py", "exec"), namespace)  # noqa: S102, code of the test
    with pytest.raises(RuntimeError) as raised:
        namespace["f"](torch.ones(3))
    assert [frame.filename for frame in users_frames(raised.value)] == [
        __file__,
        "/home/me/torch/seeing_gradients/notes.py",
    ]
    model = torch.nn.Sequential(torch.nn.Linear(2, 2))
    with pytest.raises(RuntimeError) as raised:
        model(torch.ones(3))
    assert [frame.filename for frame in users_frames(raised.value)] == [__file__]
