"""Lesson 10, beyond: four exercises and three predictions."""
