"""The exercises and predictions, one folder per lesson.

Exercise 02.3 and its misconceptions are in `l02/exercises_1_to_4_loss.py`, prediction 02.p1 is in `l02/predictions.py`.
A reference function whose source is also the worked solution has no annotations or docstring, since learners read it.
"""
