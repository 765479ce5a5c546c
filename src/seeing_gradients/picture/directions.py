"""The directions in which a picture may run: `check_direction(value)` refuses all others."""

from typing import Any, Literal, TypeAlias, cast, get_args

from seeing_gradients.language import abridged, message

FixedDirection: TypeAlias = Literal["right", "down"]
Direction: TypeAlias = Literal["auto", "right", "down"]


def check_direction(value: Any) -> Direction:
    """Return the value if it is a Direction.

    Raises:
        ValueError: it is not.
    """
    if value not in get_args(Direction):
        raise ValueError(message("draw.direction", received=abridged(value)))
    return cast(Direction, value)
