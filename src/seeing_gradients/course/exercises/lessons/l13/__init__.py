"""Lesson 13, through time: seven exercises and four predictions."""
