"""Draw random inputs for exercises: multiples of 0.25, which float32 holds exactly and which are easy to read.

Use `number(rng, sign)`, `vector(rng, sign, n)` and `matrix(rng, sign, rows, columns)`; `turn(rng, choices)` for kinds of inputs
of which none may be missing; `again(rng, sign, draw)` for an input that comes back beside others. `sign` is +1 for positive
numbers, -1 for negative ones, 0 for mixed signs.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

import torch
from torch import Tensor

_Choice = TypeVar("_Choice")
_Input = TypeVar("_Input")


def turn(rng: Random, choices: Sequence[_Choice], key: object = "") -> _Choice:
    """Return the choices in rotation, beginning with a random one, so that several calls in a row miss none.

    Args:
        rng: random.Random, which also remembers whose turn it is.
        choices: sequence.
        key: of a rotation of its own, e.g. the sign.
    """
    turns = vars(rng).setdefault("turns", {})
    turns[key] = turns.get(key, rng.randrange(len(choices))) + 1
    return choices[turns[key] % len(choices)]


def again(rng: Random, sign: int, draw: Callable[[], _Input]) -> _Input:
    """Return what `draw` gives, and on every second call with a sign what it gave on the call before.

    An answer that keeps its results under this input alone is wrong then. A tensor is the same object both times.

    Args:
        rng: random.Random, which also remembers what was drawn.
        sign: int.
        draw: function () -> input.
    """
    drawn = vars(rng).setdefault("drawn", {})
    key = (draw.__code__, sign)  # one generator may draw for several exercises
    if key in drawn:
        return drawn.pop(key)
    drawn[key] = draw()
    return drawn[key]


def number(rng: Random, sign: int = 0, most: int = 3, parts: int = 4) -> float:
    """Return a random multiple of 1 / parts with an absolute value from that to `most`.

    With 32 parts there are too many numbers for a table of right results to pass as an answer.
    """
    return (sign or rng.choice((1, -1))) * rng.randint(1, parts * most) / parts


def vector(rng: Random, sign: int = 0, n: int | None = None) -> Tensor:
    """Return a float32 tensor (n,) of such numbers; without n, its length is random, 2 to 5."""
    n = n or rng.randint(2, 5)
    numbers = [number(rng, sign) for _ in range(n)]
    if not sign:
        numbers[0], numbers[1] = abs(numbers[0]), -abs(numbers[1])  # so that both signs occur
    return torch.tensor(numbers)


def matrix(rng: Random, sign: int, rows: int, columns: int) -> Tensor:
    """Return a float32 tensor (rows, columns) of such numbers; every row has both signs if `sign` is 0."""
    return torch.stack([vector(rng, sign, columns) for _ in range(rows)])
