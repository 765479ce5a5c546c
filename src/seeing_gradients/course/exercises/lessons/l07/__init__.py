"""Lesson 07, the exercises of the book: eight exercises and five predictions."""
