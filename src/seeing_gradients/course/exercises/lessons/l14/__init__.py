"""Lesson 14, the capstone: six exercises and four predictions."""
