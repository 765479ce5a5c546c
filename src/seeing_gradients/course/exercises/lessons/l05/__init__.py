"""Lesson 05, detach: five exercises and four predictions."""
