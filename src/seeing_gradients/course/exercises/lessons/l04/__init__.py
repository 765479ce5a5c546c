"""Lesson 04, the gradient of a vector: five exercises and five predictions."""
