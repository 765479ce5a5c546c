"""Lesson 08, build your own autograd: five exercises and four predictions."""
