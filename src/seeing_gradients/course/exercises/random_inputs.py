"""Draw random inputs for exercises. All are multiples of 0.25: float32 holds these exactly, and they are easy to read.

Use `number(rng, sign)`, `vector(rng, sign, n)` and `matrix(rng, sign, rows, columns)`. `sign` is +1 for positive
numbers, -1 for negative ones, 0 for mixed signs.
"""

from random import Random

import torch
from torch import Tensor


def number(rng: Random, sign: int = 0, most: int = 3) -> float:
    """Return a random multiple of 0.25 with an absolute value from 0.25 to `most`."""
    return (sign or rng.choice((1, -1))) * rng.randint(1, 4 * most) / 4


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
