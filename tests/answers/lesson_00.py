"""Wrong answers to the exercises of lesson 00."""

WRITTEN = {}

OTHER = {
    "00.1": [13, 14.01, -14, 0, 1e9],
    "00.2": [lambda x: 3 * x, lambda x: -2 * x, lambda x: 2 * x + 0.01, lambda x: 2 * x.abs(), lambda x: x.sin()],
}
