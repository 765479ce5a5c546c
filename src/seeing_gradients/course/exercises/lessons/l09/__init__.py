"""Lesson 09, the clinic: six exercises, most of them to diagnose and to repair, and five predictions."""
