"""What stands behind "more", and what the options of explore put into sight."""

import pytest

from seeing_gradients import explore
from seeing_gradients.language import using
from seeing_gradients.widgets.recorded import record_widget


def product(w, b):
    return w * b


class Value:
    """The smallest engine that explore can show."""

    def __init__(self, data, parents=(), op="leaf"):
        self.data, self.grad, self.parents, self.op = data, 0.0, parents, op

    def __mul__(self, other):
        return Value(self.data * other.data, ((self, other.data), (other, self.data)), "mul")

    def backward(self):
        self.grad = 1.0
        for parent, slope in self.parents:
            parent.grad += slope


def test_at_first_everything_but_sliders_graph_and_play_stands_behind_more():
    explorer = explore(product, w=2.0, b=3.0)
    assert set(explorer.extras.values()) == {"more"} and explorer.more_open is False


@pytest.mark.parametrize("name", ["saved", "cut", "keep"])
def test_an_option_puts_its_extra_into_sight_and_no_other(name):
    extras = explore(product, w=2.0, b=3.0, **{name: True}).extras
    assert [key for key, place in extras.items() if place == "shown"] == [name]


def test_what_an_engine_of_ones_own_cannot_do_is_not_offered():
    explorer = explore(product, engine=Value, w=2.0, b=3.0)
    assert "PyTorch" not in explorer.labels["tip"] and "engine" in explorer.labels["tip"]
    recorded = record_widget(explorer, positions=3, progress=False).data["traits"]["labels"]["tip"]
    assert "PyTorch" not in recorded and "beforehand" in recorded
    assert [key for key, place in explorer.extras.items() if place == "none"] == ["saved", "cut"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["saved", "cut", "keep"])
def test_a_switch_that_is_no_bool_is_refused_by_name(name, language):
    with using(language), pytest.raises(TypeError, match=rf"{name}.*True.*False.*\(0, 1\)"):
        explore(product, w=2.0, b=3.0, **{name: (0, 1)})


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["saved", "cut"])
def test_an_engine_of_ones_own_refuses_what_it_has_not(name, language):
    with using(language), pytest.raises(ValueError, match=rf"{name}=True.*engine="):
        explore(product, engine=Value, w=2.0, b=3.0, **{name: True})


@pytest.mark.parametrize(
    ("language", "check", "legend"), [("en", "check", "gradient, backward"), ("zh", "检验", "反向传播")]
)
def test_the_static_picture_has_the_inputs_the_check_and_the_legend_of_the_live_one(language, check, legend):
    with using(language):
        svg = explore(product, w=2.0, b=3.0).picture()
    assert f"w = 2, ← 3, {check} = 3" in svg and f"b = 3, ← 2, {check} = 2" in svg and legend in svg
