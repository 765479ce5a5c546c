"""Lesson 11, through a network: six exercises and four predictions."""
