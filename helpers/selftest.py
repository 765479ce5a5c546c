"""Makes `from helpers.selftest import selftest` work, as lesson 00 writes it."""

from seeing_gradients.course.selftest import selftest

__all__ = ["selftest"]
