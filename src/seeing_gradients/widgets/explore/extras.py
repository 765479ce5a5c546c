"""What not everyone needs, and where it stands in the page: in the toolbar, behind the button "more", or nowhere.

`extra_places` decides; the page remembers whether "more" is open.
"""

from collections.abc import Mapping
from typing import Any

from seeing_gradients.language import abridged, message

from .protocol import ExtraPlace, Extras


def extra_places(switched_on: Mapping[str, Any], custom_engine: bool) -> Extras:
    """Return the place of each extra: "shown", "more" or "none".

    Args:
        switched_on: the options saved, cut and keep of explore.
        custom_engine: whether an engine of one's own runs f, of which no saved tensors are known.

    Raises:
        TypeError: an option is not True or False.
        ValueError: an option is switched on that cannot work.
    """
    for name, value in switched_on.items():
        if not isinstance(value, bool):
            raise TypeError(message("explore.bad_switch", name=name, received=abridged(value)))
    for name in ("saved", "cut"):
        if custom_engine and switched_on[name]:
            raise ValueError(message("explore.engine_has_none", name=name))
    places: dict[str, ExtraPlace] = {name: "shown" if on else "more" for name, on in switched_on.items()}
    if custom_engine:
        places |= {"saved": "none", "cut": "none"}
    return Extras(saved=places["saved"], cut=places["cut"], keep=places["keep"], shapes="more", plot="more")


def extra_labels(custom_engine: bool) -> dict[str, str]:
    """Return the words of the page about extras, and its first sentence, which names what computes."""
    return {"more": message("explore.more"), "tip": message("explore.tip_engine" if custom_engine else "explore.tip")}
