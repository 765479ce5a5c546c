"""The code that runs inside the sandbox. It contains no reference solution, hidden test, grade or other answer.

Only `protocol` is used on both sides. Nothing in this folder imports the rest of the classroom.
"""
