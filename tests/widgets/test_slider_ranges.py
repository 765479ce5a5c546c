"""Ranges and steps of sliders for which none are given, and numbers of which no slider can be made."""

import math

import pytest

from helpers import descend, explore, secant
from seeing_gradients import language
from seeing_gradients.widgets.slider_ranges import LARGEST, default_range, default_step, fits_slider, round_number

NUMBERS = (0.0, 1.0, 2.0, -7.0, 0.02, 123.0, 3e-8, 2e-300, 1e-320, -5e-324, 4.2e18, LARGEST)
TOO_LARGE = (math.nan, math.inf, -math.inf, 1e308, 10**400, 10**5000)


@pytest.mark.parametrize("x", NUMBERS)
def test_a_range_surrounds_its_number_and_has_a_hundred_steps(x):
    low, high, step = default_range(x)
    assert low < x < high and 0 < step < high - low
    assert (high - low) / step > 99.9


def test_ranges_are_round():
    assert default_range(2.0) == (-3, 7, 0.1)
    assert default_range(0.02) == (-0.03, 0.07, 0.001)
    assert default_range(0.0) == (-5, 5, 0.1)
    assert (round_number(3.0, up=True), round_number(3.0, up=False), round_number(0.5, up=True)) == (5, 2, 0.5)
    assert default_step(-1.0, 6.0) == 0.05


@pytest.mark.parametrize("y", [2.0, 7.0, 0.02, -30.0])
def test_explore_and_descend_give_a_number_the_same_slider(y):
    def f(w, b, y):
        return (w - y) ** 2 + b**2

    (slider,) = descend(f, w=(-1.0, 6.0), b=(-4.0, 6.0), y=y).spec["sliders"]
    control = next(each for each in explore(f, w=1.0, b=1.0, y=y).controls if each["labels"] == ["y"])
    assert [slider["low"], slider["high"], slider["step"]] == [control["low"], control["high"], control["step"]]
    assert (control["low"], control["high"], control["step"]) == default_range(y)


@pytest.mark.parametrize("x", TOO_LARGE, ids=lambda x: f"{x:g}" if isinstance(x, float) else f"{x.bit_length()} bits")
@pytest.mark.parametrize("code", language.LANGUAGES)
def test_a_number_that_no_slider_can_hold_is_refused_by_name(x, code):
    assert not fits_slider(x)

    def f(w, b, y):
        return (w * y) ** 2 + b**2

    attempts = {
        "y": lambda: explore(f, w=1.0, b=1.0, y=x),
        "b": lambda: explore(f, w=1.0, b=(0.0, x), y=1.0),
        "x": lambda: secant(lambda x: x * x, x=x),
        "w": lambda: explore(f, w=1.0, b=1.0, y=1.0).set(w=x),
        "y ": lambda: descend(f, w=(0, 1), b=(0, 1), y=x),
        "b ": lambda: descend(f, w=(0, 1), b=(0, x), y=1.0),
        "lr": lambda: descend(f, w=(0, 1), b=(0, 1), y=1.0, lr=x),
        "w ": lambda: descend(f, w=(0, 1), b=(0, 1), y=1.0, start=(x, 0.5)),
    }
    with language.using(code):
        for name, attempt in attempts.items():
            with pytest.raises(ValueError) as refused:
                attempt()
            assert name.strip() in str(refused.value) and len(str(refused.value)) < 300


def test_a_step_of_more_positions_than_a_range_has_floats_is_refused():
    with pytest.raises(ValueError, match="step"):
        explore(lambda x: x * x, x=(-1.0, 1.0, 1e-320))
    explore(lambda x: x * x, x=(-1.0, 1.0, 1e-12))


def test_a_value_in_a_message_is_short_and_always_found():
    class Odd:
        def __repr__(self):
            raise RuntimeError

    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert language.abridged(Odd()) == "Odd"
    assert language.abridged(10**5000) == "int"
    assert language.abridged(deep) == "list"
    assert language.abridged("x" * 100) == "'" + 56 * "x" + "..."
    assert language.abridged([1, 2]) == "[1, 2]"
