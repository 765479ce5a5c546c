"""Lesson 01, why autograd: five exercises and four predictions."""
