"""Whatever code does inside a with block of `restore`, its subject is as before afterwards."""

import random

import numpy as np
import pytest
import torch

from seeing_gradients.runtime import (
    repeat_random_state,
    restore_buffers,
    restore_grads,
    restore_settings,
    restore_tensors,
    restore_torch_random_state,
    resume_random_state,
)


def test_settings_are_restored_after_an_error():
    with pytest.raises(ValueError, match="purpose"), restore_settings():
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        raise ValueError("on purpose")
    assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32


def test_every_block_draws_the_same_random_numbers_and_leaves_everyone_elses_alone():
    state, draw = repeat_random_state(), lambda: (torch.rand(()).item(), random.random())
    before = torch.get_rng_state(), random.getstate()
    with state:
        first = draw()
        state.rewind()
        assert draw() == first
    with state:
        assert draw() == first
    assert torch.equal(torch.get_rng_state(), before[0]) and random.getstate() == before[1]


def test_numpys_random_numbers_are_repeated_from_the_block_that_first_draws_them():
    def draw():
        return np.random.rand(), np.random.randn()  # randn draws two numbers and holds one back

    np.random.seed(3)
    expected = [draw() for _ in range(3)]
    np.random.seed(3)
    state = repeat_random_state()
    with state:
        pass  # nothing drawn yet
    with state:
        assert draw() == expected[0]
        state.rewind()
        assert draw() == expected[0]
    assert [draw(), draw()] == expected[:2]
    with state:
        assert draw() == expected[0]
    assert draw() == expected[2]


def test_numpys_random_numbers_go_on_where_the_last_block_ended():
    np.random.seed(3)
    expected = [np.random.randn() for _ in range(3)]
    np.random.seed(3)
    state = resume_random_state()
    with state:
        pass
    np.random.seed(4)
    others = [np.random.randn() for _ in range(4)]
    np.random.seed(4)
    for i in range(3):
        assert np.random.randn() == others[i]
        with state:
            assert np.random.randn() == expected[i]
    state.restart()
    with state:
        assert np.random.randn() == expected[0]
    assert np.random.randn() == others[3]


def test_torch_random_numbers_begin_where_they_are_told_to():
    start = torch.get_rng_state()
    first = torch.rand(())
    with restore_torch_random_state(start):
        assert torch.rand(()) == first
    assert not torch.equal(torch.get_rng_state(), start)


def test_grads_are_cleared_inside_and_restored():
    w = torch.ones((), requires_grad=True)
    w.grad = grad = torch.tensor(3.0)
    with restore_grads([w]) as grads:
        grads.clear()
        assert w.grad is None
        (w * 2).backward()
    assert w.grad is grad and grad == 3.0


def test_buffers_of_a_module_in_training_are_restored():
    norm = torch.nn.BatchNorm1d(2)
    with restore_buffers([norm, "no module"]):
        norm(torch.randn(4, 2))
        assert norm.num_batches_tracked == 1
    assert norm.num_batches_tracked == 0 and torch.equal(norm.running_mean, torch.zeros(2))


def test_tensors_are_restored_as_the_same_objects():
    x, large = torch.ones(2), torch.zeros(1 << 19)
    with restore_tensors([x, large, 2.0]) as restored:
        x.mul_(3)
        large[0] = 1.0
    assert torch.equal(x, torch.ones(2)) and [id(each) for each in restored.lost] == [id(large)]
