"""What runs inside the sandbox: it holds no reference solution, no hidden test, no grade and no other answer.

Only `protocol` is used on both sides. Nothing in this folder imports the rest of the classroom.
"""
