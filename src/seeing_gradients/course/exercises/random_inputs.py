"""Draws fresh random inputs for exercises: quarters, which float32 holds exactly and which are easy to read.

`number(rng, sign)`, `vector(rng, sign, n)` and `matrix(rng, sign, rows, columns)`: sign is +1 for all positive, -1 for
all negative, 0 for mixed.
"""

from random import Random

import torch
from torch import Tensor


def number(rng: Random, sign: int = 0, most: int = 3) -> float:
    """Return a random float in steps of 0.25, from 0.25 to `most` in size, never 0."""
    return (sign or rng.choice((1, -1))) * rng.randint(1, 4 * most) / 4


def vector(rng: Random, sign: int = 0, n: int | None = None) -> Tensor:
    """Return a tensor (n,) of such numbers; without n its length is 2 to 5."""
    n = n or rng.randint(2, 5)
    numbers = [number(rng, sign) for _ in range(n)]
    if not sign:
        numbers[0], numbers[1] = abs(numbers[0]), -abs(numbers[1])  # both signs for certain
    return torch.tensor(numbers)


def matrix(rng: Random, sign: int, rows: int, columns: int) -> Tensor:
    """Return a tensor (rows, columns) of such numbers."""
    return torch.stack([vector(rng, sign, columns) for _ in range(rows)])
