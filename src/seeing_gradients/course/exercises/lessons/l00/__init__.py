"""Lesson 00, start: two exercises and a prediction."""
