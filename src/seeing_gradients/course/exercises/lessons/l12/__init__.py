"""Lesson 12, vanishing and exploding: six exercises and four predictions."""
