"""Lesson 03, the dot product and the L2 norm: five exercises and five predictions."""
