"""What runs inside the sandbox: it holds no reference solution, no hidden test, no grade and no other answer.

`border` is used on both sides; everything else only here. Nothing in this folder imports the rest of the classroom.
"""
