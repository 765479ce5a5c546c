"""Lesson 06, control flow: six exercises and four predictions."""
