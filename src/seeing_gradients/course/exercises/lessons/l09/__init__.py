"""Lesson 09, the clinic: six exercises, most of them about finding and fixing an error, and five predictions."""
