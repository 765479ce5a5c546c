"""The card of a verdict as a widget, so that Python learns which hints were opened by their buttons."""

from .widget import VerdictOpened, VerdictWidget

__all__ = ["VerdictOpened", "VerdictWidget"]
