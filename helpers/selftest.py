"""`from helpers.selftest import selftest`, as lesson 00 types it."""

from seeing_gradients.course.selftest import selftest

__all__ = ["selftest"]
