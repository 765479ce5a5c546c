"""Fresh random inputs for exercises: quarters, which float32 holds exactly and which are easy to read.

`number(rng, sign)` and `vector(rng, sign, n)`: sign +1 or -1 for all positive or negative, 0 for mixed.
"""

import torch


def number(rng, sign=0, most=3):
    """Return a random float in steps of 0.25, from 0.25 to `most` in size, never 0."""
    return (sign or rng.choice((1, -1))) * rng.randint(1, 4 * most) / 4


def vector(rng, sign=0, n=None):
    """Return a tensor (n,) of such numbers; n is 2 to 5 where it is not given."""
    n = n or rng.randint(2, 5)
    numbers = [number(rng, sign) for _ in range(n)]
    if not sign:
        numbers[0], numbers[1] = abs(numbers[0]), -abs(numbers[1])  # both signs, surely
    return torch.tensor(numbers)
